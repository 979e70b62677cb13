import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { defineConfig } from 'vite';

// Beside each large file its gzip form, so that the server compresses nothing at run time.
const gzip = {
  name: 'gzip',
  apply: 'build',
  closeBundle() {
    for (const name of readdirSync('dist').filter((name) => /\.(js|css|ttf)$/.test(name))) {
      writeFileSync(join('dist', `${name}.gz`), gzipSync(readFileSync(join('dist', name)), { level: 9 }));
    }
  },
};

// Fixed file names and one bundle: the binary embeds the folder as it is. No inline script, which the page's policy refuses.
export default defineConfig({
  base: '/graphiql-assets/',
  plugins: [gzip],
  build: {
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    modulePreload: false,
    chunkSizeWarningLimit: 10000,
    sourcemap: false,
    minify: 'esbuild',
    rollupOptions: {
      output: {
        inlineDynamicImports: true,
        entryFileNames: 'graphiql.js',
        assetFileNames: (asset) => (/\.css$/.test(asset.names?.[0] ?? '') ? 'graphiql.css' : '[name][extname]'),
      },
    },
  },
  worker: {
    format: 'es',
    rollupOptions: { output: { inlineDynamicImports: true, entryFileNames: '[name].js' } },
  },
});
