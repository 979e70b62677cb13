import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { Unresolved, fillPlaceholders } from './placeholders.js';

const ENDPOINT = new URL('/graphql', location.origin).href;

// Operations go to /graphql, subscriptions there by WebSocket with the Headers tab's values as the connection's payload.
//
// A token typed into one tab also serves the tabs that name none, and the schema. It stays in memory: a reload forgets it.
export function createFetcher(initialHeaders) {
  const fetcher = createGraphiQLFetcher({ url: ENDPOINT, subscriptionUrl: ENDPOINT.replace(/^http/, 'ws') });
  let token = authorizationIn(JSON.parse(initialHeaders));
  return async (params, options) => {
    token = authorizationIn(options?.headers) ?? token;
    const headers = { ...withoutEmpty(options?.headers), ...(token ? { authorization: token } : {}) };
    try {
      const variables = await fillPlaceholders(params.variables, (query, asked) => ask(query, asked, headers));
      return fetcher({ ...params, variables }, { ...options, headers });
    } catch (error) {
      if (error instanceof Unresolved) return { errors: [{ message: error.message }] };
      throw error;
    }
  };
}

async function ask(query, variables, headers) {
  const body = JSON.stringify({ query, variables });
  const response = await fetch(ENDPOINT, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body });
  const { data, errors } = await response.json();
  if (errors) throw new Unresolved(`${errors[0].message} Nothing was sent.`);
  return data;
}

function authorizationIn(headers) {
  const found = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'authorization');
  return found?.[1] || undefined;
}

function withoutEmpty(headers) {
  return Object.fromEntries(Object.entries(headers ?? {}).filter(([, value]) => value !== ''));
}
