// "$app", "$newUser" and the like in a tab's variables: just before sending, the API is asked what they stand for.
//
// placeholders.json says how. In an answer, fields aliased `value` are what was looked for, in their order; those that an alias
// `not` names as well are left out. Behind a colon stands the `key` of the wanted one: "$field:givenName". A placeholder with
// `atMost` stands for several items of the list that it is in. Any other text with a dollar sign is sent as it is.
import placeholders from './placeholders.json';

const SHAPE = /^\$(\w+)(?::(.+))?$/;

export class Unresolved extends Error {}

// `ask(query, variables)` answers an operation's data.
export async function fillPlaceholders(variables, ask) {
  const known = new Map();
  const look = (text) => {
    if (!known.has(text)) known.set(text, resolve(text, ask, look));
    return known.get(text);
  };
  return fill(variables, look);
}

async function fill(value, look) {
  if (typeof value === 'string') return placeholderIn(value) ? look(value) : value;
  if (Array.isArray(value)) return (await Promise.all(value.map((item) => fill(item, look)))).flat();
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).map(async ([name, item]) => [name, await fill(item, look)]);
  return Object.fromEntries(await Promise.all(entries));
}

function placeholderIn(text) {
  const [, name] = SHAPE.exec(text) ?? [];
  return Object.hasOwn(placeholders, name ?? '') ? placeholders[name] : undefined;
}

async function resolve(text, ask, look) {
  const { query, atMost, missing } = placeholderIn(text);
  const key = SHAPE.exec(text)[2];
  const data = await ask(query, query.includes('$app') ? { app: await look('$app') } : {});
  const unwanted = found(data, 'not');
  const values = found(data, 'value', key).filter((value) => value !== null && !unwanted.includes(value));
  if (values.length === 0) throw new Unresolved(`${text} stands for nothing yet. ${missing} Nothing was sent.`);
  return atMost ? values.slice(0, atMost) : values[0];
}

function found(node, alias, key) {
  if (node === null || typeof node !== 'object') return [];
  const here = Object.hasOwn(node, alias) && (key === undefined || node.key === key) ? [node[alias]] : [];
  return here.concat(Object.values(node).flatMap((child) => found(child, alias, key)));
}
