// Runs the audits of graphql-http, the reference clients and the attacks against a server that is up, or against `provisioner demo`, which it starts.
//
//   node run.mjs BINARY                the demo of this binary, on free ports
//   node run.mjs http://…/graphql TOKEN
//
// Prints a table and ends with a code other than zero when something failed. The clients make people, and Relay an app: not for a server in production.
import { attack } from "./attack.mjs";
import { audit } from "./audits.mjs";
import { startDemo } from "./demo.mjs";
import { apollo } from "./reference/apollo.mjs";
import { execution } from "./reference/execution.mjs";
import { introspection } from "./reference/introspection.mjs";
import { relay } from "./reference/relay.mjs";
import { graphqlHttp, graphqlRequest } from "./reference/request.mjs";
import { graphqlSse, graphqlWs } from "./reference/streams.mjs";
import { urql } from "./reference/urql.mjs";
import { validation } from "./reference/validation.mjs";
import { Table } from "./table.mjs";

const CLIENTS = {
  "introspection by graphql-js": introspection,
  "validation as by graphql-js": validation,
  "order and null as by the specification": execution,
  "graphql-request": graphqlRequest,
  "graphql-http": graphqlHttp,
  "graphql-ws": graphqlWs,
  "graphql-sse": graphqlSse,
  "@urql/core": urql,
  "@apollo/client": apollo,
  "relay-runtime": relay,
};

const [target, token] = process.argv.slice(2);
if (!target) {
  console.error("usage: node run.mjs BINARY | URL TOKEN");
  process.exit(2);
}
const server = target.startsWith("http") ? { url: target, token, stop: async () => {} } : await startDemo(target);
const table = new Table();
try {
  await audit(table, server);
  for (const [name, client] of Object.entries(CLIENTS)) await table.row(name, () => client(server));
  await attack(table, server);
} finally {
  await server.stop();
}
table.end();
// A client that failed may have left a socket or a timer behind.
process.exit();
