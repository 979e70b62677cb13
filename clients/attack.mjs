// What scanners of GraphQL servers try (graphql-cop, and a few more), each with the answer that it must get. Answers are judged with and without a token:
// a stranger learns nothing but that a token is needed.
import assert from "node:assert/strict";
import { request } from "node:http";

import WebSocket from "ws";

const PAGE = "https://attacker.example";
const repeat = (times, text) => Array.from({ length: times }, (_, index) => text.replaceAll("#", index)).join(" ");

/** The types of Node's interface, whose types … as deep as asked: every level has as many times more as there are kinds of node. */
const circular = (levels) => `{ __type(name: "Node") { ${"possibleTypes { interfaces { ".repeat(levels)} name ${"} } ".repeat(levels)} } }`;

/** Documents that must be refused, each with the code of the refusal. */
const DOCUMENTS = {
  "aliases, 101": [`{ ${repeat(101, "a#: __typename")} }`, "QUERY_TOO_COMPLEX"],
  "aliases in fragments, 60": [`{ ${repeat(60, "...F#")} } ${repeat(60, "fragment F# on Query { a#: __typename }")}`, "QUERY_TOO_COMPLEX"],
  "one field, 500 times": [`{ viewer { user { ${repeat(500, "name")} } } }`, "QUERY_TOO_COMPLEX"],
  "unknown directives, 200": [`{ __typename ${"@aa".repeat(200)} }`, "QUERY_TOO_COMPLEX"],
  "known directives on one field, 10": [`{ viewer { permissions ${"@include(if: true) ".repeat(10)} } }`, "QUERY_TOO_COMPLEX"],
  "introspection in circles": [circular(2), "QUERY_TOO_COMPLEX"],
  "introspection in circles, fields of types": ["{ __schema { types { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } } }", "QUERY_TOO_COMPLEX"],
  "introspection in circles, by fragments": [`{ __schema { types { ...F0 } } } ${repeat(2, "fragment F# on __Type { possibleTypes { interfaces { ...G# } } }")} fragment G0 on __Type { ...F1 } fragment G1 on __Type { name }`, "QUERY_TOO_COMPLEX"],
  "nesting, 30 levels": [`{ ${"a { ".repeat(30)} b ${"} ".repeat(30)} }`, "QUERY_TOO_COMPLEX"],
  "nesting, 10,000 brackets": [`{ a(x: ${"[".repeat(10_000)}`, "QUERY_TOO_COMPLEX"],
  "pages of pages": ["{ apps(first: 100) { nodes { accounts(first: 100) { nodes { user { accounts { id } } } } } } }", "QUERY_TOO_COMPLEX"],
  "fragments that double": [`{ ...F0 } ${Array.from({ length: 40 }, (_, at) => `fragment F${at} on Query { ...F${at + 1} ...F${at + 1} }`).join(" ")} fragment F40 on Query { __typename }`, "QUERY_TOO_COMPLEX"],
  "accounts of people of accounts": [`{ viewer { user { ${"accounts { user { ".repeat(5)} accounts { id } ${"} } ".repeat(5)} } } }`, "QUERY_TOO_COMPLEX"],
  "a fragment that spreads itself": ["{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", "GRAPHQL_VALIDATION_FAILED"],
  "a text of 100 KB": [`{ __typename } # ${"x".repeat(100_000)}`, "QUERY_TOO_COMPLEX"],
  "a page of a million": ["{ users(first: 1000000) { nodes { id } } }", "BAD_USER_INPUT"],
  "a page before the first": ["{ users(first: -1) { nodes { id } } }", "BAD_USER_INPUT"],
  "a cursor that is made up": ['{ users(after: "x") { nodes { id } } }', "BAD_USER_INPUT"],
};

