// Compares schema.graphql with the one that was landed last, and fails on a change that breaks clients unless schema-breaking.md gives its reason.
//
//   node breaking.mjs [REVISION]
//
// Without a revision: HEAD when the file differs from it, so that one looks at what is about to be committed; otherwise where this branch left `main`;
// on `main` itself the commit before. Without git, or in a clone without that commit, there is nothing to compare with, which is said and is no failure.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { CriticalityLevel, DiffRule, diff } from "@graphql-inspector/core";
import { buildSchema, isEnumType } from "graphql";

const root = fileURLToPath(new URL("..", import.meta.url));
const FILE = "schema.graphql";

function git(...parameters) {
  try {
    return execFileSync("git", ["-c", "safe.directory=*", ...parameters], { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], maxBuffer: 1 << 26 });
  } catch {
    return undefined;
  }
}

function landed() {
  const head = git("rev-parse", "HEAD")?.trim();
  if (!head) return undefined;
  if (git("diff", "--quiet", "HEAD", "--", FILE) === undefined) return head;
  for (const main of ["origin/main", "main"]) {
    const base = git("merge-base", "HEAD", main)?.trim();
    if (base && base !== head) return base;
  }
  return git("rev-parse", "HEAD^")?.trim();
}

/** The lines of schema-breaking.md that permit a change: "- `path`: reason". */
function permitted(text) {
  return new Map([...text.matchAll(/^- `([^`]+)`: (\S.*)$/gm)].map(([, path, reason]) => [path, reason]));
}

/** Why a thing may be gone: it was deprecated, and the day that its reason names has come. */
function announced(schema, path) {
  const [type, member, argument] = path.split(".");
  const holder = schema.getType(type);
  const found = isEnumType(holder) ? holder.getValue(member) : holder?.getFields?.()[member];
  const reason = (argument ? found?.args?.find(({ name }) => name === argument) : found)?.deprecationReason;
  const day = reason?.match(/may go on (\d{4}-\d{2}-\d{2})\.$/)?.[1];
  return day && day <= new Date().toISOString().slice(0, 10) ? `deprecated, announced for ${day}` : undefined;
}

const revision = process.argv[2] ?? landed();
const before = revision && git("show", `${revision}:${FILE}`);
if (!before) {
  console.log("nothing to compare with: no git, or no earlier commit in this clone");
  process.exit(0);
}
const read = (path) => readFileSync(new URL(path, new URL("..", import.meta.url)), "utf8");
const old = buildSchema(before);
// New values of enums and new members of unions are no breach: docs/api.md tells clients to expect them.
const changes = await diff(old, buildSchema(read(FILE)), [DiffRule.simplifyChanges]);
const listed = permitted(read("docs/schema-breaking.md"));
const found = changes.filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking).map(({ path, message, type }) => {
  const reason = listed.get(path) ?? (type.endsWith("_REMOVED") ? announced(old, path) : undefined);
  return { path, message, reason };
});
for (const { path, message, reason } of found) console.log(`${reason ? `permitted (${reason})` : "BREAKING"}  ${path}: ${message}`);
const refused = found.filter(({ reason }) => !reason);
console.log(`${found.length} breaking changes since ${revision.slice(0, 12)}, ${refused.length} of them without a reason in docs/schema-breaking.md`);
process.exit(refused.length ? 1 : 0);
