import { isFundingDue } from './funding.ts';
import type { MarketParams } from './params.ts';
import { type MarketState, openExpiries } from './state.ts';

/**
 * Whether the market needs a height though nobody has ordered anything: a feed moved, an option that trades has expired, or,
 * with positions open, funding is due or no height has been held for as long as a price stays fresh.
 * Of one's own feed only: f liars cannot make the others vote.
 * @param state        of the last settled height
 * @param prices       one's own feed, one for each of its medians
 * @param timeS        the time of these prices, unix seconds
 * @param hasPositions whether any account holds a position
 */
export function isMarketEventDue(
  params: MarketParams,
  state: MarketState,
  { prices, timeS }: { readonly prices: readonly bigint[]; readonly timeS: bigint },
  hasPositions: boolean,
): boolean {
  if (prices.some((price, feed) => price !== state.medians[feed])) return true;
  if (openExpiries(params, state.settled).some((expiry) => expiry <= timeS)) return true;
  const isIdle = timeS - state.timeS >= params.oracle.staleAfterS;
  return hasPositions && (isIdle || isFundingDue(state.funding.lastS, timeS));
}