/** Requests that are no GraphQL requests, or not permitted in this way: what is sent, status, code. */
const JSON_TYPE = { "content-type": "application/json" };
const FORM_TYPE = { "content-type": "application/x-www-form-urlencoded" };
const MULTIPART = "--b\r\ncontent-disposition: form-data; name=\"operations\"\r\n\r\n{\"query\":\"{__typename}\"}\r\n--b--\r\n";
const REQUESTS = {
  "a batch of ten": [{ headers: JSON_TYPE, body: JSON.stringify(Array(10).fill({ query: "{ __typename }" })) }, 400, "BAD_REQUEST"],
  "a mutation by GET": [{ method: "GET", query: { query: 'mutation { userDelete(input: { userId: "x" }) { deletedUserId } }' } }, 405, "METHOD_NOT_ALLOWED"],
  "a query as a form": [{ headers: FORM_TYPE, body: "query=%7B__typename%7D" }, 415, "UNSUPPORTED_MEDIA_TYPE"],
  "a mutation as a form": [{ headers: FORM_TYPE, body: "query=mutation%7B__typename%7D" }, 415, "UNSUPPORTED_MEDIA_TYPE"],
  "JSON as text/plain": [{ headers: { "content-type": "text/plain" }, body: '{"query":"{__typename}"}' }, 415, "UNSUPPORTED_MEDIA_TYPE"],
  "an upload": [{ headers: { "content-type": "multipart/form-data; boundary=b" }, body: MULTIPART }, 415, "UNSUPPORTED_MEDIA_TYPE"],
  "PUT": [{ method: "PUT", headers: JSON_TYPE, body: '{"query":"{__typename}"}' }, 405, "METHOD_NOT_ALLOWED"],
  "TRACE": [{ method: "TRACE" }, 405, "METHOD_NOT_ALLOWED"],
  "300 KB": [{ headers: JSON_TYPE, body: JSON.stringify({ query: "{ __typename }", variables: { x: "x".repeat(300_000) } }) }, 413, "PAYLOAD_TOO_LARGE"],
  "broken JSON": [{ headers: JSON_TYPE, body: '{"query":' }, 400, "BAD_REQUEST"],
  "a subscription without a stream": [{ headers: JSON_TYPE, body: JSON.stringify({ query: 'subscription { syncStatus(appId: "x") { total } }' }) }, 400, "BAD_REQUEST"],
};

/** Requests of a stranger, who is told the same whatever is asked. */
const STRANGERS = {
  "introspection without a token": { body: { query: "{ __schema { types { name } } }" } },
  "introspection by GET without a token": { method: "GET", query: { query: "{ __schema { types { name } } }" } },
  "a misspelt field without a token": { body: { query: "{ viewr { user { nam } } }" } },
  "a broken document without a token": { body: { query: "{ viewer {" } },
  "a mutation without a token": { body: { query: 'mutation { userDelete(input: { userId: "x" }) { deletedUserId } }' } },
  "a token that is not one": { body: { query: "{ viewer { permissions } }" }, headers: { authorization: "Bearer x.y.z" } },
  "a token with no signature": { body: { query: "{ viewer { permissions } }" }, headers: { authorization: "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0." } },
};

