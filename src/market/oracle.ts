import { INDEX_FEED, type MarketParams } from './params.ts';
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
