// graphql-request, and graphql-http's own client: single requests by POST.
import assert from "node:assert/strict";

import { createClient } from "graphql-http";
import { ClientError, GraphQLClient } from "graphql-request";

import { CREATE, VIEWER, WRONG, isViewer, somebody, wasCreated } from "./documents.mjs";

export async function graphqlRequest({ url, token }) {
  const client = new GraphQLClient(url, { headers: { authorization: `Bearer ${token}` } });
  isViewer(await client.request(VIEWER));
  const input = somebody();
  wasCreated(await client.request(CREATE, { input }), input);

  const refused = await client.request(WRONG).catch((error) => error);
  assert.ok(refused instanceof ClientError);
  assert.equal(refused.response.errors[0].extensions.code, "GRAPHQL_VALIDATION_FAILED");

  const stranger = await new GraphQLClient(url).request(VIEWER).catch((error) => error);
  assert.equal(stranger.response.status, 401);
  assert.equal(stranger.response.errors[0].extensions.code, "UNAUTHENTICATED");
  return "query, mutation, refusals";
}

export async function graphqlHttp({ url, token }) {
  const client = createClient({ url, headers: { authorization: `Bearer ${token}` } });
  const ask = (query, variables) =>
    new Promise((resolve, reject) => {
      let result;
      client.subscribe({ query, variables }, { next: (data) => (result = data), error: reject, complete: () => resolve(result.data) });
    });
  isViewer(await ask(VIEWER));
  const input = somebody();
  wasCreated(await ask(CREATE, { input }), input);
  client.dispose();
  return "query, mutation";
}
