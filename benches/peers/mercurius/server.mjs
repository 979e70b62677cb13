// The list of assignments by Fastify, mercurius with JIT, dataloader and pg, over the database that provisioner's own server uses.
//
//   DATABASE_URL=postgres://… TOKEN=… PORT=… THREADS=2 node server.mjs
//
// It is as quick as its kind is: named statements, one batch a level, a token that is only compared, no logging. As many processes share the port as other
// servers have threads.
import cluster from "node:cluster";
import { readFileSync } from "node:fs";
import DataLoader from "dataloader";
import Fastify from "fastify";
import mercurius from "mercurius";
import pg from "pg";

const { DATABASE_URL, TOKEN, PORT, THREADS = "1" } = process.env;
const CONNECTIONS = 16;

if (cluster.isPrimary) {
  for (let n = 0; n < Number(THREADS); n++) cluster.fork();
  process.on("SIGTERM", () => process.exit());
} else {
  await serve();
}

async function serve() {
  pg.types.setTypeParser(pg.types.builtins.INT8, Number);
  const db = new pg.Pool({ ...connection(DATABASE_URL), max: Math.ceil(CONNECTIONS / Number(THREADS)) });
  const app = Fastify();
  app.addHook("onRequest", async (request, reply) => {
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return reply.code(401).send();
  });
  app.register(mercurius, {
    schema: readFileSync(new URL("schema.graphql", import.meta.url), "utf8"),
    resolvers: resolvers(db),
    context: () => ({ loaders: loaders(db) }),
    jit: 1,
  });
  await app.listen({ port: Number(PORT), host: "127.0.0.1" });
}

// The socket's directory stands in the query of the address, which pg reads only as a host.
function connection(address) {
  const url = new URL(address);
  return { host: url.searchParams.get("host") ?? url.hostname, user: url.username, database: url.pathname.slice(1) };
}

function resolvers(db) {
  const rows = async (name, text, values) => (await db.query({ name, text, values })).rows;
  return {
    Query: {
      app: async (_, { id }) => (await rows("app", "SELECT id FROM app WHERE id = $1 AND status = 'ACTIVE'", [id]))[0],
    },
    App: {
      assignments: async (app, { first, after }) => {
        const [name, id] = after ? place(after) : ["", "00000000-0000-0000-0000-000000000000"];
        const found = await rows(
          // The limit is written out, and the place is no comparison of pairs: else PostgreSQL would plan the statement anew each time.
          `assignments${first}`,
          `SELECT s.id, s.app_id, s.user_id, s.role, s.created_at, u.sort_name FROM assignment s JOIN directory_user u ON u.id = s.user_id
           WHERE s.app_id = $1 AND u.organization_id = (SELECT organization_id FROM app WHERE id = $1) AND u.sort_name >= $2
             AND (u.sort_name <> $2 OR s.id > $3) ORDER BY u.sort_name, s.id LIMIT ${first + 1}`,
          [app.id, name, id],
        );
        const edges = found.slice(0, first).map((node) => ({ cursor: cursor(node), node }));
        const pageInfo = {
          hasNextPage: found.length > first,
          hasPreviousPage: after != null,
          startCursor: edges.at(0)?.cursor,
          endCursor: edges.at(-1)?.cursor,
        };
        return { edges, pageInfo };
      },
    },
    Assignment: {
      role: ({ role }) => role && { type: role, label: LABELS[role] },
      createdAt: (row) => time(row.created_at),
      user: (row, _, { loaders }) => loaders.users.load(row.user_id),
      account: (row, _, { loaders }) => loaders.accounts.load(row),
    },
    User: {
      name: (row) => row.display_name,
      userName: (row) => row.user_name,
      primaryEmail: (row) => row.primary_email,
    },
    Account: {
      problem: ({ problem_code: code }) => code && { code, message: MESSAGES[code] },
      nextAttemptAt: (row) => time(row.next_attempt_at),
      lastOperation: (row, _, { loaders }) => loaders.operations.load(row.id),
    },
    Operation: {
      sentAt: (row) => time(row.sent_at),
      errorMessage: (row) => row.error_message,
    },
  };
}

// What came in any order, in the order of the keys.
const inOrder = (keys, rows, key) => {
  const by = new Map(rows.map((row) => [row[key], row]));
  return keys.map((wanted) => by.get(wanted) ?? null);
};

function loaders(db) {
  const rows = async (name, text, values) => (await db.query({ name, text, values })).rows;
  return {
    users: new DataLoader(async (ids) => {
      const found = await rows(
        "users",
        "SELECT id, display_name, user_name, primary_email, status FROM directory_user WHERE id = ANY($1::uuid[])",
        [ids],
      );
      return inOrder(ids, found, "id");
    }),
    accounts: new DataLoader(
      async (assignments) => {
        const people = assignments.map((row) => row.user_id);
        const found = await rows(
          "accounts",
          `SELECT id, user_id, state, problem_code, next_attempt_at FROM account WHERE app_id = $1 AND user_id = ANY($2::uuid[])`,
          [assignments[0].app_id, people],
        );
        return inOrder(people, found, "user_id");
      },
      { cacheKeyFn: (row) => row.id },
    ),
    operations: new DataLoader(async (accounts) => {
      const found = await rows(
        "operations",
        `SELECT o.id, o.account_id, o.kind, o.status, o.sent_at, o.error_message FROM unnest($1::uuid[]) AS k (id)
         CROSS JOIN LATERAL (SELECT * FROM operation WHERE account_id = k.id ORDER BY id DESC LIMIT 1) o`,
        [accounts],
      );
      return inOrder(accounts, found, "account_id");
    }),
  };
}

const LABELS = { HELP_DESK_ADMIN: "Help Desk Administrator" };
const MESSAGES = { REJECTED_BY_OKTA: "Okta refused the change." };
const time = (ms) => (ms == null ? null : new Date(ms).toISOString());
const cursor = (row) => Buffer.from(JSON.stringify([row.sort_name, row.id])).toString("base64url");
const place = (text) => JSON.parse(Buffer.from(text, "base64url").toString());
