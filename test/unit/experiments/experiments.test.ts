import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EXPERIMENTS, experimentOf } from '../../../src/experiments/registry.ts';

const room = resolve(import.meta.dirname, '../../../src/experiments');

describe.each(EXPERIMENTS.map((experiment) => [experiment.id, experiment] as const))(
  '%s',
  (id, experiment) => {
    test('asks a question, states hypotheses and a control, and names a unit for every column', () => {
      expect(id).toMatch(/^e\d+-[a-z-]+$/);
      expect(experiment.question).toMatch(/\?$/);
      expect(experiment.hypotheses.some(({ isControl }) => isControl)).toBe(true);
      expect(experiment.hypotheses.some(({ isControl }) => !isControl)).toBe(true);
      for (const point of [...experiment.grid, ...experiment.quickGrid])
        for (const column of Object.keys(point)) expect(experiment.columns).toHaveProperty(column);
      for (const column of [...(experiment.per ?? []), ...(experiment.timed ?? [])])
        expect(experiment.columns).toHaveProperty(column);
    });

    test('runs every point once, and quick points are as full ones', () => {
      for (const grid of [experiment.grid, experiment.quickGrid]) {
        const keys = grid.map((point) => JSON.stringify(point));
        expect(new Set(keys).size).toBe(keys.length);
        expect(new Set(grid.map((point) => Object.keys(point).sort().join())).size).toBe(1);
      }
      expect(experiment.quickSeeds).toBeLessThanOrEqual(experiment.seeds);
    });
  },
);

test('an experiment is found by its id or its number, and an unknown one is refused with what there is', () => {
  for (const experiment of EXPERIMENTS) {
    expect(experimentOf(experiment.id)).toBe(experiment);
    expect(experimentOf(experiment.id.split('-')[0]!)).toBe(experiment);
  }
  expect(() => experimentOf('e0')).toThrow(/there are e1-liveness, /);
});

test('what an experiment runs has no clock, entropy or I/O of its own', () => {
  const files = readdirSync(room).filter((name) => /^e\d+-.*\.ts$/.test(name));
  expect(files).toHaveLength(EXPERIMENTS.length);
  const pure = [
    ...files,
    'aba-attack.ts',
    'auction-curve.ts',
    'auction-flow.ts',
    'ballot-attacks.ts',
    'ballot-charts.ts',
    'ballot-journeys.ts',
    'ballot-observers.ts',
    'ballot-rows.ts',
    'canary-gossip.ts',
    'coarse-front-runner.ts',
    'committee-draws.ts',
    'deposit-observers.ts',
    'early-opening.ts',
    'front-run-cells.ts',
    'front-runners.ts',
    'height-calls.ts',
    'height-price.ts',
    'item-spread.ts',
    'leader-hold.ts',
    'liveness-grid.ts',
    'liveness-run.ts',
    'matching.ts',
    'mempool-committee.ts',
    'observer-scores.ts',
    'pool-circuits.ts',
    'prices.ts',
    'settlement-network.ts',
    'settlement-protocol.ts',
    'settlement-time.ts',
    'split-variants.ts',
    'watched.ts',
    'wide-area.ts',
  ];
  for (const name of pure) {
    const code = readFileSync(join(room, name), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
    expect(code, name).not.toMatch(/\bDate\b|\bperformance\b|Math\.random|\bprocess\.\w|from 'node:/);
  }
});
