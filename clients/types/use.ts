// What a front end relies on: answers and variables are typed, closed vocabularies are closed, and what may be null has to be looked at. Compiled only.
import type { ResultOf, VariablesOf } from "@graphql-typed-document-node/core";

import { AccountsDocument, SyncStatusDocument, UserCreateDocument, UserUpdateDocument, ViewerDocument } from "./generated/graphql.js";
import type { Permission } from "./generated/graphql.js";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <_T extends true>() => {};

type Viewer = ResultOf<typeof ViewerDocument>["viewer"];
holds<Same<Viewer["permissions"], Permission[]>>();
holds<Same<Viewer["organization"]["name"], string>>();

type Created = ResultOf<typeof UserCreateDocument>["userCreate"];
holds<null extends Created["user"] ? true : false>();
holds<Same<Created["userErrors"][number]["field"], string[]>>();

holds<Same<ResultOf<typeof SyncStatusDocument>["syncStatus"]["settled"], boolean>>();
holds<Same<VariablesOf<typeof SyncStatusDocument>["app"], string>>();

export const create: VariablesOf<typeof UserCreateDocument> = { input: { userName: "ann", primaryEmail: "ann@example.com", givenName: null } };
export const update: VariablesOf<typeof UserUpdateDocument> = { input: { userId: "x", title: null } };
// @ts-expect-error an attribute that does not exist
export const misspelt: VariablesOf<typeof UserCreateDocument> = { input: { userName: "ann", primaryEmail: "ann@example.com", firstName: "Ann" } };
// @ts-expect-error a required attribute is missing
export const incomplete: VariablesOf<typeof UserCreateDocument> = { input: { userName: "ann" } };

export type Accounts = ResultOf<typeof AccountsDocument>;
