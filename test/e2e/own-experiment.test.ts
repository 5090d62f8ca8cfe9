import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { root } from '../../src/proofs/compile.ts';
import { nodeProcess, PROGRAM } from '../helpers/cli.ts';
import { isAlive } from '../helpers/processes.ts';

/** A folder of somebody else with the package in it, as `npm install` leaves it, but for a link in place of a copy. */
const scratch = mkdtempSync(join(tmpdir(), 'velum-own-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
mkdirSync(join(scratch, 'node_modules'));
symlinkSync(root, join(scratch, 'node_modules/velum'));
// As `npm init -y` writes it: files of one's own are modules all the same.
writeFileSync(join(scratch, 'package.json'), '{"name":"lab","type":"commonjs"}');
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

/** An experiment whose first jobs are quick, for it is tried with them; each other one writes its process's id and never ends. */
const ENDLESS = `
import { mkdirSync, writeFileSync } from 'node:fs';
import { lineSpec } from 'velum/experiments';
const grid = [{ n: 4 }];
mkdirSync('pids', { recursive: true });
export default {
  id: 'endless', title: 'T', question: 'Q?', method: 'M', grid, quickGrid: grid, seeds: 20, quickSeeds: 20,
  hypotheses: [
    { text: 'a', held: () => true },
    { text: 'b', isControl: true, held: () => true, breaks: () => [] },
  ],
  columns: { n: { unit: 'count', meaning: 'n' }, x: { unit: 'ms', meaning: 'x' } },
  charts: (rows) => [
    { title: 'C', caption: 'c', spec: lineSpec({ rows, x: { field: 'n', title: 'n' }, y: { field: 'x', title: 'x' }, series: { field: 'n', title: 'n' } }) },
  ],
  run(point, seed) {
    if (seed > 2) { writeFileSync('pids/' + process.pid, ''); for (;;); }
    return [{ x: 1 }];
  },
};
`;

test.each(['SIGKILL', 'SIGTERM'] as const)(
  'a run that %s ends leaves no process that computes',
  async (signal) => {
    writeFileSync(join(scratch, 'endless.js'), ENDLESS);
    const args = ['experiment', 'run', './endless.js', '--jobs', '2', '--out', signal];
    const run = spawn(process.execPath, [PROGRAM, ...args], { cwd: scratch, stdio: 'ignore' });
    const pids = (): number[] => {
      try {
        return readdirSync(join(scratch, 'pids')).map(Number);
      } catch {
        return [];
      }
    };
    try {
      await vi.waitUntil(() => pids().length === 2, { timeout: 60_000, interval: 50 });
      expect(pids().filter(isAlive)).toHaveLength(2);
      run.kill(signal);
      await vi.waitUntil(() => !pids().some(isAlive), { timeout: 30_000, interval: 50 });
    } finally {
      run.kill('SIGKILL');
      for (const pid of pids().filter(isAlive)) process.kill(pid, 'SIGKILL');
      rmSync(join(scratch, 'pids'), { recursive: true, force: true });
    }
  },
);
