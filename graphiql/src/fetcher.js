import { createGraphiQLFetcher } from '@graphiql/toolkit';

// Operations go to /graphql, subscriptions there by WebSocket with the Headers tab's values as the connection's payload.
//
// A token typed into one tab also serves the tabs that name none, and the schema. It stays in memory: a reload forgets it.
export function createFetcher(initialHeaders) {
  const endpoint = new URL('/graphql', location.origin);
  const socket = new URL(endpoint);
  socket.protocol = endpoint.protocol === 'https:' ? 'wss:' : 'ws:';
  const fetcher = createGraphiQLFetcher({ url: endpoint.href, subscriptionUrl: socket.href });
  let token = authorizationIn(JSON.parse(initialHeaders));
  return (params, options) => {
    const given = authorizationIn(options?.headers);
    if (given) {
      token = given;
      return fetcher(params, options);
    }
    const headers = token ? { authorization: token } : {};
    return fetcher(params, { ...options, headers: { ...withoutEmpty(options?.headers), ...headers } });
  };
}

function authorizationIn(headers) {
  const found = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'authorization');
  return found?.[1];
}

function withoutEmpty(headers) {
  return Object.fromEntries(Object.entries(headers ?? {}).filter(([, value]) => value !== ''));
}
