import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type Ended, nodeProcess, PROGRAM } from '../helpers/cli.ts';

const scratch = mkdtempSync(join(tmpdir(), 'velum-load-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const load = (...args: string[]): Promise<Ended> =>
  nodeProcess(scratch, PROGRAM, 'experiment', 'load', '--n', '4', '--json', ...args);
const SMALL = ['--batch', '10,300', '--heights', '2', '--delay', 'none', '--out', 'small'];
const ALL = ['first-hand', 'bkr', 'pbft', 'hotstuff'];

test('four processes order batches by every protocol, and leave rows, a dictionary and a picture', async () => {
  const { code, stdout, stderr } = await load('--protocol', ALL.join(), ...SMALL);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { rows } = JSON.parse(stdout);
  expect(rows).toHaveLength(2 * ALL.length);
  for (const row of rows) {
    const atOnce = row.batch === 300 && ['pbft', 'hotstuff'].includes(row.protocol) ? 2 : 1;
    expect(row).toMatchObject({ n: 4, outcome: 'measured', heightsAtOnce: atOnce, heights: 2, timeouts: 0 });
    expect(row.transactionsPerS).toBeGreaterThan(0);
    expect(row.orderedShare).toBeGreaterThanOrEqual(0.75);
    expect(row.orderedShare).toBeLessThanOrEqual(1);
    // Every transaction has to come to others; processes are read five times a second only.
    expect(row.bytesPerTransaction).toBeGreaterThan(250 * row.orderedShare);
  }
  const text = (name: string): string => readFileSync(join(scratch, 'small', name), 'utf8');
  expect(text('results.csv').trim().split('\n')).toHaveLength(1 + rows.length);
  expect(text('columns.csv')).toContain('\ntransactionsPerS,transactions/s,');
  expect(text('plot.svg')).toMatch(/hotstuff/);
  expect(JSON.parse(text('run.json'))).toMatchObject({ velum: 'load run', delay: { name: 'none' }, rows });
});

test('what was measured is not measured again, and a folder of other settings is refused', async () => {
  // Of a run that had more sizes, and was started over.
  writeFileSync(join(scratch, 'small/plot-2.svg'), '<svg/>');
  const again = await load('--protocol', ALL.slice(0, 1).join(), ...SMALL);
  expect(existsSync(join(scratch, 'small/plot-2.svg'))).toBe(false);
  const before = JSON.parse(readFileSync(join(scratch, 'small/run.json'), 'utf8'));
  expect(JSON.parse(again.stdout).rows).toEqual(before.rows);
  const other = await load('--batch', '10', '--heights', '3', '--delay', 'none', '--out', 'small');
  expect({ code: other.code, json: JSON.parse(other.stdout) }).toMatchObject({
    code: 2,
    json: { error: { code: 'OUT_EXISTS' } },
  });
});

test('a point that is not finished in its time is a row that says so', async () => {
  const { code, stdout } = await load(
    ...['--protocol', 'pbft', '--batch', '10', '--heights', '1000', '--limit', '4', '--out', 'late'],
  );
  expect(code).toBe(0);
  expect(JSON.parse(stdout).rows).toEqual([
    expect.objectContaining({
      outcome: 'timed out',
      note: 'too few heights came out within 4 s',
      latencyMs: null,
    }),
  ]);
});

/** Starts a run of two points and waits until the first one is kept. */
async function started(out: string): Promise<{ pid: number; ended: Promise<Ended> }> {
  const words = [
    'experiment',
    'load',
    '--n',
    '4',
    '--protocol',
    'first-hand',
    '--batch',
    '10,20',
    '--out',
    out,
  ];
  const child = spawn(process.execPath, [PROGRAM, ...words, '--heights', '40', '--json'], { cwd: scratch });
  const [stdout, stderr]: string[][] = [[], []];
  child.stdout.on('data', (chunk) => stdout!.push(String(chunk)));
  child.stderr.on('data', (chunk) => stderr!.push(String(chunk)));
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => resolve({ code: code!, stdout: stdout!.join(''), stderr: stderr!.join('') }));
  });
  while (!existsSync(join(scratch, out, 'results.csv')))
    await new Promise((resolve) => setTimeout(resolve, 50));
  return { pid: child.pid!, ended };
}
const childrenOf = (pid: number): number[] =>
  execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
    .trim()
    .split(/\s+/)
    .map(Number);
/** The validators' processes of a run, as soon as all four are there. */
async function validatorsOf(pid: number): Promise<number[]> {
  for (;;) {
    try {
      const found = childrenOf(pid);
      if (found.length === 4) return found;
    } catch {
      // Between two points there is none.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('a validator’s process that dies fails its point: nothing is averaged over the others', async () => {
  const { pid, ended } = await started('dead');
  process.kill((await validatorsOf(pid))[2]!, 'SIGKILL');
  const { code, stdout } = await ended;
  expect(code).toBe(70);
  const [first, second] = JSON.parse(stdout).rows;
  expect(first.outcome).toBe('measured');
  expect(second).toMatchObject({ outcome: 'failed', transactionsPerS: null, latencyMs: null });
  expect(second.note).toMatch(/^the process of validator 2 ended|^the stream between validators/);
});

test('Ctrl-C keeps the points that are done, ends all processes, and says how to go on', async () => {
  const { pid, ended } = await started('cut');
  const validators = await validatorsOf(pid);
  process.kill(pid, 'SIGINT');
  const { code, stderr } = await ended;
  expect(code).toBe(130);
  expect(stderr).toContain('stopped: 1 of 2 jobs are kept in cut/run.json; go on with:');
  expect(stderr).toContain('--batch 10,20 --heights 40 --delay wan --limit 60 --out cut --json');
  expect(statSync(join(scratch, 'cut/run.json')).size).toBeGreaterThan(0);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const alive = validators.filter((validator) => existsSync(`/proc/${validator}/exe`));
  expect(alive).toEqual([]);
});
