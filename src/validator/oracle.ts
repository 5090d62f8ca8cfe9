import { assert } from '../base/errors.ts';
import type { OracleReport } from './bundle.ts';

/**
 * The lower median: of k values in ascending order the one at ⌊(k − 1)/2⌋. With at most f liars among ≥ 2f + 1 values it lies
 * inside the honest range.
 */
export function lowerMedian(values: readonly bigint[]): bigint {
  const sorted = [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const median = sorted[Math.floor((sorted.length - 1) / 2)];
  assert(median !== undefined, 'a median is of at least one value');
  return median;
}

/** What the ≥ q reports in an ACS output say together. */
export interface MedianReport {
  /** Per feed, the lower median. */
  readonly prices: readonly bigint[];
  /** Lower median of the times of the prices, unix seconds. */
  readonly oracleTimeS: bigint;
  /** Block time, unix seconds. */
  readonly timeS: bigint;
}

/**
 * Lower medians of prices and of their times; block time = max(previous time, median time), so time never runs back:
 * timeS − oracleTimeS is how much older than the last height the prices are.
 */
export function medianReport(reports: readonly OracleReport[], previousTimeS: bigint): MedianReport {
  const feeds = reports[0]?.prices.length ?? 0;
  const prices = Array.from({ length: feeds }, (_, feed) =>
    lowerMedian(reports.map((report) => report.prices[feed]!)),
  );
  const oracleTimeS = lowerMedian(reports.map((report) => report.timeS));
  return { prices, oracleTimeS, timeS: oracleTimeS > previousTimeS ? oracleTimeS : previousTimeS };
}
