import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { root } from '../../src/proofs/compile.ts';
import { nodeProcess } from '../helpers/cli.ts';

/** A folder of somebody else with the package in it, as `npm install` leaves it, but for a link in place of a copy. */
const scratch = mkdtempSync(join(tmpdir(), 'velum-own-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
mkdirSync(join(scratch, 'node_modules'));
symlinkSync(root, join(scratch, 'node_modules/velum'));
const velum = (...args: string[]) =>
  nodeProcess(scratch, 'node_modules/velum/dist/cli/main.js', 'experiment', ...args);
const json = (path: string) => JSON.parse(readFileSync(join(scratch, path), 'utf8'));

test('the template runs as it is', async () => {
  expect((await velum('init')).stdout).toBe('wrote mine.ts; next: velum experiment run ./mine.ts\n');
  expect(await velum('init')).toMatchObject({ code: 2, stderr: expect.stringContaining('OUT_EXISTS') });
  const run = await velum('run', './mine.ts', '--quick', '--set', 'delay=exp:200', '--out', 'out');
  expect({ ...run, stdout: '' }).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(readFileSync(join(scratch, 'out/plot.svg'), 'utf8')).toContain('<svg');
  const bytes = readFileSync(join(scratch, 'mine.ts'));
  expect(json('out/run.json')).toMatchObject({
    command: 'velum experiment run ./mine.ts --quick --set delay=exp:200',
    file: { name: 'mine.ts', sha256: createHash('sha256').update(bytes).digest('hex'), others: [] },
    set: { delay: ['exp:200'] },
  });
});
