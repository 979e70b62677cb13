// graphql-ws and graphql-sse: everything over a stream.
import assert from "node:assert/strict";

import { createClient as createSse } from "graphql-sse";
import { createClient as createWs } from "graphql-ws";
import WebSocket from "ws";

import { APPS, CREATE, SYNC_STATUS, VIEWER, WRONG, isStatus, isViewer, soon, somebody, wasCreated } from "./documents.mjs";

export const socketUrl = (url) => url.replace(/^http/, "ws");

/** The first result of an operation; ends the operation. */
async function first(client, query, variables) {
  for await (const { data, errors } of client.iterate({ query, variables })) {
    assert.equal(errors, undefined);
    return data;
  }
  throw new Error("the operation ended without a result");
}

async function everything(client) {
  isViewer(await soon(first(client, VIEWER), "viewer"));
  const input = somebody();
  wasCreated(await soon(first(client, CREATE, { input }), "mutation"), input);
  const app = (await soon(first(client, APPS), "apps")).apps.nodes[0].id;
  isStatus(await soon(first(client, SYNC_STATUS, { app }), "event"), app);
}

export async function graphqlWs({ url, token }) {
  const client = createWs({ url: socketUrl(url), webSocketImpl: WebSocket, connectionParams: { authorization: `Bearer ${token}` }, keepAlive: 200 });
  try {
    await everything(client);
    const refused = await soon(first(client, WRONG).catch((errors) => errors), "refusal");
    assert.equal(refused[0].extensions.code, "GRAPHQL_VALIDATION_FAILED");
  } finally {
    await client.dispose();
  }

  // A bad token is final: the client must not try again.
  let attempts = 0;
  const on = { connecting: () => (attempts += 1) };
  const stranger = createWs({ url: socketUrl(url), webSocketImpl: WebSocket, connectionParams: { authorization: "Bearer wrong" }, retryAttempts: 5, on });
  const closed = await soon(first(stranger, VIEWER).catch((event) => event), "close");
  assert.equal(closed.code, 4401);
  assert.equal(attempts, 1);
  return "query, mutation, subscription, refusal, pings, 4401 without retries";
}

export async function graphqlSse({ url, token }) {
  const client = createSse({ url, headers: { authorization: `Bearer ${token}` }, retryAttempts: 0 });
  try {
    await everything(client);
    // As the reference server does: the stream opens, and its only event is the refusal.
    const refused = await soon(client.iterate({ query: WRONG }).next(), "refusal");
    assert.equal(refused.value.errors[0].extensions.code, "GRAPHQL_VALIDATION_FAILED");
  } finally {
    client.dispose();
  }

  const stranger = createSse({ url, retryAttempts: 0 });
  const failed = await soon(first(stranger, VIEWER).catch((error) => error), "refusal");
  assert.equal(failed.response.status, 401);
  return "query, mutation, subscription, refusals";
}
