import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Script } from 'node:vm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chartSvg, lineSpec, PALETTE } from '../../../src/experiments/charts.ts';
import { CITED, citation } from '../../../src/experiments/citation.ts';
import { defineExperiment, jobsOf, planted } from '../../../src/experiments/define.ts';
import { JOURNAL_FILE, JobJournal, jobKey } from '../../../src/experiments/journal.ts';
import { reportPage } from '../../../src/experiments/report.ts';
import {
  columnsCsv,
  resultsCsv,
  resultsJson,
  resultsOf,
  timedRows,
} from '../../../src/experiments/results.ts';
import { sourceCommit } from '../../../src/experiments/source-commit.ts';
import { means, quantile } from '../../../src/experiments/statistics.ts';

const sample = defineExperiment<{ size: number }, { sum: number; tookMs: number; bound: string }>({
  id: 'e0-sample',
  title: 'A <sample>',
  question: 'Is a sum a sum?',
  method: 'Addition.',
  hypotheses: [
    { text: 'Sums grow.', held: (rows) => rows.every(({ sum, size }) => sum > size) },
    { text: 'It is slow.', isTimed: true, held: (rows) => rows.every(({ tookMs }) => tookMs > 5) },
    {
      text: 'Nothing is zero.',
      isControl: true,
      breaks: (rows) =>
        planted(
          rows,
          () => true,
          () => ({ sum: 3 }),
        ),
      held: (rows) => rows.every(({ sum }) => sum !== 3),
    },
  ],
  grid: [{ size: 1 }, { size: 2 }],
  quickGrid: [{ size: 1 }],
  seeds: 2,
  quickSeeds: 1,
  columns: {
    size: { unit: 'count', meaning: 'things, “small” ones' },
    sum: { unit: 'count', meaning: 'things' },
    tookMs: { unit: 'ms', meaning: 'time' },
    bound: { unit: 'category', meaning: 'text' },
  },
  timed: ['tookMs'],
  run: ({ size }, seed) => [{ sum: size + seed, tookMs: 1, bound: 'a,"b"' }],
  charts: (rows) => [
    {
      title: 'Sums',
      caption: 'Sums & sizes.',
      spec: lineSpec({
        rows,
        x: { field: 'size', title: 'size' },
        y: { field: 'sum', title: 'sum' },
        series: { field: 'seed', title: 'seed' },
      }),
    },
  ],
});
const doneOf = (quick: boolean, tookMs = 1) =>
  new Map(
    jobsOf(sample, quick).map((job) => {
      const rows = [{ sum: (job.point['size'] as number) + job.seed, tookMs, bound: 'a,"b"' }];
      return [jobKey(job), { key: jobKey(job), ms: 1, rows }] as const;
    }),
  );
const results = (tookMs = 1) => resultsOf(sample, false, jobsOf(sample, false), doneOf(false, tookMs));

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'velum-experiment-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('an experiment', () => {
  test('has a job for each point and seed, fewer when quick, as many seeds as asked for', () => {
    expect(jobsOf(sample, false).map(({ point, seed }) => [point['size'], seed])).toEqual([
      [1, 1],
      [1, 2],
      [2, 1],
      [2, 2],
    ]);
    expect(jobsOf(sample, true)).toHaveLength(1);
    expect(jobsOf(sample, true, { count: 5 })).toHaveLength(5);
    expect(jobsOf(sample, true, { from: 7, count: 2 }).map(({ seed }) => seed)).toEqual([7, 8]);
  });

  test('gives rows in the order of its jobs, and verdicts from them, also those that did not hold', () => {
    const found = results();
    expect(found.rows.map(({ size, seed, sum }) => [size, seed, sum])).toEqual([
      [1, 1, 2],
      [1, 2, 3],
      [2, 1, 3],
      [2, 2, 4],
    ]);
    expect(found.hypotheses.map(({ verdict, control, timed }) => [verdict, control, timed])).toEqual([
      ['not decided', false, false],
      ['not decided', false, true],
      ['not decided', true, false],
    ]);
  });

  test('keeps what a clock measured out of results.json', () => {
    expect(resultsJson(sample, results(1))).toBe(resultsJson(sample, results(9)));
    const written = JSON.parse(resultsJson(sample, results()));
    expect(written.rows[0]).toEqual({ size: 1, seed: 1, sum: 2, bound: 'a,"b"' });
    expect(written.hypotheses.map(({ text }: { text: string }) => text)).toEqual([
      'Sums grow.',
      'Nothing is zero.',
    ]);
    expect(written.columns).not.toHaveProperty('tookMs');
    expect(timedRows(sample, results(9).rows)[3]).toEqual({ tookMs: 9 });
  });

  test('writes CSV that a spreadsheet reads', () => {
    expect(resultsCsv(results().rows.slice(0, 1))).toBe('size,seed,sum,tookMs,bound\n1,1,2,1,"a,""b"""\n');
    expect(columnsCsv(sample).split('\n').slice(0, 4)).toEqual([
      'column,unit,meaning',
      'seed,seed,of all that is drawn',
      'size,count,"things, “small” ones"',
      'sum,count,things',
    ]);
  });
});

