/**
 * Writes docs/openrpc.json, what a validator answers to rpc.discover, from the methods in src/node/rpc.
 *   npx tsx scripts/gen-openrpc.ts           writes it
 *   npx tsx scripts/gen-openrpc.ts --check   fails if it is not current
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { described } from '../src/node/rpc/methods.ts';

const path = resolve(import.meta.dirname, '../docs/openrpc.json');
const text = `${JSON.stringify(described(), null, 2)}\n`;
let current: string | undefined;
try {
  current = readFileSync(path, 'utf8');
} catch {
  current = undefined;
}
if (!process.argv.includes('--check')) writeFileSync(path, text);
else if (current !== text) {
  console.error('docs/openrpc.json is not what src/node/rpc says: run npx tsx scripts/gen-openrpc.ts');
  process.exitCode = 1;
}