export async function attack(table, { url, token }) {
  const bearer = { authorization: `Bearer ${token}` };
  const judged = (name, work) => table.row(`attack: ${name}`, work);

  for (const [name, [query, code]] of Object.entries(DOCUMENTS)) {
    await judged(name, async () => {
      const begun = performance.now();
      const answer = await send(url, { headers: { ...bearer, ...JSON_TYPE }, body: JSON.stringify({ query }) });
      const taken = performance.now() - begun;
      assert.equal(answer.status, 200);
      assert.equal(answer.json?.errors?.[0]?.extensions?.code, code, answer.text.slice(0, 300));
      assert.ok(answer.json.errors.length <= 5, `${answer.json.errors.length} errors`);
      assert.ok(taken < 1_000, `took ${taken} ms`);
      return code;
    });
  }

  for (const [name, [options, status, code]] of Object.entries(REQUESTS)) {
    await judged(name, async () => {
      const answer = await send(url, { ...options, headers: { ...bearer, ...options.headers } });
      assert.equal(answer.status, status, answer.text.slice(0, 300));
      assert.equal(answer.json?.errors?.[0]?.extensions?.code, code, answer.text.slice(0, 300));
      assert.doesNotMatch(answer.json.errors[0].message, /serde|Error\(|panicked|\.rs/);
      return `${status} ${code}`;
    });
  }

  for (const [name, options] of Object.entries(STRANGERS)) {
    await judged(name, async () => {
      const body = options.body && JSON.stringify(options.body);
      const answer = await send(url, { ...options, body, headers: { ...JSON_TYPE, ...options.headers } });
      assert.equal(answer.status, 401, answer.text.slice(0, 300));
      assert.match(answer.headers["www-authenticate"], /^Bearer/);
      assert.deepEqual(Object.keys(answer.json), ["errors"]);
      assert.doesNotMatch(answer.text, /did you mean|viewer|userDelete|Unknown field/i);
      return "401, nothing told";
    });
  }

  await judged("a page of another site reads", async () => {
    for (const origin of [PAGE, "null", "http://127.0.0.1:1"]) {
      const answer = await send(url, { headers: { ...bearer, ...JSON_TYPE, origin }, body: '{"query":"{__typename}"}' });
      assert.equal(answer.headers["access-control-allow-origin"], undefined, origin);
      const asked = await send(url, { method: "OPTIONS", headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "content-type" } });
      assert.equal(asked.headers["access-control-allow-origin"], undefined, origin);
    }
    return "no CORS headers for it";
  });

  await judged("a page of another site opens a WebSocket", async () => {
    const closed = await socket(url, PAGE);
    assert.ok([401, 403, 4401, 4403].includes(closed), `closed with ${closed}`);
    return `${closed}: no token comes by itself`;
  });

  await judged("tracing asked for", async () => {
    const headers = { ...bearer, ...JSON_TYPE, "x-apollo-tracing": "1", "apollo-federation-include-trace": "ftv1", traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };
    const answer = await send(url, { headers, body: JSON.stringify({ query: "{ viewer { permissions } }", extensions: { tracing: true } }) });
    assert.equal(answer.json.extensions, undefined);
    for (const name of ["server", "x-powered-by", "server-timing", "traceresponse"]) assert.equal(answer.headers[name], undefined, name);
    return "no trace, no name of the server's software";
  });

  await judged("a request id with a line break's escape", async () => {
    const answer = await send(url, { headers: { ...bearer, ...JSON_TYPE, "x-request-id": "a%0d%0ab <script>" }, body: '{"query":"{__typename}"}' });
    assert.doesNotMatch(answer.headers["x-request-id"], /script/);
    return "replaced";
  });

  await judged("GraphiQL and its sign-in", async () => {
    const page = await send(new URL("/graphiql", url), { method: "GET", headers: { accept: "text/html" } });
    assert.ok(!page.text.includes(token));
    assert.match(page.headers["content-security-policy"], /frame-ancestors 'none'/);
    const session = new URL("/graphiql-assets/session.json", url);
    const strange = [{}, { "sec-fetch-site": "cross-site" }, { "sec-fetch-site": "same-site" }, { "sec-fetch-site": "same-origin", host: "attacker.example" }];
    for (const headers of strange) {
      const answer = await send(session, { method: "GET", headers });
      assert.equal(answer.status, 204, JSON.stringify(headers));
    }
    return "the page holds no token, and no other page gets one";
  });

  await judged("answers that are kept or sniffed", async () => {
    const answer = await send(url, { headers: { ...bearer, ...JSON_TYPE }, body: '{"query":"{__typename}"}' });
    assert.equal(answer.headers["cache-control"], "no-store");
    assert.equal(answer.headers["x-content-type-options"], "nosniff");
    return "no-store, nosniff";
  });
}

/** Node's own request and not fetch: some of these headers and methods are ones that fetch refuses to send. */
function send(url, { method = "POST", query, headers, body }) {
  const target = new URL(url);
  target.search = new URLSearchParams(query ?? {}).toString();
  return new Promise((resolve, reject) => {
    const sent = request(target, { method, headers: { accept: "application/json", ...headers }, agent: false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (part) => (text += part));
      answer.on("end", () => {
        let json;
        try {
          json = JSON.parse(text);
        } catch {
          // Not JSON; the checks say whether it had to be.
        }
        resolve({ status: answer.statusCode, headers: answer.headers, text, json });
      });
    });
    sent.setTimeout(15_000, () => sent.destroy(new Error("no answer within 15 seconds")));
    sent.on("error", reject);
    sent.end(body);
  });
}

/** How a WebSocket without a token ends: with a status of HTTP, or with a code of its own. */
function socket(url, origin) {
  return new Promise((resolve, reject) => {
    const opened = new WebSocket(url.replace(/^http/, "ws"), "graphql-transport-ws", { origin });
    opened.on("open", () => opened.send('{"type":"connection_init"}'));
    opened.on("unexpected-response", (_, answer) => resolve(answer.statusCode));
    opened.on("close", resolve);
    opened.on("error", reject);
  });
}
