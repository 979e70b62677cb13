// TypeScript types for every document in graphiql/operations, by graphql-codegen's client preset: what a front end gets from `graphql-codegen`, without
// the loaders of its command line.
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { codegen } from "@graphql-codegen/core";
import { preset } from "@graphql-codegen/client-preset";
import { buildASTSchema, parse } from "graphql";

const root = fileURLToPath(new URL("../..", import.meta.url));
const out = fileURLToPath(new URL("generated/", import.meta.url));

const schema = parse(await readFile(join(root, "schema.graphql"), "utf8"));
const operations = join(root, "graphiql/operations");
const files = (await readdir(operations)).filter((name) => name.endsWith(".graphql")).sort();
const document = async (name) => {
  const location = join(operations, name);
  const rawSDL = await readFile(location, "utf8");
  return { location, rawSDL, document: parse(rawSDL) };
};

const sections = await preset.buildGeneratesSection({
  baseOutputDir: out,
  schema,
  schemaAst: buildASTSchema(schema),
  documents: await Promise.all(files.map(document)),
  // Closed vocabularies as unions of texts; both scalars are texts or values on the wire.
  config: { enumsAsTypes: true, useTypeImports: true, scalars: { ID: "string", DateTime: "string", JSON: "unknown" }, strictScalars: true },
  presetConfig: { fragmentMasking: { unmaskFunctionName: "unmask" } },
  plugins: [],
  pluginMap: {},
});

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
for (const section of sections) {
  await mkdir(dirname(section.filename), { recursive: true });
  await writeFile(section.filename, await codegen(section));
}

// Every operation must have come out as a typed document.
const typed = await readFile(join(out, "graphql.ts"), "utf8");
for (const name of files) {
  const operation = basename(name, ".graphql").replace(/^\d+-/, "").replace(/(^|-)(\w)/g, (_, __, letter) => letter.toUpperCase());
  if (!typed.includes(`export const ${operation}Document`)) throw new Error(`${name} has no ${operation}Document`);
}
console.log(`${files.length} operations typed`);
