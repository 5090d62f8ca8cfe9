import { isUint64 } from '../base/codec.ts';
import { assert } from '../base/errors.ts';
import { type MarketParams, oracleFeeds } from '../market/params.ts';
import type { OracleReport } from './bundle.ts';
import { ValidatorError } from './errors.ts';

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
  /** Lower median of the times at which the prices were observed, unix seconds. */
  readonly oracleTimeS: bigint;
  /** Block time: max(previous, lower median of the clocks), unix seconds. */
  readonly timeS: bigint;
}

/**
 * Lower medians of prices, of their times and of the clocks. Block time never runs back and needs no feed: timeS − oracleTimeS is the
 * age of the prices, and a feed that stands still makes it grow until the market halts. In each report the prices are no younger
 * than the clock, so the same holds for the medians: the age is never negative.
 */
export function medianReport(reports: readonly OracleReport[], previousTimeS: bigint): MedianReport {
  const feeds = reports[0]?.prices.length ?? 0;
  const prices = Array.from({ length: feeds }, (_, feed) =>
    lowerMedian(reports.map((report) => report.prices[feed]!)),
  );
  const oracleTimeS = lowerMedian(reports.map(({ observedS }) => observedS));
  const clockS = lowerMedian(reports.map((report) => report.clockS));
  return { prices, oracleTimeS, timeS: clockS > previousTimeS ? clockS : previousTimeS };
}

/** @throws {ValidatorError} VALIDATOR_INPUT if one's own feed reports what no market takes */
export function requireReport(
  market: MarketParams,
  { prices, observedS, clockS }: OracleReport,
): OracleReport {
  if (
    prices.length !== oracleFeeds(market).length ||
    prices.some((price) => price === 0n || !isUint64(price)) ||
    !isUint64(clockS) ||
    observedS < 0n ||
    observedS > clockS
  ) {
    throw new ValidatorError(
      'VALIDATOR_INPUT',
      'a report has a price of 1 to 2^64 − 1 for each oracle feed, observed no later than its clock',
    );
  }
  return { prices, observedS, clockS };
}
