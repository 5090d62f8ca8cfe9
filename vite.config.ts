import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig } from 'vite';
import { browserFiles } from './scripts/browser-files.ts';

/** SHA-256 in hex. */
const hashOf = (file: string): string =>
  createHash('sha256')
    .update(readFileSync(resolve(import.meta.dirname, file)))
    .digest('hex');

/** Builds the page of `src/page` into `dist/page`, which the package ships and a node serves. */
export default defineConfig({
  root: resolve(import.meta.dirname, 'src/page'),
  publicDir: false,
  define: { KEYS_MANIFEST_SHA256: JSON.stringify(hashOf('keys/MANIFEST.json')) },
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