describe('a journal', () => {
  const head = { id: 'e0-sample', quick: false, program: 'p' };
  const found = { sum: 1, tookMs: 2, bound: 'n' };
  const done = { key: 'k', ms: 3, rows: [found] };
  const open = (other: object = {}, fresh = false): JobJournal =>
    new JobJournal(dir, { ...head, ...other }, sample, fresh);

  test('gives an interrupted run back, but for the line that was cut', () => {
    const first = open();
    first.setStarted('2026-01-01T00:00:00.000Z');
    first.setMeasured({ hashUs: 2 });
    first.add(done);
    const path = join(dir, JOURNAL_FILE);
    writeFileSync(path, `${readFileSync(path, 'utf8')}{"key":"cut","ms":1,"ro`);
    const again = open();
    expect([...again.done]).toEqual([['k', done]]);
    expect(again.measured).toEqual({ hashUs: 2 });
    expect(again.started).toBe('2026-01-01T00:00:00.000Z');
    again.add({ ...done, key: 'l' });
    expect([...open().done.keys()]).toEqual(['k', 'l']);
  });

  test.each([
    'null',
    '5',
    '"x"',
    '[]',
    '{}',
    '{"key":"k","ms":1}',
    '{"key":"k","ms":1,"rows":null}',
    '{"key":"k","ms":1,"rows":[]}',
    '{"key":"k","ms":1,"rows":[5]}',
    '{"key":"k","ms":1,"rows":[null]}',
    '{"key":"k","ms":1,"rows":[{}]}',
    '{"key":"k","ms":1,"rows":[{"sum":1,"tookMs":2}]}',
    '{"key":"k","ms":1,"rows":[{"sum":[1],"tookMs":2,"bound":"n"}]}',
    '{"key":"k","ms":1,"rows":[{"sum":"1","tookMs":2,"bound":"n"}]}',
    '{"key":"k","ms":1,"rows":[{"sum":1,"tookMs":2,"bound":5}]}',
    '{"key":"k","ms":1,"rows":[{"sum":1,"tookMs":2,"bound":"n","size":9}]}',
    '{"key":"k","ms":"1","rows":[{"sum":1,"tookMs":2,"bound":"n"}]}',
    '{"key":5,"ms":1,"rows":[{"sum":1,"tookMs":2,"bound":"n"}]}',
    '{"started":"yesterday"}',
    '{"measured":null}',
    '{"measured":{"hashUs":"2"}}',
  ])('passes over the line %s, and drops it', (line) => {
    open().add({ ...done, key: 'l' });
    const path = join(dir, JOURNAL_FILE);
    writeFileSync(path, `${readFileSync(path, 'utf8')}${line}\n`);
    const again = open();
    expect([...again.done.keys()]).toEqual(['l']);
    expect(again.measured).toBeUndefined();
    expect(readFileSync(path, 'utf8')).not.toContain(`\n${line}\n`);
  });

  test('that cannot be read or written says so, and what to do', () => {
    const path = join(dir, JOURNAL_FILE);
    mkdirSync(path);
    const help = expect.stringMatching(/jobs\.jsonl: .*--out DIR/);
    const thrown = (act: () => unknown): unknown => {
      try {
        return act();
      } catch (error) {
        return error;
      }
    };
    expect(thrown(() => open())).toMatchObject({ code: 'FILE_UNREADABLE', message: help });
    expect(thrown(() => open({}, true))).toMatchObject({ code: 'FILE_UNWRITABLE', message: help });
    rmSync(path, { recursive: true });
    execFileSync('mkfifo', [path]);
    expect(thrown(() => open())).toMatchObject({ code: 'FILE_UNREADABLE', message: help });
    rmSync(path);
    const journal = open();
    rmSync(path);
    mkdirSync(path);
    expect(thrown(() => journal.add(done))).toMatchObject({ code: 'FILE_UNWRITABLE', message: help });
    expect(thrown(() => journal.setMeasured({}))).toMatchObject({ code: 'FILE_UNWRITABLE' });
  });

  test('refuses rows of another program or experiment, and forgets them when asked to', () => {
    open().add(done);
    expect(() => open({ program: 'q' })).toThrow(/--fresh/);
    expect(() => open({ quick: true })).toThrow(/OUT|another version/);
    expect(open({ program: 'q' }, true).done.size).toBe(0);
  });
});

