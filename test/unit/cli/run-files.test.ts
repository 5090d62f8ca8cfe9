import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { experimentsPage } from '../../../scripts/experiments-page.ts';
import { readRuns } from '../../../src/cli/experiment/run-files.ts';
import { type Experiment, jobsOf } from '../../../src/experiments/define.ts';
import { flp } from '../../../src/experiments/e2-flp.ts';
import { cost } from '../../../src/experiments/e6-cost.ts';
import { settlement } from '../../../src/experiments/e7-settlement.ts';
import { EXPERIMENTS } from '../../../src/experiments/registry.ts';
import type { Row } from '../../../src/experiments/row.ts';

const SEEDS = [1, 2];
/** Rows as a run writes them, one or two a job; what they say was made up. */
const rowsOf = (experiment: Experiment, found: readonly Row[]): Row[] =>
  jobsOf(experiment, true, { count: SEEDS.length }).flatMap(({ point, seed }) =>
    found.map((each): Row => ({ ...point, seed, ...each })),
  );
const FLP = rowsOf(flp, [{ decided: true, coinRounds: 1 }]);
const resultsOf = (id: string, rows: readonly unknown[]) => ({
  velum: 'experiment',
  id,
  quick: true,
  seeds: SEEDS,
  rows,
});
const recordOf = (id: string, rows: readonly Row[] = []) => ({
  velum: 'experiment run',
  id,
  command: `velum experiment run ${id} --quick`,
  version: '0.1.0',
  program: '0123456789abcdef'.repeat(4),
  source: { commit: '0123456789'.repeat(4), isModified: true },
  seeds: { from: 1, count: SEEDS.length },
  machine: { system: 'linux x64', cpu: 'c', cores: 2, memoryGiB: 4, node: 'v20' },
  started: '2025-12-31T00:00:00.000Z',
  finished: '2026-01-01T00:00:00.000Z',
  jobSeconds: 1,
  measured: {},
  hypotheses: [],
  rows,
});

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'velum-runs-'));
});
afterEach(() => rmSync(dir, { recursive: true }));
function write(results: object, record: object): void {
  writeFileSync(join(dir, 'results.json'), JSON.stringify(results));
  writeFileSync(join(dir, 'run.json'), JSON.stringify(record));
}
const refused = (reason: string | RegExp) =>
  expect(readRuns(dir)).rejects.toMatchObject({
    code: 'EXPERIMENT_FILES',
    message: expect.stringMatching(reason),
  });

