import { describe, expect, test } from 'vitest';
import { defineExperiment, jobsOf, ranGrid } from '../../../src/experiments/define.ts';
import { jobKey } from '../../../src/experiments/journal.ts';
import { type FoundShard, mergeShards } from '../../../src/experiments/merge.ts';
import { resultsJson, resultsOf, type ShardFile } from '../../../src/experiments/results.ts';

const sample = defineExperiment({
  id: 'e0-sample',
  title: 'A sample',
  question: 'Is it?',
  method: 'None.',
  hypotheses: [{ text: 'x is not negative', held: (rows) => rows.every(({ x }) => Number(x) >= 0) }],
  grid: [{ n: 4 }, { n: 7 }],
  quickGrid: [{ n: 4 }],
  seeds: 20,
  quickSeeds: 1,
  columns: {
    n: { unit: 'count', meaning: 'n' },
    x: { unit: 'count', meaning: 'x' },
    ms: { unit: 'ms', meaning: 'by the clock' },
  },
  timed: ['ms'],
  run: ({ n }, seed) => [{ x: n * seed, ms: 1 }],
  charts: () => [],
});
const seeds = { from: 1, count: 20 };
const jobs = jobsOf(sample, false, seeds);
const rowsAt = (i: number, ms: number) => [{ x: 100 * i, ms }];

function shard(index: number, count: number, change: Partial<ShardFile> = {}): FoundShard {
  const file: ShardFile = {
    velum: 'experiment shard',
    quick: false,
    shard: { index, count },
    id: sample.id,
    command: '',
    version: '1',
    program: 'p',
    source: null,
    seeds,
    grid: ranGrid(sample, false),
    machine: { system: '', cpu: `cpu ${index}`, cores: 1, memoryGiB: 1, node: '' },
    started: `2026-01-0${index}T00:00:00.000Z`,
    finished: `2026-01-0${index + 1}T00:00:00.000Z`,
    jobSeconds: 1.5,
    measured: {},
    ...change,
  };
  const done = jobs.flatMap((job, i) =>
    i % count === index - 1 ? [{ key: jobKey(job), ms: 1, rows: rowsAt(i, index) }] : [],
  );
  return { dir: `part-${index}`, file, done };
}
const merge = (...shards: FoundShard[]) => mergeShards(sample, shards, 'p', 'merge');

describe('parts of a run', () => {
  test('make the results of one run, whatever their order, and say where each ran', () => {
    const whole = resultsOf(
      sample,
      false,
      jobs,
      new Map(jobs.map((job, i) => [jobKey(job), { rows: rowsAt(i, 9) }])),
    );
    const { results, head } = merge(shard(3, 3), shard(1, 3), shard(2, 3));
    expect(resultsJson(sample, results)).toBe(resultsJson(sample, whole));
    expect(head.started).toBe('2026-01-01T00:00:00.000Z');
    expect(head.finished).toBe('2026-01-04T00:00:00.000Z');
    expect(head.jobSeconds).toBe(4.5);
    expect(head.shards!.map(({ index, machine }) => [index, machine.cpu])).toEqual(
      [3, 1, 2].map((index) => [index, `cpu ${index}`]),
    );
  });

  test('may overlap where they found the same, whatever a clock measured', () => {
    expect(merge(shard(1, 2), shard(2, 2), shard(1, 1)).results.rows).toHaveLength(jobs.length);
  });

  const odd = shard(1, 1);
  test.each([
    ['no parts', []],
    ['27 of 40 jobs are in none of the 1 parts; not among them: 1/3, 3/3', [shard(2, 3)]],
    ['part-2 and part-1 have not the same version', [shard(1, 2), shard(2, 2, { program: 'q' })]],
    ['have not the same grid', [shard(1, 2), shard(2, 2, { grid: [{ n: 4 }] })]],
    ['have not the same grid (--set)', [shard(1, 2), shard(2, 2, { set: { n: [4] } })]],
    ['have not the same seeds', [shard(1, 2), shard(2, 2, { seeds: { from: 2, count: 20 } })]],
    ['have not the same choice of --quick', [shard(1, 2), shard(2, 2, { quick: true })]],
    ['have not the same file', [shard(1, 2), shard(2, 2, { file: { name: 'a', sha256: 'b', others: [] } })]],
    ['another version of the program than this one', [shard(1, 1, { program: 'q' })]],
    [
      'part-1 and part-1 found different rows for [{"n":4},1]',
      [shard(1, 2), shard(2, 2), { ...odd, done: [{ ...odd.done[0]!, rows: [{ x: 7, ms: 1 }] }] }],
    ],
  ])('are refused: %s', (says, shards) => {
    expect(() => merge(...shards)).toThrow(says);
    expect(() => merge(...shards)).toThrow(expect.objectContaining({ code: 'EXPERIMENT_MERGE' }));
  });
});
