// What tools learn by introspection: graphql-js asks for everything it knows of, and the schema that comes out is the one of schema.graphql.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { diff } from "@graphql-inspector/core";
import { buildClientSchema, buildSchema, getIntrospectionQuery, printSchema, validateSchema } from "graphql";

export async function introspection({ url, token }) {
  const query = getIntrospectionQuery({ descriptions: true, specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true, inputValueDeprecation: true, oneOf: true });
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const { data, errors } = await (await fetch(url, { method: "POST", headers, body: JSON.stringify({ query }) })).json();
  assert.equal(errors, undefined);
  const served = buildClientSchema(data);
  assert.deepEqual(validateSchema(served), []);
  const written = buildSchema(readFileSync(new URL("../../schema.graphql", import.meta.url), "utf8"));
  // Both in the same words, because @oneOf and @specifiedBy are no directives any more in what introspection tells.
  const changes = await diff(buildSchema(printSchema(written)), buildSchema(printSchema(served)));
  assert.deepEqual(changes.map(({ message }) => message), []);
  return `${Object.keys(served.getTypeMap()).length} types, as in schema.graphql`;
}
