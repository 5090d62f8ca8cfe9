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

/**
 * What the ≥ q reports in an ACS output say together: per feed the lower median, and block time = max(previous time, lower
 * median of the times), so time never runs back.
 */
export function medianReport(reports: readonly OracleReport[], previousTimeS: bigint): OracleReport {
  const feeds = reports[0]?.prices.length ?? 0;
  const prices = Array.from({ length: feeds }, (_, feed) =>
    lowerMedian(reports.map((report) => report.prices[feed]!)),
  );
  const timeS = lowerMedian(reports.map((report) => report.timeS));
  return { prices, timeS: timeS > previousTimeS ? timeS : previousTimeS };
}
