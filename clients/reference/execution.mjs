// The form of answers, as the specification has it: fields in the order of the document (§7.2.2), and null around a field that failed and may not be null
// itself (§6.4.4), so that what typed clients believe of an answer is true.
import assert from "node:assert/strict";

const FAILS = "accounts(first: -1) { totalCount }";

export async function execution({ url, token }) {
  const ask = async (query) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    return (await fetch(url, { method: "POST", headers, body: JSON.stringify({ query }) })).json();
  };
  const app = (await ask("{ apps { nodes { id } } }")).data.apps.nodes[0].id;

  const names = Array.from({ length: 30 }, (_, at) => `a${at}`);
  const many = await ask(`{ ${names.map((name) => `${name}: users(first: 1, search: "${name}") { totalCount }`).join(" ")} }`);
  assert.deepEqual(Object.keys(many.data), names);
  const mixed = await ask("{ apps { totalCount } v: viewer { ...V permissions } __typename } fragment V on Viewer { user { name accounts { id } id } }");
  assert.equal(JSON.stringify(mixed).match(/"(apps|v|user|name|accounts|id|permissions|__typename)"/g).join(), '"apps","v","user","name","accounts","id","permissions","__typename"');

  const cases = [
    [`{ node(id: "${app}") { id ... on App { ${FAILS} } } __typename }`, { node: null, __typename: "Query" }],
    [`{ nodes(ids: ["${app}", "x"]) { id ... on App { ${FAILS} } } __typename }`, { nodes: [null, null], __typename: "Query" }],
    [`{ apps { nodes { id ${FAILS} } } __typename }`, null],
    [`{ apps { nodes { ${FAILS} } } __typename }`, null],
    ["{ users(first: -1) { totalCount } __typename }", null],
    ["{ viewer { permissions @skip(if: true) } __typename }", { viewer: {}, __typename: "Query" }],
  ];
  for (const [query, data] of cases) assert.deepEqual((await ask(query)).data, data, query);
  return "fields in order, null where it may be";
}
