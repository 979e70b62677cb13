// Rules for schema.graphql: everything that @graphql-eslint knows about schemas, less what is turned off below with its reason.
import { fileURLToPath } from "node:url";

import graphql from "@graphql-eslint/eslint-plugin";

import { expected, values } from "./eslint.exceptions.js";

const schema = fileURLToPath(new URL("../schema.graphql", import.meta.url));

/** docs/api.md: a deprecated thing says since when it is, and from which day on, half a year later, it may be gone. */
const HALF_A_YEAR_MS = 180 * 86_400_000;
const deprecationDates = {
  create: (context) => ({
    "Directive[name.value=deprecated]": (node) => {
      const reason = node.arguments.find((each) => each.name.value === "reason")?.value.value ?? "";
      const dates = reason.match(/Deprecated since (\d{4}-\d{2}-\d{2}); may go on (\d{4}-\d{2}-\d{2})\.$/);
      if (!dates || !(Date.parse(dates[2]) - Date.parse(dates[1]) >= HALF_A_YEAR_MS)) {
        context.report({ node, message: 'The reason must end with "Deprecated since YYYY-MM-DD; may go on YYYY-MM-DD.", half a year apart.' });
      }
    },
  }),
};

/** Name of the definition that a line belongs to. */
function definitionAt(text, line) {
  const before = text.split("\n").slice(0, line).reverse();
  return before.map((each) => each.match(/^(?:type|input|enum|interface|union|scalar) (\w+)/)?.[1]).find(Boolean);
}

let source = "";
/** Drops the findings that `expected` lists, and reports a listed one that does not occur. */
const exceptions = {
  preprocess: (text) => [(source = text)],
  postprocess: ([found]) => {
    const unused = new Set(expected);
    const left = found.filter(({ ruleId, message, line }) => {
      const covers = ({ rule, type, says = "" }) => ruleId === rule && definitionAt(source, line) === type && message.includes(says);
      const exception = expected.find(covers);
      unused.delete(exception);
      return !exception;
    });
    const stale = ({ rule, type, says = "" }) => ({ ruleId: rule, severity: 2, line: 1, column: 1, message: `eslint.exceptions.js lists ${type} ${says}, which does not occur` });
    return [...left, ...[...unused].map(stale)];
  },
};

export default [
  {
    files: ["**/schema.graphql"],
    languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { schema } } },
    plugins: { "@graphql-eslint": graphql, provisioner: { rules: { "deprecation-dates": deprecationDates } } },
    processor: exceptions,
    rules: {
      ...graphql.configs["flat/schema-all"].rules,
      ...graphql.configs["flat/schema-relay"].rules,

      "@graphql-eslint/require-description": [
        "error",
        {
          types: true,
          FieldDefinition: true,
          InputValueDefinition: true,
          EnumValueDefinition: true,
          DirectiveDefinition: true,
          // @include(if:), @skip(if:) and @specifiedBy(url:) are GraphQL's own.
          ignoredSelectors: ["[type=InputValueDefinition][parent.type=DirectiveDefinition]"],
        },
      ],
      "@graphql-eslint/input-name": ["error", { checkInputType: true, caseSensitiveInputType: false }],
      "@graphql-eslint/strict-id-in-types": ["error", { exceptions: { types: values, suffixes: ["Connection", "Edge", "Payload", "Result"] } }],
      // Edges are held to Relay's form. That only they may stand in lists is not Relay's rule: it would forbid userErrors, permissions and every other short list.
      "@graphql-eslint/relay-edge-types": ["error", { withEdgeSuffix: true, shouldImplementNode: true, listTypeCanWrapOnlyEdgeType: false }],

      // It wants an argument `deletionDate`, which GraphQL's @deprecated does not have. Our own rule wants the dates in the reason.
      "@graphql-eslint/require-deprecation-date": "off",
      "provisioner/deprecation-dates": "error",
      // The generator sorts by bytes and the rule without regard to case. That the file is what the generator makes is a test of its own.
      "@graphql-eslint/alphabetize": "off",
      // A switch for schemas without mutations or subscriptions; this one has both.
      "@graphql-eslint/no-root-type": "off",
      // Payloads carry what changed, by ids and edges, which is what caches need. Behind a field of type Query every mutation would be a query of any
      // size as well, outside its transaction, and a refused one would still be charged for it.
      "@graphql-eslint/require-field-of-type-query-in-mutation-result": "off",
      // Refusals are userErrors, so a payload is never null, and front ends need not ask. What is null after a fault is `data`, beside errors that say
      // which; mutations are sent one at a time. Loosening the types now would break every typed client. Where null has a meaning it is permitted: node, user, app.
      "@graphql-eslint/require-nullable-result-in-root": "off",
    },
  },
];
