// Checks schema.graphql with the tools that front ends use; needs no server. Ends with a code other than zero when one of them finds something.
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

import { Table } from "./table.mjs";

const folder = (path) => fileURLToPath(new URL(path, import.meta.url));
const here = folder(".");
const bin = (name) => folder(`node_modules/.bin/${name}`);

/** What is run, in turn, and in which folder; a later command of one check needs what the one before it has made. */
const CHECKS = {
  // ESLint reads nothing above the folder that it runs in.
  "schema rules (graphql-eslint)": [[folder(".."), bin("eslint"), "--config", "clients/eslint.config.js", "--max-warnings=0", "schema.graphql"]],
  "breaking changes (graphql-inspector)": [[here, "node", "breaking.mjs"]],
  "a Relay project compiles (relay-compiler)": [[folder("relay"), bin("relay-compiler"), "relay.config.json"]],
  "typed operations (graphql-codegen, tsc)": [[here, "node", "types/generate.mjs"], [here, bin("tsc"), "-p", "types"]],
};

function run([cwd, program, ...parameters]) {
  return new Promise((resolve) => {
    const child = spawn(program, parameters, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    child.stdout.on("data", (text) => (said += text));
    child.stderr.on("data", (text) => (said += text));
    child.on("error", (error) => resolve({ succeeded: false, said: error.message }));
    child.on("close", (code) => resolve({ succeeded: code === 0, said: stripVTControlCharacters(said).trim() }));
  });
}

async function check(commands) {
  const said = [];
  for (const command of commands) {
    const outcome = await run(command);
    said.push(outcome.said);
    if (!outcome.succeeded) throw new Error(said.join("\n"));
  }
  return said.join("\n").trim().split("\n").at(-1);
}

mkdirSync(new URL("relay/generated", import.meta.url), { recursive: true });
const table = new Table();
await Promise.all(Object.entries(CHECKS).map(([name, commands]) => table.row(name, () => check(commands))));
table.end();
