import { PPM } from '../params/sizes.ts';
import type { Account } from './account.ts';
import { capsOf, indexPerLot, type MarketParams } from './params.ts';
import { ceilDiv, min } from './rounding.ts';

/** OI, lots: Σ of the long lots of each instrument, as many as the short ones. */
export function openInterest(params: MarketParams, accounts: Iterable<Account>): bigint[] {
  const longs = params.instruments.map(() => 0n);
  for (const { positions } of accounts) {
    for (const [i, { lots }] of positions) if (lots > 0n) longs[i]! += lots;
  }
  return longs;
}

/** Lots of opening orders that want to enter, by side; one entry per instrument. */
export interface OpeningLots {
  readonly buys: readonly bigint[];
  readonly sells: readonly bigint[];
}

/** No opening order: the open interest as it is, for withdrawals and reserve tables. */
export const noOpening = (params: MarketParams): OpeningLots => {
  const none = params.instruments.map(() => 0n);
  return { buys: none, sells: none };
};

/**
 * x of each instrument, ppm, rounded up: how far open interest has moved the initial margin of new exposure from its own rate to full
 * collateral. OI* = (OI + min(B, S))·(a perpetual's mark; the index per lot of an option); x = 0 up to the lower cap, 1 from the upper cap
 * on, (OI* − lower)/(upper − lower) between; 0 without caps. Whatever size a pair of accounts opens in one height, it is counted.
 * @param held    OI at the end of the last height, lots
 * @param opening B and S: this height's opening lots that pass every other check
 * @see dYdX v4, open interest margin fraction: the same line between two caps
 */
export function openInterestLoads(
  { params, marks, index }: { params: MarketParams; marks: readonly bigint[]; index: bigint },
  held: readonly bigint[],
  { buys, sells }: OpeningLots,
): bigint[] {
  return params.instruments.map((instrument, i) => {
    const { lowerCap, upperCap } = capsOf(params, instrument);
    if (upperCap === 0n) return 0n;
    const each = instrument.kind === 'perp' ? marks[i]! : indexPerLot(instrument, index);
    const notional = (held[i]! + min(buys[i]!, sells[i]!)) * each;
    if (notional <= lowerCap) return 0n;
    return min(PPM, ceilDiv((notional - lowerCap) * PPM, upperCap - lowerCap));
  });
}
