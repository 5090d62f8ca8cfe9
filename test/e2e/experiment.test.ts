import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Ended, nodeProcess, PROGRAM, velumIn } from '../helpers/cli.ts';

const scratch = mkdtempSync(join(tmpdir(), 'velum-experiment-e2e-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const out = (name: string): string => join(scratch, name);

const velum = (...args: string[]) => nodeProcess(scratch, PROGRAM, 'experiment', ...args);
/** What starts no workers needs no process of its own. */
async function velumHere(...args: string[]): Promise<Ended> {
  const { exitCode, out: stdout, err: stderr } = await velumIn(scratch, 'experiment', ...args);
  return { code: exitCode, stdout, stderr };
}
const text = (dir: string, name: string): string => readFileSync(join(out(dir), name), 'utf8');

describe('velum experiment', () => {
  test('runs e2 quickly, prints one JSON object, and leaves rows, a table and a picture', async () => {
    const { code, stdout, stderr } = await velum(
      'run',
      'e2',
      '--quick',
      '--seeds',
      '8',
      '--out',
      out('e2'),
      '--json',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { id, hypotheses, rows } = JSON.parse(stdout);
    expect(id).toBe('e2-flp');
    expect(hypotheses).toHaveLength(6);
    expect(Object.keys(hypotheses[0])).toEqual(['text', 'verdict', 'reason', 'setsHeld', 'control']);
    // Eight seeds decide nothing.
    expect(new Set(hypotheses.map(({ verdict }: { verdict: string }) => verdict))).toEqual(
      new Set(['not decided']),
    );
    expect(rows).toHaveLength(10 * 8);
    expect(JSON.parse(text('e2', 'results.json')).rows).toEqual(rows);
    expect(text('e2', 'columns.csv')).toContain('\ncoinRounds,count,');
    expect(text('e2', 'results.csv').trim().split('\n')).toHaveLength(1 + rows.length);
    expect(text('e2', 'plot.svg')).toMatch(/^<svg[\s\S]*<\/svg>/);
    expect(JSON.parse(text('e2', 'run.json'))).toMatchObject({
      id,
      command: 'velum experiment run e2-flp --quick --seeds 8',
      seeds: { from: 1, count: 8 },
      started: expect.stringMatching(/Z$/),
    });
  });

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

  test('runs a sample again, and tells rows that come out otherwise', async () => {
    const results = JSON.parse(text('e5', 'results.json'));
    const write = (dir: string): void => {
      mkdirSync(out(dir), { recursive: true });
      writeFileSync(join(out(dir), 'run.json'), text('e5', 'run.json'));
      writeFileSync(join(out(dir), 'results.json'), JSON.stringify(results));
    };
    write('again/a');
    results.rows[7].correctShare += 0.001;
    write('again/b');
    const { code, stdout } = await velum('verify', out('again'), '--sample', '100', '--json');
    rmSync(out('again'), { recursive: true });
    expect(code).toBe(1);
    const [good, bad] = JSON.parse(stdout).runs;
    expect(good).toEqual({ ...bad, differences: [] });
    const { id, sampled, isSameProgram, differences } = bad;
    expect({ id, sampled, isSameProgram }).toEqual({
      id: 'e5-account-linkability',
      sampled: 12,
      isSameProgram: true,
    });
    expect(differences).toHaveLength(1);
    const [{ seed, published, found }] = differences;
    expect(seed).toBe(results.rows[7].seed);
    expect(published[0].correctShare - found[0].correctShare).toBeCloseTo(0.001, 9);
  });

  test('runs a grid that a command line changed, and nothing takes it for the published one', async () => {
    const wrong = await velumHere('run', 'e2', '--set', 'm=4');
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
    const told = await velumHere('report', out('set'));
    expect(told.stdout).toContain('another grid: n=4,13');
    expect(text('set', 'report.html')).toContain('this is not the experiment as it is published');
    // Without what it says of its grid it is no run at all, and no other run goes on from it.
    const { set: _, grid: __, ...bare } = results;
    writeFileSync(join(out('set/a'), 'results.json'), JSON.stringify(bare));
    expect(await velumHere('report', out('set'))).toMatchObject({ code: 2 });
    expect(await velumHere('run', 'e2', '--out', out('set/a'))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('OUT_EXISTS'),
    });
    rmSync(out('set'), { recursive: true });
  });

  test('reports all finished runs on one page', async () => {
    const { code, stdout } = await velumHere('report', scratch, '--json');
    expect(code).toBe(0);
    const { report, experiments } = JSON.parse(stdout);
    expect(experiments.map(({ id }: { id: string }) => id)).toEqual([
      'e2-flp',
      'e2-flp',
      'e5-account-linkability',
      'e5-account-linkability',
    ]);
    const page = readFileSync(report, 'utf8');
    expect(page.match(/class="chart"/g)).toHaveLength(2 + 2 * 4);
    expect(page).toContain('velum experiment run e2-flp --quick --seeds 8');
  });

  test('says what is wrong with a name, a directory and a file', async () => {
    const unknown = await velumHere('run', 'e77', '--json');
    expect(unknown.code).toBe(2);
    expect(JSON.parse(unknown.stdout).error).toMatchObject({ code: 'EXPERIMENT_UNKNOWN' });
    const nothing = await velumHere('report', join(scratch, 'nowhere'));
    expect(nothing).toMatchObject({ code: 2, stderr: expect.stringContaining('EXPERIMENT_FILES') });
    const other = await velumHere('run', 'e5', '--out', out('e2'));
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('--fresh') });
    for (const place of ['/proc/x', '/proc/x/y', '/dev/full', join(out('e2'), 'run.json')])
      expect(await velumHere('run', 'e2', '--quick', '--out', place)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('FILE_UNWRITABLE'),
      });
    expect((await velumHere('list')).stdout).toContain('e9-censorship');
  });
});
