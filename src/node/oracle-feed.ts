import type { OracleReport } from '../validator/bundle.ts';

/** A validator's own source of prices. Asked about once a second. */
export interface OracleFeed {
  /** @param clockS unix seconds */
  report(clockS: bigint): OracleReport;
}

/** Prices of one moment on. */
export interface TimedPrices {
  /** Unix seconds. */
  readonly fromS: bigint;
  /** How old the prices are when they appear, seconds. */
  readonly ageS: bigint;
  readonly prices: readonly bigint[];
}

/**
 * Prices that are known beforehand, for a devnet: each holds from its time on, and is observed anew until the next one.
 * @param steps ascending by time, at least one; before the first its prices hold
 */
export const scriptedFeed = (steps: readonly TimedPrices[]): OracleFeed => ({
  report(clockS) {
    const { prices, ageS } = steps.findLast(({ fromS }) => fromS <= clockS) ?? steps[0]!;
    return { prices, observedS: clockS - ageS, clockS };
  },
});

/** The same feed of a validator whose clock is wrong. @param offsetS seconds that it is ahead */
export const withWrongClock = (feed: OracleFeed, offsetS: number): OracleFeed => ({
  report: (clockS) => feed.report(clockS + BigInt(offsetS)),
});
