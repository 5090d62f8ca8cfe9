import type { InstrumentIndex } from '../params/ids.ts';
import { PPM } from '../params/sizes.ts';
import type { Account } from './margin.ts';
import type { Side } from './order.ts';
import type { FundingParams, MarketParams } from './params.ts';
import { ceilDiv, clamp, max, min } from './rounding.ts';

/** Funding is due whenever block time enters another hour. */
export const FUNDING_INTERVAL_S = 3_600n;
/** Rates are for eight hours. */
export const RATE_PERIOD_S = 28_800n;

/** An order that an auction left over, with what it left of it. */
export interface RestingOrder {
  readonly side: Side;
  /** Limit, units per lot. */
  readonly price: bigint;
  /** ≥ 0. */
  readonly lots: bigint;
}

/**
 * Average price at which `notional` units trade against the orders of one side, best first; the last order gives a part of
 * its lots. P = N / (Σ lots taken), rounded away from the index's favour: bids down, asks up.
 * @param side 'buy': against the bids (the impact bid price), 'sell': against the asks
 * @returns units per lot; undefined if the orders are not worth the notional
 * @see dYdX v4 documentation, Funding, "Impact bid and ask price"
 */
export function impactPrice(
  residual: readonly RestingOrder[],
  side: Side,
  notional: bigint,
): bigint | undefined {
  const best = side === 'buy' ? -1 : 1;
  const levels = residual
    .filter((order) => order.side === side && order.lots > 0n)
    .sort((a, b) => (a.price < b.price ? -best : a.price > b.price ? best : 0));
  let rest = notional;
  let lots = 0n;
  for (const level of levels) {
    const value = level.price * level.lots;
    if (value < rest) {
      rest -= value;
      lots += level.lots;
      continue;
    }
    // N / (lots + rest/price)
    const [above, below] = [notional * level.price, lots * level.price + rest];
    return side === 'buy' ? above / below : ceilDiv(above, below);
  }
  return undefined;
}

/**
 * Premium of one height, ppm of the index, signed: (max(0, bid − S) − max(0, S − ask))/S of the impact prices, truncated;
 * a side without depth counts as 0.
 * @param S index per lot, ≥ 1
 */
export function premiumSample(bid: bigint | undefined, ask: bigint | undefined, S: bigint): bigint {
  const above = bid === undefined ? 0n : max(0n, bid - S);
  const below = ask === undefined ? 0n : max(0n, S - ask);
  return (PPM * (above - below)) / S;
}

/** max(d, x) + min(−d, x): a premium within ±d is nothing, beyond it counts what exceeds d. Ppm. @see Deribit, Perpetual */
export const damped = (x: bigint, d: bigint): bigint => max(d, x) + min(-d, x);

/** capFactor·(imf − mmf), ppm: the highest rate of eight hours. @see dYdX v4 documentation, Funding rate cap */
export const rateCap = ({ imfPpm, mmfPpm, funding }: MarketParams): bigint =>
  funding.capFactor * (imfPpm - mmfPpm);

/**
 * Rate of eight hours, ppm, signed: clamp(damped(trunc(Σ samples/count)), ± cap); 0 without a sample.
 * @param sum   Σ premium samples since the last funding, ppm
 * @param count their number
 */
export function fundingRate(
  { damperPpm }: Pick<FundingParams, 'damperPpm'>,
  cap: bigint,
  sum: bigint,
  count: bigint,
): bigint {
  return count === 0n ? 0n : clamp(damped(sum / count, damperPpm), -cap, cap);
}

/** Whether funding is due: block time is in another hour than at the last funding. */
export const isFundingDue = (lastS: bigint, timeS: bigint): boolean =>
  timeS / FUNDING_INTERVAL_S > lastS / FUNDING_INTERVAL_S;

/**
 * ΔF = trunc(rate·S·Δt / (10⁶·28,800)), units per long lot, signed: what longs pay to shorts. Δt counts up to eight hours: what
 * a longer silence would have cost is not charged, for nobody could act on it.
 * @param ratePpm of eight hours
 * @param S       index per lot
 * @param seconds since the last funding
 */
export const fundingPerLot = (ratePpm: bigint, S: bigint, seconds: bigint): bigint =>
  (ratePpm * S * min(seconds, RATE_PERIOD_S)) / (PPM * RATE_PERIOD_S);

/** quote −= lots·ΔF. Exact, and zero-sum because Σ lots = 0. */
export function payFunding(account: Account, instrument: InstrumentIndex, perLot: bigint): Account {
  const position = account.positions.get(instrument);
  if (position === undefined) return account;
  const positions = new Map(account.positions);
  positions.set(instrument, { ...position, quote: position.quote - position.lots * perLot });
  return { ...account, positions };
}
