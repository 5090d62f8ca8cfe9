/**
 * Runs the long test of the WebAssembly kernels, or other test files, under each Node of bench/node-matrix.
 *   npm run nodes:install && npx tsx scripts/node-matrix.ts [TEST FILE …]
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const packages = join(root, 'bench/node-matrix/node_modules');
if (!existsSync(packages)) throw new Error('there is no other Node: npm run nodes:install');
const given = process.argv.slice(2);
const files = given.length > 0 ? given : ['test/long/kernels.test.ts'];
const failed: string[] = [];
for (const name of readdirSync(packages).filter((each) => /^node-\d+$/.test(each))) {
  const node = join(packages, name, 'bin/node');
  const args = ['run', '--config', 'vitest.long.config.ts', ...files];
  const { status } = spawnSync(node, [join(root, 'node_modules/vitest/vitest.mjs'), ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) failed.push(name);
}
if (failed.length > 0) throw new Error(`failed under ${failed.join(', ')}`);
