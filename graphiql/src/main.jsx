import React from 'react';
import { createRoot } from 'react-dom/client';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { explorerPlugin } from '@graphiql/plugin-explorer';
import JsonWorker from 'monaco-editor/esm/vs/language/json/json.worker.js?worker';
import GraphQLWorker from 'monaco-graphql/esm/graphql.worker.js?worker';
import EditorWorker from 'monaco-editor/esm/vs/editor/editor.worker.js?worker';
import 'graphiql/style.css';
import '@graphiql/plugin-explorer/style.css';
import { prepareEditors } from './editors.js';
import { createFetcher } from './fetcher.js';
import { loadWorkspace } from './workspace.js';

globalThis.MonacoEnvironment = {
  getWorker(_id, label) {
    if (label === 'json') return new JsonWorker();
    return label === 'graphql' ? new GraphQLWorker() : new EditorWorker();
  },
};

prepareEditors();
const { tabs, headers, variables, storage, signedIn } = await loadWorkspace();
createRoot(document.getElementById('graphiql')).render(
  React.createElement(GraphiQL, {
    fetcher: createFetcher(headers),
    plugins: [HISTORY_PLUGIN, explorerPlugin({ showAttribution: false })],
    defaultTabs: tabs.length > 0 ? tabs : undefined,
    defaultHeaders: headers,
    initialVariables: variables,
    defaultEditorToolsVisibility: signedIn ? 'variables' : 'headers',
    shouldPersistHeaders: false,
    storage,
  }),
);
