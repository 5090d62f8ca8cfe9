import { INDEX_FEED, type MarketParams, oracleFeeds, volFeed } from './params.ts';
import { clamp, max, ppmDown } from './rounding.ts';

/**
 * Whether the oracle's prices are too old to act on: block time − median time of the prices > staleAfterS. Then the market is
 * halted: its prices stay, nothing trades, pays funding, expires or is liquidated.
 * @param timeS       block time, unix seconds
 * @param oracleTimeS lower median of the times of the validators' prices
 */
export const isStale = ({ oracle }: MarketParams, timeS: bigint, oracleTimeS: bigint): boolean =>
  timeS - oracleTimeS > oracle.staleAfterS;

/**
 * The prices that a height goes by: each median clamped to previous ± max(1, ⌊previous·move/10⁶⌋), and ≥ 1. A jump is
 * followed over several heights, so that those whom it ruins can be liquidated on the way.
 * @param previous of the height before, one per feed of `oracleFeeds`
 * @param medians  lower medians of this height's reports, each > 0
 */
export function clampMoves(
  { oracle }: MarketParams,
  previous: readonly bigint[],
  medians: readonly bigint[],
): bigint[] {
  return medians.map((median, feed) => {
    const before = previous[feed]!;
    const reach = max(1n, ppmDown(before, feed === INDEX_FEED ? oracle.indexMovePpm : oracle.volMovePpm));
    return clamp(median, max(1n, before - reach), before + reach);
  });
}

/** Where a height's prices are not what the feeds said: there nothing is opened and nothing leaves, for everybody knows where they go next. */
export interface Clamped {
  /** The index: every instrument and account. */
  readonly isIndex: boolean;
  /** One per instrument: the index, or the option's volatility. */
  readonly instruments: readonly boolean[];
}

/**
 * @param medians lower medians of this height's reports
 * @param used    the same after `clampMoves`
 */
export function clampedFeeds(
  params: MarketParams,
  medians: readonly bigint[],
  used: readonly bigint[],
): Clamped {
  const isClamped = medians.map((median, feed) => median !== used[feed]);
  const isIndex = isClamped[INDEX_FEED]!;
  const feeds = oracleFeeds(params);
  const instruments = params.instruments.map(
    (instrument) =>
      isIndex || (instrument.kind === 'option' && isClamped[feeds.indexOf(volFeed(instrument))]!),
  );
  return { isIndex, instruments };
}
