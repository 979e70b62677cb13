// Every rule of GraphQL's specification, §5, by a document that breaks it, and forms that must be accepted: what graphql-js makes of them the server makes too.
// So a document that a front end's own tools accept is accepted, and what they refuse does not slip through where nobody has such tools.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { buildSchema, parse, validate } from "graphql";

const REMOVE = "mutation A($id: ID) { appRemove(input: INPUT) { userErrors { code } } }";
const ASSIGN = 'mutation A($u: [ID!]!) { usersAssign(input: { appId: "x", targets: INPUT }) { userErrors { code } } }';

const DOCUMENTS = {
  "operation names are unique": "query A { viewer { permissions } } query A { viewer { permissions } }",
  "an anonymous operation is alone": "{ viewer { permissions } } query A { viewer { permissions } }",
  "one field per subscription": 'subscription A { a: syncStatus(appId: "x") { total } b: syncStatus(appId: "y") { total } }',
  "no introspection at a subscription's root": "subscription A { __typename }",
  "only executable definitions": "type A { a: Int } { viewer { permissions } }",
  "fields exist": "{ viewer { nothing } }",
  "fields can be merged": "{ viewer { user { a: id a: name } } }",
  "arguments can be merged": '{ a: user(id: "1") { id } a: user(id: "2") { id } }',
  "leaves have no selections": "{ viewer { permissions { name } } }",
  "objects have selections": "{ viewer }",
  "selections are not empty": "{ viewer {} }",
  "arguments exist": '{ user(id: "x", name: "y") { id } }',
  "arguments are unique": '{ user(id: "x", id: "y") { id } }',
  "required arguments are there": "{ user { id } }",
  "fragment names are unique": "{ viewer { ...F } } fragment F on Viewer { permissions } fragment F on Viewer { permissions }",
  "types of fragments exist": "{ viewer { ... on Nothing { id } } }",
  "fragments are on composite types": "{ viewer { ...F } } fragment F on DateTime { id }",
  "fragments are used": "{ viewer { permissions } } fragment F on User { id }",
  "fragments exist": "{ viewer { ...F } }",
  "fragments do not spread themselves": "{ viewer { ...F } } fragment F on Viewer { ...F }",
  "fragments are possible": "{ viewer { ... on User { id } } }",
  "values have their types": "{ user(id: { a: 1 }) { id } }",
  "a text is not a number": '{ users(first: "1") { totalCount } }',
  "a number is not a text": "{ users(search: 1) { totalCount } }",
  "integers are whole": "{ users(first: 1.5) { totalCount } }",
  "integers have 32 bits": "{ users(first: 99999999999) { totalCount } }",
  "values of enums exist": "{ users(orderBy: NOTHING) { totalCount } }",
  "null is not for what is not null": "{ users(orderBy: null) { totalCount } }",
  "fields of inputs exist": REMOVE.replace("INPUT", '{ appId: "x", name: "y" }').replace("($id: ID)", ""),
  "required fields of inputs are there": REMOVE.replace("INPUT", "{}").replace("($id: ID)", ""),
  "one of: not two": ASSIGN.replace("INPUT", '{ userIds: ["x"], matching: { expectedCount: 1 } }').replace("($u: [ID!]!)", ""),
  "one of: not none": ASSIGN.replace("INPUT", "{}").replace("($u: [ID!]!)", ""),
  "one of: not null": ASSIGN.replace("INPUT", "{ userIds: null }").replace("($u: [ID!]!)", ""),
  "directives exist": "{ viewer @nothing { permissions } }",
  "directives are in their place": "query A @include(if: true) { viewer { permissions } }",
  "directives are unique": "{ viewer @include(if: true) @include(if: true) { permissions } }",
  "directives have their arguments": "{ viewer @skip { permissions } }",
  "arguments of directives have their types": '{ viewer @skip(if: "x") { permissions } }',
  "variables are unique": 'query A($x: ID = "x", $x: ID) { node(id: $x) { id } }',
  "variables are of input types": "query A($x: User) { user(id: $x) { id } }",
  "types of variables exist": "query A($x: Nothing) { user(id: $x) { id } }",
  "variables exist": "query A { user(id: $x) { id } }",
  "variables are used": 'query A($x: Int) { viewer { permissions } }',
  "defaults of variables have their types": 'query A($x: Int = "a") { users(first: $x) { totalCount } }',

  "accepted: one value for a list": '{ nodes(ids: "x") { id } }',
  "accepted: a variable with a default where null is not permitted": "query A($o: UserOrderBy = NAME_ASC) { users(orderBy: $o) { totalCount } }",
  "accepted: a variable that is not given": "query A($f: Int) { users(first: $f) { totalCount } }",
  "accepted: null for absent": "{ users(search: null) { totalCount } }",
  "accepted: a block text": '{ users(search: """a""") { totalCount } }',
  "accepted: commas anywhere, a byte order mark": "\uFEFF{,viewer,{,permissions,},}",
  "accepted: a type that is not there": '{ __type(name: "Nothing") { name } }',
  "accepted: the names of types": "{ __typename viewer { __typename } }",
  "accepted: different fields of different types under one name": '{ node(id: "x") { ... on User { a: name } ... on AdminRole { a: description } } }',
};

/** Where the engine (async-graphql 7) judges otherwise, and what that means for a client. */
const LENIENT = {
  "fields can be merged, through fragments": ["{ viewer { user { ...F a: name } } } fragment F on User { a: id }", "the first one is answered"],
  "fields of different types can be merged": ['{ node(id: "x") { ... on User { a: id } ... on App { a: viewerCanAssign } } }', "each type is answered in its own way"],
  "types of variables fit where they are used": ["query A($x: Int = 1) { users(search: $x) { totalCount } }", "the value has to fit, not the type; refused when it is executed"],
  "variables may not be null where null is not permitted": ["query A($x: ID) { user(id: $x) { id } }", "the same"],
  "fields of inputs are unique": [REMOVE.replace("INPUT", '{ appId: "x", appId: "y" }').replace("($id: ID)", ""), "the last one counts"],
  "a text is not a value of an enum": ['{ users(orderBy: "NAME_ASC") { totalCount } }', "taken for the value"],
};

export async function validation({ url, token }) {
  const schema = buildSchema(readFileSync(new URL("../../schema.graphql", import.meta.url), "utf8"));
  const accepted = (query) => {
    try {
      return validate(schema, parse(query)).length === 0;
    } catch {
      return false;
    }
  };
  const served = async (query) => {
    const accept = query.startsWith("subscription") ? "text/event-stream" : "application/graphql-response+json";
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json", accept };
    const text = await (await fetch(url, { method: "POST", headers, body: JSON.stringify({ query }) })).text();
    // An error with a path comes from execution.
    return !/"GRAPHQL_(VALIDATION|PARSE)_FAILED"/.test(text) && !(text.includes('"BAD_USER_INPUT"') && !text.includes('"path"'));
  };
  const differing = [];
  for (const [name, query] of Object.entries(DOCUMENTS)) {
    assert.equal(accepted(query), name.startsWith("accepted"), `graphql-js: ${name}`);
    if ((await served(query)) !== accepted(query)) differing.push(name);
  }
  assert.deepEqual(differing, []);
  for (const [name, [query]] of Object.entries(LENIENT)) {
    assert.ok(!accepted(query) && (await served(query)), `the engine is not lenient any more: ${name}`);
  }
  return `${Object.keys(DOCUMENTS).length} documents as graphql-js judges them, ${Object.keys(LENIENT).length} known to differ`;
}