describe('the files of a run', () => {
  test('are read with verdicts from their rows', async () => {
    write(resultsOf(flp.id, FLP), recordOf(flp.id));
    const [run] = await readRuns(dir);
    expect(run!.rows).toEqual(FLP);
    expect(run!.hypotheses.map(({ verdict }) => verdict)).toEqual(Array(6).fill('not decided'));
    expect(run!.hypotheses[0]!.reason).toBe(
      'it did not hold over all 2 seeds, and a verdict needs 20 or more',
    );
  });

  test('under the id of another experiment are refused', async () => {
    write(resultsOf(cost.id, FLP), recordOf(cost.id));
    await refused(/no run of e6-cost .*: e6-cost with so many seeds has at least|row 1 has no acs/);
    const enough = Array.from({ length: 1000 }, () => FLP[0]!);
    write(resultsOf(cost.id, enough), recordOf(cost.id));
    await refused('row 1 has no acs, a column of e6-cost');
  });

  const [first, second, ...rest] = FLP as [Row, Row, ...Row[]];
  const without = (column: string): Row =>
    Object.fromEntries(Object.entries(first).filter(([name]) => name !== column));
  test.each([
    ['none', [], /at \$\.rows|\$\.rows: /],
    ['an empty one', [{}, second, ...rest], 'row 1 has no coin, '],
    ['only empty ones', [{}], 'e2-flp with so many seeds has at least 20 rows, not 1'],
    ['one without its point', [without('n'), second, ...rest], 'row 1 has no n, '],
    ['one without its seed', [without('seed'), second, ...rest], 'row 1 has no seed, '],
    ['one without what was found', [without('decided'), second, ...rest], 'row 1 has no decided, '],
    ['one with another column', [{ ...first, x: 1 }, second, ...rest], 'row 1 has "x", no column of e2-flp'],
    ['a text for a number', [{ ...first, coinRounds: '1' }, second, ...rest], 'coinRounds is no number'],
    ['a number for a truth value', [{ ...first, decided: 1 }, second, ...rest], 'decided is no boolean'],
    ['nothing for a truth value', [{ ...first, decided: null }, second, ...rest], 'decided is no boolean'],
    ['a list for a number', [{ ...first, coinRounds: [1] }, second, ...rest], /\$\.rows\[0\]\.coinRounds/],
    ['a point that is not in the grid', [{ ...first, n: 5 }, second, ...rest], 'row 1 is of no point'],
    ['a seed that the run had not', [{ ...first, seed: 3 }, second, ...rest], 'row 1 is of no point'],
    ['a seed that is a text', [{ ...first, seed: '1' }, second, ...rest], 'row 1 is of no point'],
    ['one less than it has jobs', [second, ...rest], 'at least 20 rows, not 19'],
    ['one twice', [first, first, ...rest], 'row 2 is there twice'],
  ])('with rows of which there is %s are refused', async (_, rows, reason) => {
    write(resultsOf(flp.id, rows), recordOf(flp.id));
    await refused(reason);
  });

  test('with seeds that do not follow each other are refused, however many', async () => {
    write({ ...resultsOf(flp.id, FLP), seeds: [1, 3] }, recordOf(flp.id));
    await refused('its seeds do not follow each other');
    write({ ...resultsOf(flp.id, FLP), seeds: [0, 1] }, recordOf(flp.id));
    await refused('its seeds do not follow each other');
    const later = FLP.map((row) => ({ ...row, seed: (row['seed'] as number) + 1000 }));
    write({ ...resultsOf(flp.id, later), seeds: [1001, 1002] }, recordOf(flp.id));
    expect((await readRuns(dir))[0]!.seeds).toEqual([1001, 1002]);
    write({ ...resultsOf(flp.id, FLP), seeds: Array.from({ length: 1e6 }, (_, i) => i) }, recordOf(flp.id));
    await refused('has at least 10000000 rows');
  });

  test('with a program that is no hash are refused: it goes into the page', async () => {
    write(resultsOf(flp.id, FLP), { ...recordOf(flp.id), program: '<script>1</script>' });
    await refused(/\$\.program: 64 hex digits are expected/);
  });

  test('have their measured columns, and only those, in run.json', async () => {
    const found = [{ spreadMs: 1, orderedMs: 2, networkMs: 3, coins: 0 }];
    const times = Object.fromEntries((settlement.timed ?? []).map((column, i) => [column, i]));
    const rows = rowsOf(settlement, found);
    const timed = rows.map(() => times);
    write(resultsOf(settlement.id, rows), recordOf(settlement.id, timed));
    expect((await readRuns(dir))[0]!.rows).toEqual(rows.map((row) => ({ ...row, ...times })));
    write(resultsOf(settlement.id, rows), recordOf(settlement.id, timed.slice(1)));
    await refused('are of two runs');
    write(
      resultsOf(settlement.id, rows),
      recordOf(settlement.id, [{ ...times, networkMs: 0 } as Row, ...timed.slice(1)]),
    );
    await refused('are of two runs');
    write(
      resultsOf(settlement.id, rows),
      recordOf(settlement.id, [{ ...times, settledLowMs: 'none' } as Row, ...timed.slice(1)]),
    );
    await refused('row 1: settledLowMs is no number');
    // One job of two, twice.
    write(
      resultsOf(settlement.id, [rows[0]!, ...rows.slice(0, 1), ...rows.slice(2)]),
      recordOf(settlement.id, timed),
    );
    await refused('row 2 is there twice');
    write(resultsOf(flp.id, FLP), recordOf(flp.id, FLP));
    await refused('are of two runs');
  });

  test('beside nothing, or in a file, are named', async () => {
    await refused('holds no finished run');
    mkdirSync(join(dir, 'sub'));
    await refused('holds no finished run');
    await expect(readRuns(join(dir, 'nowhere'))).rejects.toMatchObject({ code: 'EXPERIMENT_FILES' });
  });
});

describe('docs/EXPERIMENTS.md', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/EXPERIMENTS.md'), 'utf8');
  const sectionOf = (text: string, title: string): string | undefined =>
    text.split(/\n(?=## )/).find((part) => part.startsWith(`## ${title}\n`));
  const quick = async () => {
    write(resultsOf(flp.id, FLP), recordOf(flp.id));
    return readRuns(dir);
  };

  test('stays as it is where there is no full run, or more than one', async () => {
    const [run] = await quick();
    const full = { ...run!, quick: false };
    expect(experimentsPage(page, [run!])).toBe(page);
    expect(experimentsPage(page, [full, full])).toBe(page);
  });

  test('has the row and the section of a full run in place of the former ones, and all others as they were', async () => {
    const [run] = await quick();
    const written = String(experimentsPage(page, [{ ...run!, quick: false }]));
    expect(sectionOf(written, flp.title)).toContain('`velum experiment run e2-flp --quick`: 20 rows');
    expect(written).toContain(`${flp.question} | 4 not decided | 2 not decided |`);
    expect(written).toContain('commit 012345678901 with changes');
    for (const { title } of EXPERIMENTS)
      if (title !== flp.title) expect(sectionOf(written, title)?.trim()).toBe(sectionOf(page, title)?.trim());
  });

  test('is not written without an experiment that is not on it and has no full run', async () => {
    const without = page.replace(sectionOf(page, flp.title)!, '');
    const rowless = page.replace(`| [${flp.title}](#`, '| ');
    const runs = await quick();
    for (const one of [without, rowless]) expect(experimentsPage(one, runs)).toEqual([flp]);
    expect(experimentsPage('', runs)).toEqual(EXPERIMENTS);
  });
});
