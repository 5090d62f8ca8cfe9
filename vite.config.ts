import { resolve } from 'node:path';
import { defineConfig } from 'vite';
import { browserFiles } from './scripts/browser-files.ts';

/** Builds the page of `src/page` into `dist/page`, which the package ships and a node serves. */
export default defineConfig({
  root: resolve(import.meta.dirname, 'src/page'),
  publicDir: false,
  build: {
    outDir: resolve(import.meta.dirname, 'dist/page'),
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false,
    license: { fileName: 'licenses.md' },
  },
  plugins: [browserFiles()],
  worker: { format: 'es', plugins: () => [browserFiles()] },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  logLevel: 'warn',
});