describe('statistics', () => {
  test('mean over what distinguishes no rows, and quantiles', () => {
    const rows = [
      { n: 4, what: 'a', ok: true, value: 1, gap: null },
      { n: 4, what: 'b', ok: false, value: 3, gap: 4 },
      { n: 7, what: 'c', ok: true, value: 5, gap: null },
    ];
    expect(means(rows, ['n'])).toEqual([
      { n: 4, ok: 0.5, value: 2, gap: 4 },
      { n: 7, ok: 1, value: 5 },
    ]);
    expect([0, 0.5, 1].map((q) => quantile([3, 1, 2], q))).toEqual([1, 2, 3]);
  });
});

test('a run names the commit of its own repository, and no other one', () => {
  const root = resolve(import.meta.dirname, '../../..');
  expect(sourceCommit(dir)).toBeNull();
  expect(sourceCommit(join(root, 'src'))).toBeNull();
  if (existsSync(join(root, '.git'))) expect(sourceCommit(root)?.commit).toMatch(/^[0-9a-f]{40}$/);
});

describe('a report', () => {
  const record = {
    velum: 'experiment run' as const,
    id: sample.id,
    command: 'velum experiment run e0',
    version: '0',
    program: '<b>"\'&',
    source: null,
    seeds: { from: 1, count: 2 },
    machine: { system: 'linux x64', cpu: 'c', cores: 2, memoryGiB: 4, node: 'v20' },
    started: '2025-12-31T00:00:00.000Z',
    finished: '2026-01-01T00:00:00.000Z',
    jobSeconds: 1,
    measured: { hashUs: 2 },
    hypotheses: [],
    rows: [],
  };
  test('is one page with verdicts, escaped texts, specifications of all charts and nothing from elsewhere', async () => {
    const { rows, seeds, hypotheses } = results();
    const page = await reportPage([
      {
        experiment: sample,
        place: { id: sample.id },
        quick: false,
        set: {},
        seeds,
        hypotheses,
        rows,
        record,
      },
    ]);
    expect(page).toContain('A &lt;sample&gt;');
    expect(page).toContain('program &lt;b&gt;&quot;&#39;&amp;,');
    expect(page.match(/class="open"/g)).toHaveLength(3);
    const specs = JSON.parse(page.match(/id="specs">(.*)<\/script>/)![1]!);
    expect(specs).toHaveLength(1);
    expect(page).not.toMatch(/<(script|img|iframe)[^>]* src=|<link[^>]* href="http/);
    // Sums 2 and 3 of two seeds: t with one degree of freedom is 12.706, the standard error 1/2.
    expect(page).toContain('<td class="number">2.5 <small>± 6.353</small></td>');
    expect(page).toContain('<figure id="e0-sample-1">');
    expect(page).toContain('<a class="anchor" href="#e0-sample-1"');
    expect([...page.matchAll(/data-save="(\w+)"/g)].map(([, kind]) => kind)).toEqual(['csv', 'svg', 'png']);
    expect(page).toContain('download="e0-sample.csv"');
    expect(page).toContain('download="e0-sample-columns.csv"');
    expect(page).toContain('@media (prefers-color-scheme: dark)');
    const scripts = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, code]) => code!);
    for (const code of scripts) expect(() => new Script(code)).not.toThrow();
  });

  test('says how to cite it as CITATION.cff does, with the commit', () => {
    const cff = readFileSync(resolve(import.meta.dirname, '../../../CITATION.cff'), 'utf8');
    expect(cff).toContain(`title: "${CITED.title}"`);
    expect(cff).toContain(`- name: ${CITED.author}\n`);
    const commit = '0123456789'.repeat(4);
    const cited = citation([{ ...record, source: { commit, isModified: false } }]);
    expect(cited).toContain(`note    = {commit ${commit}}`);
    expect(cited).toContain('year    = {2026}');
    expect(citation([record])).not.toContain('commit 0');
  });

  test('draws a chart without a browser, in colours that everybody can tell apart', async () => {
    const svg = await chartSvg(sample.charts(results().rows as never)[0]!);
    expect(svg).toMatch(/^<svg[\s\S]*<\/svg>\n$/);
    expect(svg).toContain('>Sums<');
    for (const colour of PALETTE.slice(0, 2)) expect(svg.toLowerCase()).toContain(colour.toLowerCase());
  });
});
