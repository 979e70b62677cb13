// Apollo Client without React: HTTP for queries and mutations, graphql-ws for subscriptions, its cache with Relay's lists, and persisted queries.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";

import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { CombinedGraphQLErrors } from "@apollo/client/errors";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { OperationTypeNode } from "graphql";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { relayStylePagination } from "@apollo/client/utilities";

import { APPS, CREATE, SYNC_STATUS, VIEWER, WRONG, isStatus, isViewer, soon, somebody, wasCreated } from "./documents.mjs";
import { socketUrl } from "./streams.mjs";

const PAGE = gql`
  query People($after: String) {
    users(first: 2, after: $after) {
      edges {
        cursor
        node {
          id
          name
        }
      }
      pageInfo {
        endCursor
        hasNextPage
      }
    }
  }
`;

// The first time its text is sent after its name was not known; the second time the name alone, by GET.
async function persisted({ url, token }) {
  const requests = [];
  const watched = (uri, options) => {
    requests.push(`${options.method} ${options.body?.includes("query Viewer") ? "text" : "name"}`);
    return fetch(uri, options);
  };
  const sha256 = (text) => createHash("sha256").update(text).digest("hex");
  const names = new PersistedQueryLink({ sha256, useGETForHashedQueries: true });
  const http = new HttpLink({ uri: url, headers: { authorization: `Bearer ${token}` }, fetch: watched });
  const client = new ApolloClient({ link: ApolloLink.from([names, http]), cache: new InMemoryCache() });
  const query = gql(VIEWER.replace("query Viewer", `query Viewer${Date.now()}`));
  for (const _ of [1, 2]) {
    isViewer((await client.query({ query, fetchPolicy: "network-only" })).data);
  }
  client.stop();
  assert.deepEqual(requests, ["GET name", "POST text", "GET name"]);
}

export async function apollo({ url, token }) {
  const authorization = `Bearer ${token}`;
  const socket = createClient({ url: socketUrl(url), webSocketImpl: WebSocket, connectionParams: { authorization } });
  const client = new ApolloClient({
    link: ApolloLink.split(({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION, new GraphQLWsLink(socket), new HttpLink({ uri: url, headers: { authorization } })),
    cache: new InMemoryCache({ typePolicies: { Query: { fields: { users: relayStylePagination() } } } }),
  });
  isViewer((await client.query({ query: gql(VIEWER) })).data);
  const input = somebody();
  wasCreated((await client.mutate({ mutation: gql(CREATE), variables: { input } })).data, input);
  const app = (await client.query({ query: gql(APPS) })).data.apps.nodes[0].id;
  const event = new Promise((resolve, reject) => {
    const watched = client.subscribe({ query: gql(SYNC_STATUS), variables: { app } }).subscribe({
      next: ({ data, error }) => {
        setTimeout(() => watched.unsubscribe());
        error ? reject(error) : resolve(data);
      },
      error: reject,
    });
  });
  isStatus(await soon(event, "event"), app);

  const pages = client.watchQuery({ query: PAGE });
  const { data } = await pages.refetch();
  await pages.fetchMore({ variables: { after: data.users.pageInfo.endCursor } });
  const merged = client.readQuery({ query: PAGE }).users.edges.map(({ node }) => node.id);
  assert.equal(new Set(merged).size, 4);

  const refused = await client.query({ query: gql(WRONG) }).catch((error) => error);
  assert.ok(CombinedGraphQLErrors.is(refused));
  assert.equal(refused.errors[0].extensions.code, "GRAPHQL_VALIDATION_FAILED");
  client.stop();
  await socket.dispose();
  await persisted({ url, token });
  return "query, mutation, subscription, two pages merged, refusal, persisted queries";
}
