import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../../src/proofs/compile.ts';
import { nodeProcess } from '../helpers/cli.ts';

/** A folder of somebody else with the package in it, as `npm install` leaves it, but for a link in place of a copy. */
const scratch = mkdtempSync(join(tmpdir(), 'velum-own-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
mkdirSync(join(scratch, 'node_modules'));
symlinkSync(root, join(scratch, 'node_modules/velum'));
const velum = (...args: string[]) =>
  nodeProcess(scratch, 'node_modules/velum/dist/cli/main.js', 'experiment', ...args);

beforeAll(async () => {
  expect((await velum('init')).code).toBe(0);
  expect((await velum('run', './mine.ts', '--quick', '--set', 'delay=exp:200', '--out', 'out')).code).toBe(0);
});

test('it is reported and verified with its file, and by no other one', async () => {
  const bare = await velum('report', 'out');
  expect(bare).toMatchObject({ code: 2, stderr: expect.stringContaining('--file mine.ts') });
  expect((await velum('report', 'out', '--file', 'mine.ts')).code).toBe(0);
  const again = await velum('verify', 'out', '--file', 'mine.ts', '--sample', '2');
  expect(again.stdout).toContain('2 of 15 jobs ran again, all rows came out again');
});

test('with another version of the file it is not', async () => {
  appendFileSync(join(scratch, 'mine.ts'), '// changed\n');
  const other = await velum('verify', 'out', '--file', 'mine.ts');
  expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('another version of mine.ts') });
});

test('a file that cannot run says so with code, file and field, before anything is written', async () => {
  writeFileSync(join(scratch, 'bad.mjs'), "export default { id: 'Bad', grid: [] };\n");
  const bad = await velum('run', './bad.mjs', '--json');
  expect(bad.code).toBe(2);
  const { code, message, problems } = JSON.parse(bad.stdout).error;
  expect(code).toBe('EXPERIMENT_FILE');
  expect(message).toContain('bad.mjs');
  expect(message).toContain('  id: lower-case words');
  expect(problems).toEqual([]);
  writeFileSync(join(scratch, 'lost.ts'), "import './nowhere.ts';\nexport default 1;\n");
  const lost = await velum('run', './lost.ts');
  expect(lost).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/lost\.ts: it cannot be loaded: .*nowhere/),
  });
  expect(await velum('run', './none.ts')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('FILE_UNREADABLE'),
  });
});
