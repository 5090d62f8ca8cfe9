/**
 * Writes test/vectors/formats.json: what every hash, id and encoding of the program is for fixed inputs (test/pinned).
 * `npx tsx scripts/gen-vectors.ts` writes; `--check` compares and fails, naming the fix.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { FORMAT_VERSION } from '../src/params/version.ts';
import { allVectors } from '../test/pinned/all.ts';
import { judge, type PinnedFormats, REPIN } from '../test/pinned/judge.ts';

const path = resolve(import.meta.dirname, '../test/vectors/formats.json');
const pinned = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as PinnedFormats) : undefined;
const vectors = allVectors();
const { isCurrent, refusal } = judge(pinned, vectors, FORMAT_VERSION);

if (refusal !== undefined) {
  console.error(refusal);
  process.exitCode = 1;
} else if (process.argv.includes('--check')) {
  if (!isCurrent) {
    console.error(`test/vectors/formats.json is not what the program computes: run ${REPIN}`);
    process.exitCode = 1;
  }
} else if (!isCurrent) {
  const written: PinnedFormats = {
    source: 'scripts/gen-vectors.ts: what the program itself computed when the formats got this number',
    independent: false,
    format: FORMAT_VERSION,
    vectors,
  };
  writeFileSync(path, `${JSON.stringify(written, null, 2)}\n`);
}
