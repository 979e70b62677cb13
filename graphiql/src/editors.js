// The editors' manners: long lines are wrapped, and a placeholder may stand where the schema wants a number.
import { editor, languages } from 'monaco-graphql/esm/monaco-editor.js';

export function prepareEditors() {
  editor.onDidCreateEditor((created) => queueMicrotask(() => created.updateOptions({ wordWrap: 'on' })));
  const { jsonDefaults } = languages.json;
  const setOptions = jsonDefaults.setDiagnosticsOptions.bind(jsonDefaults);
  jsonDefaults.setDiagnosticsOptions = (options) =>
    setOptions({ ...options, schemas: options.schemas?.map((entry) => ({ ...entry, schema: withPlaceholders(entry.schema) })) });
}

function withPlaceholders(schema) {
  if (Array.isArray(schema)) return schema.map(withPlaceholders);
  if (schema === null || typeof schema !== 'object') return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([name, part]) => [name, withPlaceholders(part)]));
  const types = [schema.type].flat();
  return types.includes('integer') && !types.includes('string') ? { ...copy, type: [...types, 'string'], pattern: '^\\$' } : copy;
}
