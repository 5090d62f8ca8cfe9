import { expect, test } from 'vitest';
import { interval } from '../../../src/cli/bench/node-statistics.ts';

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => n - i);

test('the interval of a median lies where tables of order statistics have it', () => {
  // Conover, Practical Nonparametric Statistics: n = 50, 95 %: the 18th and the 33rd value.
  expect(interval(upTo(50), 0.5)).toEqual({ value: 25, from: 18, to: 33 });
  expect(interval(upTo(100), 0.5)).toEqual({ value: 50, from: 40, to: 61 });
});

test('of a percentile beyond the sample nothing bounds it from above', () => {
  expect(interval(upTo(50), 0.99).to).toBeNull();
  expect(interval(upTo(50), 0.99).value).toBe(50);
  expect(interval([3], 0.5)).toEqual({ value: 3, from: 3, to: null });
});

test('an interval holds the quantile of the distribution in at least 95 of 100 samples', () => {
  let seed = 1;
  const draw = (): number => {
    seed = (seed * 16_807) % 2_147_483_647;
    return Math.round((1_000_000 * seed) / 2_147_483_647);
  };
  let held = 0;
  for (let run = 0; run < 400; run++) {
    const { from, to } = interval(Array.from({ length: 50 }, draw), 0.9);
    if (from <= 900_000 && (to === null || 900_000 <= to)) held += 1;
  }
  expect(held).toBeGreaterThan(0.94 * 400);
});
