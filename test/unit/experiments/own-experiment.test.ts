import { describe, expect, test } from 'vitest';
import { lineSpec } from '../../../src/experiments/charts.ts';
import { checkExperiment } from '../../../src/experiments/check-experiment.ts';
import type { Experiment } from '../../../src/experiments/define.ts';
import { isModulePath } from '../../../src/experiments/own-module.ts';
import { EXPERIMENTS } from '../../../src/experiments/registry.ts';
import { tryExperiment } from '../../../src/experiments/trial.ts';

const good = {
  id: 'mine',
  title: 'T',
  question: 'Q?',
  method: 'M',
  hypotheses: [
    { text: 'a', held: (rows: readonly { x: number }[]) => rows.every(({ x }) => x > 0) },
    { text: 'b', isControl: true, held: () => true, breaks: () => [] },
  ],
  grid: [
    { n: 4, how: 'a' },
    { n: 7, how: 'b' },
  ],
  quickGrid: [{ n: 4, how: 'a' }],
  seeds: 20,
  quickSeeds: 2,
  columns: {
    n: { unit: 'count', meaning: 'n' },
    how: { unit: 'category', meaning: 'how' },
    x: { unit: 'ms', meaning: 'x' },
  },
  run: (_: object, seed: number) => [{ x: seed }],
  charts: (rows: readonly object[]) => [
    {
      title: 'C',
      caption: 'c',
      spec: lineSpec({
        rows: rows as never,
        x: { field: 'n', title: 'n' },
        y: { field: 'x', title: 'x' },
        series: { field: 'how', title: 'how' },
      }),
    },
  ],
};
const fieldsOf = (value: unknown): string[] => checkExperiment(value, ['e2-flp']).map(({ field }) => field);

describe('the shape of an experiment of one’s own', () => {
  test('is that of every experiment of the package', () => {
    expect(fieldsOf(good)).toEqual([]);
    for (const each of EXPERIMENTS) expect(checkExperiment(each, []), each.id).toEqual([]);
  });

  test.each([
    ['export default', 5],
    ['id', { ...good, id: 'Mine' }],
    ['id', { ...good, id: 'e2-mine' }],
    ['hypothesis', { ...good, hypothesis: [] }],
    ['title', { ...good, title: undefined }],
    ['method', { ...good, method: ' ' }],
    ['seeds', { ...good, seeds: 0 }],
    ['quickSeeds', { ...good, quickSeeds: 1.5 }],
    ['run', { ...good, run: [] }],
    ['grid', { ...good, grid: [] }],
    ['grid', { ...good, grid: [{ n: 4, how: 'a' }, { n: 7 }] }],
    [
      'grid',
      {
        ...good,
        grid: [
          { n: 4, how: 'a' },
          { n: 4, how: 'a' },
        ],
      },
    ],
    ['quickGrid', { ...good, quickGrid: [{ how: 'a', n: 4 }] }],
    ['quickGrid', { ...good, quickGrid: [{ n: 4, how: ['a'] }] }],
    ['columns.how', { ...good, columns: { n: good.columns.n, x: good.columns.x } }],
    ['columns.how', { ...good, columns: { ...good.columns, how: { unit: 'count', meaning: 'how' } } }],
    ['columns.x', { ...good, columns: { ...good.columns, x: 'ms' } }],
    ['columns', { ...good, columns: { n: good.columns.n, how: good.columns.how } }],
    ['columns.seed', { ...good, columns: { ...good.columns, seed: good.columns.n } }],
    ['per', { ...good, per: ['n'] }],
    ['timed', { ...good, timed: 'x' }],
    ['hypotheses', { ...good, hypotheses: [] }],
    ['hypotheses[0].held', { ...good, hypotheses: [{ text: 'a' }] }],
    ['hypotheses[1].text', { ...good, hypotheses: [good.hypotheses[0], good.hypotheses[0]] }],
    ['hypotheses[0].breaks', { ...good, hypotheses: [{ text: 'a', held: () => true, isControl: true }] }],
    ['hypotheses[0].breaks', { ...good, hypotheses: [{ text: 'a', held: () => true, breaks: () => [] }] }],
  ])('names the field %s', (field, value) => expect(fieldsOf(value)).toContain(field));

  test('names all that is wrong at once', () => {
    expect(fieldsOf({ ...good, id: '', seeds: -1, charts: undefined })).toEqual(['charts', 'id', 'seeds']);
  });
});

describe('a trial', () => {
  const context = { erasure: { encode: () => [], reconstruct: () => undefined } as never, measured: {} };
  const problemsOf = async (change: object): Promise<string[]> =>
    (await tryExperiment({ ...good, ...change } as unknown as Experiment, context)).map(
      ({ field, message }) => `${field}: ${message}`,
    );

  test('finds nothing wrong with a good one', async () => expect(await problemsOf({})).toEqual([]));

  let calls = 0;
  test.each([
    ['run: it fails at {"n":4,"how":"a"}: no', { run: () => Promise.reject(new Error('no')) }],
    ['run: it gives no list', { run: () => ({ x: 1 }) }],
    ['run: it gives no list', { run: () => [] }],
    ['run: row 1 has no x, a column of mine', { run: () => [{}] }],
    ['run: row 1 has "y", no column of mine', { run: () => [{ x: 1, y: 2 }] }],
    ['run: row 1: x is no number', { run: () => [{ x: 'one' }] }],
    ['run: row 1: x is NaN', { run: () => [{ x: Number.NaN }] }],
    ['run: row 2 is there twice', { run: () => [{ x: 1 }, { x: 2 }] }],
    ['run: row 1 has n, which every row gets', { run: () => [{ x: 1, n: 4 }] }],
    ['run: the same point and seed gave two different results', { run: () => [{ x: calls++ }] }],
    ['hypotheses[0].held: it fails', { hypotheses: [{ text: 'a', held: () => [][0]!['y'] }] }],
    ['hypotheses[0].held: true, false', { hypotheses: [{ text: 'a', held: () => 1 }] }],
    ['hypotheses[0].breaks: a list', { hypotheses: [{ ...good.hypotheses[1], breaks: () => 1 }] }],
    ['charts: a list of one chart', { charts: () => [] }],
    ['charts[0]: it cannot be drawn', { charts: () => [{ title: 'a', caption: 'b', spec: { mark: 'no' } }] }],
  ])('says %s', async (says, change) => {
    const problems = await problemsOf(change);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(says);
  });
});

test('a name with a folder or an ending of a module is a file', () => {
  expect(['./mine', 'mine.ts', 'a/b.mjs', 'x.js'].map(isModulePath)).toEqual([true, true, true, true]);
  expect(['e2', 'e2-flp'].map(isModulePath)).toEqual([false, false]);
});
