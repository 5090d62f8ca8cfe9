import { describe, expect, test } from 'vitest';
import {
  failuresStillPossible,
  meanInterval,
  overSeeds,
  studentT95,
} from '../../../src/experiments/intervals.ts';

describe('Student’s t', () => {
  // NIST/SEMATECH e-Handbook of Statistical Methods, table 1.3.6.7.2, upper critical values at 0.975.
  test.each([
    [1, 12.706],
    [2, 4.303],
    [3, 3.182],
    [4, 2.776],
    [5, 2.571],
    [9, 2.262],
    [10, 2.228],
    [19, 2.093],
    [20, 2.086],
    [30, 2.042],
    [60, 2.0],
    [100, 1.984],
  ])('with %i degrees of freedom is %f', (degrees, t) => {
    expect(studentT95(degrees)).toBeCloseTo(t, 3);
  });

  test('comes near the normal distribution with many', () => {
    expect(studentT95(50_000)).toBeCloseTo(1.96, 3);
  });
});

describe('the interval of a mean', () => {
  // Student's own example (1908): additional hours of sleep by a drug, R's data set `sleep`, group 2; R prints 0.8976775 and 3.7623225.
  test('is that of Student’s hours of sleep', () => {
    const { mean, low, high, count } = meanInterval([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]);
    expect(mean).toBeCloseTo(2.33, 10);
    expect(low).toBeCloseTo(0.8976775, 6);
    expect(high).toBeCloseTo(3.7623225, 6);
    expect(count).toBe(10);
  });

  test('is nothing for one value, and has no width for equal ones', () => {
    expect(meanInterval([7])).toEqual({ mean: 7, low: null, high: null, count: 1 });
    expect(meanInterval([2, 2, 2])).toEqual({ mean: 2, low: 2, high: 2, count: 3 });
  });

  test('takes the rows of a seed as one value: many rows of one seed tell no more', () => {
    const rows = [1, 2, 3].flatMap((seed) => Array.from({ length: 50 }, () => ({ seed, x: seed })));
    expect(overSeeds(rows, ({ x }) => x)).toEqual(meanInterval([1, 2, 3]));
    expect(overSeeds([...rows, { seed: 4, x: 9 }], ({ x }) => (x === 9 ? null : x)).count).toBe(3);
  });
});

describe('failures that are still possible after none', () => {
  // Hanley and Lippman-Hand, JAMA 249 (1983), table 1: the largest risk compatible with no event in n, 95 %, in per cent.
  test.each([
    [10, 26],
    [20, 14],
    [30, 10],
    [50, 6],
    [100, 3],
  ])('in %i runs are %i %%', (runs, percent) => {
    expect(Math.round(100 * failuresStillPossible(runs))).toBe(percent);
  });

  test('are three by the number of runs where they are many', () => {
    expect(failuresStillPossible(10_000) * 10_000).toBeCloseTo(3, 2);
  });
});
