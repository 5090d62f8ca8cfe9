import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { endedIn, nodeProcess, PROGRAM } from '../helpers/cli.ts';

const scratch = mkdtempSync(join(tmpdir(), 'velum-experiment-e2e-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const out = (name: string): string => join(scratch, name);

const velum = (...args: string[]) => nodeProcess(scratch, PROGRAM, 'experiment', ...args);
/** What starts no workers needs no process of its own. */
const velumHere = (...args: string[]) => endedIn(scratch, 'experiment', ...args);
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

  test('runs a sample again, and tells rows that come out otherwise', async () => {
    const results = JSON.parse(text('e2', 'results.json'));
    const write = (dir: string): void => {
      mkdirSync(out(dir), { recursive: true });
      writeFileSync(join(out(dir), 'run.json'), text('e2', 'run.json'));
      writeFileSync(join(out(dir), 'results.json'), JSON.stringify(results));
    };
    write('again/a');
    results.rows[7].coinRounds += 1;
    write('again/b');
    const { code, stdout } = await velum('verify', out('again'), '--sample', '100', '--json');
    rmSync(out('again'), { recursive: true });
    expect(code).toBe(1);
    const [good, bad] = JSON.parse(stdout).runs;
    expect(good).toEqual({ ...bad, differences: [] });
    const { id, sampled, isSameProgram, differences } = bad;
    expect({ id, sampled, isSameProgram }).toEqual({
      id: 'e2-flp',
      sampled: 80,
      isSameProgram: true,
    });
    expect(differences).toHaveLength(1);
    const [{ seed, published, found }] = differences;
    expect(seed).toBe(results.rows[7].seed);
    expect(published[0].coinRounds - found[0].coinRounds).toBe(1);
  });

  test('reports finished runs on one page', async () => {
    const { code, stdout } = await velumHere('report', scratch, '--json');
    expect(code).toBe(0);
    const { report, experiments } = JSON.parse(stdout);
    expect(experiments.map(({ id }: { id: string }) => id)).toEqual(['e2-flp']);
    const page = readFileSync(report, 'utf8');
    expect(page.match(/class="chart"/g)).toHaveLength(1);
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
