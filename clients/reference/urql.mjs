// urql's core: queries by GET, as it does unless told otherwise, mutations by POST, subscriptions by server-sent events and by WebSocket.
import assert from "node:assert/strict";

import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { createClient } from "graphql-ws";
import WebSocket from "ws";

import { APPS, CREATE, SYNC_STATUS, VIEWER, WRONG, isStatus, isViewer, soon, somebody, wasCreated } from "./documents.mjs";
import { socketUrl } from "./streams.mjs";

export async function urql({ url, token }) {
  const methods = [];
  const counted = (input, init) => {
    methods.push(init?.method ?? "GET");
    return fetch(input, init);
  };
  const options = { url, fetch: counted, fetchOptions: { headers: { authorization: `Bearer ${token}` } }, preferGetMethod: "within-url-limit" };
  const client = new Client({ ...options, fetchSubscriptions: true, exchanges: [fetchExchange] });
  isViewer(data(await client.query(VIEWER, {})));
  const input = somebody();
  wasCreated(data(await client.mutation(CREATE, { input })), input);
  const app = data(await client.query(APPS, {})).apps.nodes[0].id;
  assert.deepEqual(methods, ["GET", "POST", "GET"]);
  isStatus(await soon(event(client, app), "event by server-sent events"), app);
  const { error } = await client.query(WRONG, {});
  assert.equal(error.graphQLErrors[0].extensions.code, "GRAPHQL_VALIDATION_FAILED");

  const socket = createClient({ url: socketUrl(url), webSocketImpl: WebSocket, connectionParams: { authorization: `Bearer ${token}` } });
  const forwardSubscription = ({ query, variables }) => ({
    subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
  });
  const watching = new Client({ ...options, exchanges: [subscriptionExchange({ forwardSubscription }), fetchExchange] });
  isStatus(await soon(event(watching, app), "event by WebSocket"), app);
  await socket.dispose();
  return "query by GET, mutation, subscription both ways, refusal";
}

function data(result) {
  assert.equal(result.error, undefined);
  return result.data;
}

function event(client, app) {
  return new Promise((resolve, reject) => {
    const { unsubscribe } = client.subscription(SYNC_STATUS, { app }).subscribe((result) => {
      setTimeout(() => unsubscribe());
      result.error ? reject(result.error) : resolve(result.data);
    });
  });
}
