// What GraphiQL opens with: the server's operations as tabs, the headers, and where edits are kept.

const SIGNED_OUT = '{\n  "authorization": ""\n}';
const TABS_KEY = 'graphiql:tabState';

export async function loadWorkspace() {
  const [sample, session] = await Promise.all([fetchJson('tabs.json'), fetchJson('session.json')]);
  const headers = session ? JSON.stringify({ authorization: session.authorization }, null, 2) : SIGNED_OUT;
  const tabs = (sample?.tabs ?? []).map(({ query, variables }) => ({ query, variables, headers }));
  const storage = createStorage(`${sample?.workspace ?? ''}:${sample?.version ?? ''}`, headers);
  // GraphiQL takes the first tab's query from the tabs and its variables from elsewhere.
  const variables = storage.getItem(TABS_KEY) ? undefined : (tabs[0]?.variables ?? undefined);
  return { tabs, headers, variables, storage, signedIn: session !== null };
}

async function fetchJson(name) {
  const response = await fetch(`/graphiql-assets/${name}`);
  return response.status === 200 ? response.json() : null;
}

// localStorage below a prefix that changes with the server's data and operations: edits survive a reload, and nothing that was
// written against other data covers the tabs. Headers are never stored; tabs read back get the initial ones.
function createStorage(workspace, headers) {
  const prefix = `provisioner:${workspace}:`;
  const keys = () => Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  return {
    getItem(key) {
      const value = localStorage.getItem(prefix + key);
      return key === TABS_KEY && value ? withHeaders(value, headers) : value;
    },
    setItem: (key, value) => localStorage.setItem(prefix + key, value),
    removeItem: (key) => localStorage.removeItem(prefix + key),
    clear: () => keys().forEach((key) => localStorage.removeItem(key)),
    get length() {
      return keys().length;
    },
  };
}

// GraphiQL finds its active tab again by content, headers left out, and gives it the initial headers itself.
function withHeaders(stored, headers) {
  const state = JSON.parse(stored);
  state.tabs = state.tabs?.map((tab, index) => (index === state.activeTabIndex ? tab : { ...tab, headers }));
  return JSON.stringify(state);
}
