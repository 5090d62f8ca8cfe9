import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../../src/proofs/compile.ts';

/** Bytes, not compressed: what a browser has of the page before it loads keys of circuits. */
const LIMIT = 1_000_000;
/** What Vite puts beside the code for whoever wants to read it. */
const NOT_LOADED = 'licenses.md';

test('the page with the code of all its workers, and the kernels of both kinds, has less than a million bytes', () => {
  const built = join(root, 'dist/page');
  const files = readdirSync(built, { recursive: true, encoding: 'utf8' })
    .filter((name) => name !== NOT_LOADED && statSync(join(built, name)).isFile())
    .map((name) => ({ name, bytes: statSync(join(built, name)).size }));
  const sum = files.reduce((all, { bytes }) => all + bytes, 0);
  process.stdout.write(`the page has ${sum} bytes in ${files.length} files\n`);
  // The largest of them are there: the workers' shared code, and the kernels.
  const names = files.map(({ name }) => name).join();
  for (const part of ['index.html', 'entry-', 'chain-worker', 'wallet-worker', 'bench-worker', '.wasm'])
    expect(names).toContain(part);
  expect(sum).toBeLessThan(LIMIT);
});
