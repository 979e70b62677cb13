// What every reference client is made to do: read, write and watch.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

export const VIEWER = "query Viewer { viewer { user { id name } permissions } }";
export const PERSON = "query Person($id: ID!) { user(id: $id) { id userName revision } }";
export const APPS = "query Apps { apps(first: 1) { nodes { id } } }";
export const CREATE = "mutation UserCreate($input: UserCreateInput!) { userCreate(input: $input) { user { id userName } userErrors { code message field } } }";
export const SYNC_STATUS = "subscription SyncStatus($app: ID!) { syncStatus(appId: $app) { appId total settled } }";
export const WRONG = "query Wrong { viewer { nothingLikeThis } }";

/** A person whom no run has made before. */
export function somebody() {
  const name = `client-${randomUUID().slice(0, 8)}`;
  return { userName: `${name}@example.com`, primaryEmail: `${name}@example.com`, givenName: "Reference", familyName: "Client" };
}

export function isViewer(data) {
  assert.ok(data.viewer.user.id);
  assert.ok(data.viewer.permissions.includes("MANAGE_USERS"));
}

export function wasCreated(data, input) {
  assert.deepEqual(data.userCreate.userErrors, []);
  assert.equal(data.userCreate.user.userName, input.userName);
}

export function isStatus(data, app) {
  assert.equal(data.syncStatus.appId, app);
  assert.ok(data.syncStatus.total > 0);
}

/** Refuses to wait longer than anybody would. */
export async function soon(promise, what) {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error(`no ${what} within 15 seconds`)), 15_000)));
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
