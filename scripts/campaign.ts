/**
 * Runs one suite of test/long over more seeds than `npm run test:long` does, or over others.
 *   npm run campaign -- --suite committee --seeds 2000 --sizes 4,7
 * A suite is the name of a file: campaign, agreement, field, audit-random, crash, committee, committee-faulty, rotation, validators. Of it run the tests that go through seeds; each ends at the
 * first seed that breaks a property, and prints it. `--seeds 1001-2000` takes these, so that a campaign can be run in parts.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const USAGE = 'usage: npm run campaign -- --suite NAME --seeds N | FROM-TO [--sizes 4,7]';
const root = resolve(import.meta.dirname, '..');

const { suite, seeds, sizes } = parseArgs({
  options: { suite: { type: 'string' }, seeds: { type: 'string' }, sizes: { type: 'string' } },
}).values;
if (suite === undefined || !/^[1-9]\d*(-[1-9]\d*)?$/.test(seeds ?? '')) throw new Error(USAGE);
const file = `test/long/${suite}.test.ts`;
if (!existsSync(join(root, file))) throw new Error(`there is no ${file}. ${USAGE}`);

const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const args = ['run', '--config', 'vitest.long.config.ts', file, '-t', 'over many seeds', '--testTimeout=0'];
const { status } = spawnSync(process.execPath, [vitest, ...args], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, SEEDS: seeds, ...(sizes === undefined ? {} : { SIZES: sizes }) },
});
process.exitCode = status ?? 1;
