// Relay's store and network without React: pages of a connection, a node fetched again, edges put in and taken out by mutations, events.
// Needs what relay-compiler makes of relay/src (check.mjs).
import assert from "node:assert/strict";
import { createRequire } from "node:module";

import { createClient } from "graphql-ws";
import runtime from "relay-runtime";
import WebSocket from "ws";

import { soon, somebody } from "./documents.mjs";
import { socketUrl } from "./streams.mjs";

const { ConnectionHandler, Environment, Network, Observable, RecordSource, Store, commitMutation, createOperationDescriptor, fetchQuery, getSelector, requestSubscription } = runtime;

const require = createRequire(import.meta.url);
const generated = (name) => require(`../relay/generated/${name}.graphql.js`);

export async function relay({ url, token }) {
  const authorization = `Bearer ${token}`;
  const socket = createClient({ url: socketUrl(url), webSocketImpl: WebSocket, connectionParams: { authorization } });
  const ask = async ({ text }, variables) => {
    const body = JSON.stringify({ query: text, variables });
    return (await fetch(url, { method: "POST", headers: { authorization, "content-type": "application/json" }, body })).json();
  };
  const watch = ({ text }, variables) => Observable.create((sink) => socket.subscribe({ query: text, variables }, sink));
  const environment = new Environment({ network: Network.create(ask, watch), store: new Store(new RecordSource()) });
  const disposables = [];
  /** The answer, kept in the store for as long as this runs. */
  const query = async (name, variables) => {
    disposables.push(environment.retain(createOperationDescriptor(generated(name), variables)));
    return soon(fetchQuery(environment, generated(name), variables).toPromise(), name);
  };
  const mutate = (name, variables) =>
    soon(new Promise((onCompleted, onError) => commitMutation(environment, { mutation: generated(name), variables, onCompleted, onError })), name);
  const read = (fragment, owner) => environment.lookup(getSelector(generated(fragment), owner)).data;

  const answer = await query("PeopleQuery", { count: 2 });
  const people = () => read("People_list", answer).users;
  assert.equal(people().edges.length, 2);
  assert.ok(people().pageInfo.hasNextPage);
  await query("PeoplePaginationQuery", { count: 2, cursor: people().pageInfo.endCursor });
  const ids = people().edges.map(({ node }) => node.id);
  assert.equal(new Set(ids).size, 4);
  const { node } = await query("PersonRefetchQuery", { id: ids[0] });
  assert.equal(read("Person_user", node).status, read("Person_user", people().edges[0].node).status);

  const connections = [ConnectionHandler.getConnectionID("client:root", "People_users", { search: null })];
  const { userCreate } = await mutate("PeopleCreateMutation", { input: somebody(), connections });
  assert.deepEqual(userCreate.userErrors, []);
  const userId = userCreate.userEdge.node.id;
  assert.equal(people().edges[0].node.id, userId);

  const apps = (await query("AppsQuery", {})).apps;
  const app = apps.edges[0].node;
  const accounts = () => read("AppAccounts_app", app).accounts;
  const before = accounts();
  await query("AppAccountsPaginationQuery", { id: app.id, first: 2, after: before.pageInfo.endCursor, orderBy: "USER_NAME_ASC" });
  assert.equal(accounts().edges.length, 4);
  const apart = [ConnectionHandler.getConnectionID("client:root", "Apps_apps")];
  const { appAdd } = await mutate("AppsAddMutation", { input: { name: `Relay ${userId.slice(-6)}` }, connections: apart });
  assert.deepEqual(appAdd.userErrors, []);
  assert.equal(environment.getStore().getSource().get(apart[0])?.edges.__refs.length, apps.edges.length + 1);

  const account = accounts().edges[0].node;
  const event = (name, variables) =>
    new Promise((resolve, onError) => disposables.push(requestSubscription(environment, { subscription: generated(name), variables, onNext: resolve, onError })));
  const changed = await soon(event("AppsAccountChangedSubscription", { app: app.id, accounts: [account.id] }), "event");
  assert.deepEqual([changed.accountChanged.snapshot, changed.accountChanged.accounts[0].id], [true, account.id]);
  assert.ok((await soon(event("AppsSyncStatusSubscription", { app: app.id }), "event")).syncStatus.total > 0);

  const { userDelete } = await mutate("PeopleDeleteMutation", { input: { userId }, connections });
  assert.deepEqual(userDelete.userErrors, []);
  assert.ok(!people().edges.some(({ node }) => node?.id === userId));
  for (const each of disposables) each.dispose();
  await socket.dispose();
  return "connections in the store, refetch by node, edges in and out, subscriptions";
}
