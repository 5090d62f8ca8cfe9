import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeProcess, PROGRAM } from '../helpers/cli.ts';

const scratch = mkdtempSync(join(tmpdir(), 'velum-experiment-long-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const out = (name: string): string => join(scratch, name);
const velum = (...args: string[]) => nodeProcess(scratch, PROGRAM, 'experiment', ...args);
const text = (dir: string, name: string): string => readFileSync(join(out(dir), name), 'utf8');

beforeAll(async () => {
  const { code } = await velum('run', 'e2', '--quick', '--seeds', '8', '--out', out('e2'));
  expect(code).toBe(0);
});

describe('velum experiment', () => {
  test('killed in the middle it goes on from there, to the same bytes', async () => {
    const child = spawn(
      'node',
      [PROGRAM, 'experiment', 'run', 'e2', '--quick', '--seeds', '8', '--jobs', '1', '--out', out('cut')],
      { cwd: scratch },
    );
    const lines = (): number => {
      try {
        return text('cut', 'jobs.jsonl').split('\n').length;
      } catch {
        return 0;
      }
    };
    let told = '';
    child.stderr.on('data', (piece) => (told += String(piece)));
    const ended = new Promise<number | null>((done) => child.on('close', (code) => done(code)));
    while (lines() < 7 && child.exitCode === null) await new Promise((done) => setTimeout(done, 10));
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    // Beside the jobs the first line, the start and the end of the last line.
    const kept = lines() - 3;
    expect(kept).toBeGreaterThanOrEqual(4);
    expect(kept).toBeLessThan(80);
    const [state, how, command] = told
      .trim()
      .split(/: |; |:\n {2}/)
      .slice(1);
    expect({ state, how }).toEqual({
      state: `${kept} of 80 jobs are kept in ${out('cut')}/jobs.jsonl`,
      how: 'go on with',
    });
    const { code, stdout } = await nodeProcess(scratch, PROGRAM, ...command!.split(' ').slice(1));
    expect(code).toBe(0);
    expect(Number(stdout.match(/(\d+) jobs were done before/)![1])).toBeGreaterThanOrEqual(kept);
    expect(text('cut', 'results.json')).toBe(text('e2', 'results.json'));
  });

  test('runs e5 quickly, the same bytes with one worker as with two', async () => {
    const run = (name: string, jobs: string) =>
      velum('run', 'e5-account-linkability', '--quick', '--seeds', '1', '--jobs', jobs, '--out', out(name));
    const [one, two] = [await run('e5', '1'), await run('e5-two', '2')];
    expect([one.code, two.code]).toEqual([0, 0]);
    expect(text('e5', 'results.json')).toBe(text('e5-two', 'results.json'));
    expect(one.stdout).toMatch(/^Whose money is this\?/);
    expect(one.stdout.split('\n').every((line) => line.length <= 140)).toBe(true);
  });

  test('runs a grid that a command line changed, and nothing takes it for the published one', async () => {
    const wrong = await velum('run', 'e2', '--set', 'm=4');
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringMatching(/n=4 \| 7.*EXPERIMENT_SET/s) });
    const set = [
      '--set',
      'n=4,13',
      '--set',
      'coin=common',
      '--set',
      'scheduler=adversary',
      '--set',
      'roundCap=40',
    ];
    const { code, stdout } = await velum(
      'run',
      'e2',
      ...set,
      '--seeds',
      '3',
      '--seed-from',
      '1000',
      '--out',
      out('set/a'),
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/this is not the\s+published experiment/);
    const results = JSON.parse(text('set/a', 'results.json'));
    expect(results.set).toEqual({ n: [4, 13], coin: ['common'], scheduler: ['adversary'], roundCap: [40] });
    expect(results.grid).toEqual(
      [4, 13].map((n) => ({ coin: 'common', scheduler: 'adversary', n, roundCap: 40 })),
    );
    expect(results.rows.map(({ n, seed }: { n: number; seed: number }) => [n, seed])).toEqual(
      [4, 13].flatMap((n) => [1000, 1001, 1002].map((seed) => [n, seed])),
    );
    expect(JSON.parse(text('set/a', 'run.json'))).toMatchObject({ set: results.set, grid: results.grid });
    const again = await velum('verify', out('set'), '--sample', '2');
    expect(again.stdout).toContain('all rows came out again; its grid was changed (n=4,13 coin=common');
    const told = await velum('report', out('set'));
    expect(told.stdout).toContain('another grid: n=4,13');
    expect(text('set', 'report.html')).toContain('this is not the published experiment');
    // Without what it says of its grid it is no run at all, and no other run goes on from it.
    const { set: _, grid: __, ...bare } = results;
    writeFileSync(join(out('set/a'), 'results.json'), JSON.stringify(bare));
    expect(await velum('report', out('set'))).toMatchObject({ code: 2 });
    expect(await velum('run', 'e2', '--out', out('set/a'))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('OUT_EXISTS'),
    });
    rmSync(out('set'), { recursive: true });
  });

  test('reports all finished runs on one page', async () => {
    const { code, stdout } = await velum('report', scratch, '--json');
    expect(code).toBe(0);
    const { report, experiments } = JSON.parse(stdout);
    expect(experiments.map(({ id }: { id: string }) => id)).toEqual([
      'e2-flp',
      'e2-flp',
      'e5-account-linkability',
      'e5-account-linkability',
    ]);
    expect(readFileSync(report, 'utf8').match(/class="chart"/g)).toHaveLength(2 + 2 * 4);
  });
});
