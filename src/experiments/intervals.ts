import { assert } from '../base/errors.ts';
import type { Row } from './row.ts';
import { groupBy, mean } from './statistics.ts';

/** A mean, and between which values the mean of endlessly many seeds lies, with 95 % confidence. */
export interface MeanInterval {
  readonly mean: number;
  /** Nothing where one value tells no spread. */
  readonly low: number | null;
  readonly high: number | null;
  /** Values that the mean is of: seeds, where the rows of a seed are taken together. */
  readonly count: number;
}

/** P(|T| ≤ t) with whole degrees of freedom. @see Abramowitz and Stegun, 26.7.3 and 26.7.4 */
function centralProbability(t: number, degrees: number): number {
  const theta = Math.atan(t / Math.sqrt(degrees));
  const cos2 = Math.cos(theta) ** 2;
  const isOdd = degrees % 2 === 1;
  let term = isOdd ? Math.cos(theta) : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let k = isOdd ? 3 : 2; k <= degrees - 2; k += 2) {
    term *= ((k - 1) / k) * cos2;
    sum += term;
  }
  return isOdd ? (2 / Math.PI) * (theta + Math.sin(theta) * sum) : Math.sin(theta) * sum;
}

const quantiles = new Map<number, number>();

/** The t with P(|T| ≤ t) = 95 % of Student's distribution. @param degrees of freedom, a whole number from 1 */
export function studentT95(degrees: number): number {
  assert(Number.isInteger(degrees) && degrees >= 1, 'degrees of freedom are a whole number from 1');
  const known = quantiles.get(degrees);
  if (known !== undefined) return known;
  let [low, high] = [1.9, 13];
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (centralProbability(middle, degrees) < 0.95) low = middle;
    else high = middle;
  }
  quantiles.set(degrees, high);
  return high;
}

/**
 * The 95 % interval of a mean of independent values by Student's t. One value has none.
 * @see Student, “The probable error of a mean”, Biometrika 6 (1908)
 */
export function meanInterval(values: readonly number[]): MeanInterval {
  const count = values.length;
  const m = mean(values);
  if (count < 2) return { mean: m, low: null, high: null, count };
  const variance = values.reduce((sum, value) => sum + (value - m) ** 2, 0) / (count - 1);
  const half = studentT95(count - 1) * Math.sqrt(variance / count);
  return { mean: m, low: m - half, high: m + half, count };
}

/** The mean over seeds: rows of one seed are not independent, so that each seed gives one value, the mean of its rows. */
export const overSeeds = <R extends Row & { readonly seed: number }>(
  rows: readonly R[],
  measure: (row: R) => number | null,
): MeanInterval =>
  meanInterval(
    groupBy(rows, ['seed'])
      .map((group) => group.map(measure).filter((value) => value !== null))
      .filter((values) => values.length > 0)
      .map(mean),
  );

/**
 * What share of failures is still possible, with 95 % confidence, after so many independent runs none of which failed: the largest p
 * with (1 − p)^runs ≥ 5 %. For many runs it is 3 / runs.
 * @see Clopper and Pearson, Biometrika 26 (1934); Hanley and Lippman-Hand, “If nothing goes wrong, is everything all right?”, JAMA 249 (1983)
 */
export const failuresStillPossible = (runs: number): number => 1 - Math.exp(Math.log(0.05) / runs);
