import type { InstrumentIndex } from '../params/ids.ts';
import { PPM } from '../params/sizes.ts';
import type { Account } from './account.ts';
import type { Band } from './band.ts';
import type { Side } from './order.ts';
import type { FundingParams, PerpetualRates } from './params.ts';
import { ceilDiv, clamp, max, min } from './rounding.ts';

/** Funding is due whenever block time enters another hour. */
export const FUNDING_INTERVAL_S = 3_600n;
/** Rates are for eight hours. */
export const RATE_PERIOD_S = 28_800n;

/** An opening order that an auction left over, with what it left of it. Only those are reserved: a reduce-only order is no depth. */
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
 * What a book left over inside a band: limits beyond it are moved to its edge, for no auction clears further out; orders that no
 * price of the band satisfies are left away. One bid far above everything, for a few lots, once set the rate of everybody.
 */
export const withinBand = (residual: readonly RestingOrder[], { low, high }: Band): RestingOrder[] =>
  residual
    .filter(({ side, price }) => (side === 'buy' ? price >= low : price <= high))
    .map((order) => ({ ...order, price: clamp(order.price, low, high) }));

/**
 * Premium of one height, ppm of the index, signed: (max(0, bid − S) − max(0, S − ask))/S of the impact prices, truncated and clamped to ± β;
 * 0 unless both sides have the depth.
 * @param S        index per lot, ≥ 1
 * @param clampPpm β
 * @see dYdX v4 documentation, Funding; its premium votes are clamped alike
 */
export function premiumSample(
  bid: bigint | undefined,
  ask: bigint | undefined,
  S: bigint,
  clampPpm: bigint,
): bigint {
  if (bid === undefined || ask === undefined) return 0n;
  const premium = max(0n, bid - S) - max(0n, S - ask);
  return clamp((PPM * premium) / S, -clampPpm, clampPpm);
}

/** max(d, x) + min(−d, x): a premium within ±d is nothing, beyond it counts what exceeds d. Ppm. @see Deribit, Perpetual */
export const damped = (x: bigint, d: bigint): bigint => max(d, x) + min(-d, x);

/** capFactor·(imf − mmf), ppm: the highest rate of eight hours of a perpetual. @see dYdX v4 documentation, Funding rate cap */
export const rateCap = ({ capFactor }: FundingParams, { imfPpm, mmfPpm }: PerpetualRates): bigint =>
  capFactor * (imfPpm - mmfPpm);

/** Premiums that the next funding is made of. */
export interface FundingState {
  /** Block time of the last funding, unix seconds. */
  readonly lastS: bigint;
  /** Σ sample·seconds of each instrument since then, ppm·s, signed; 0 for options. */
  readonly sums: readonly bigint[];
  /** The premium samples of the last height, ppm; they hold to the next one, as long as a price stays fresh. */
  readonly samples: readonly bigint[];
}

/**
 * The sums at a new height: each sample held for min(time since the last height, staleAfterS) seconds; all other time counts as a
 * premium of 0, so that a silence charges nobody.
 */
export function accrue(funding: FundingState, seconds: bigint, staleAfterS: bigint): FundingState {
  const held = min(seconds, staleAfterS);
  return { ...funding, sums: funding.sums.map((sum, i) => sum + funding.samples[i]! * held) };
}

/**
 * Rate of eight hours, ppm, signed: clamp(damped(x), ± cap), x = trunc(Σ sample·seconds/T).
 * @param sum     Σ premium·seconds since the last funding, ppm·s
 * @param seconds T, since the last funding; 0: no time, no rate
 */
export function fundingRate(
  { damperPpm }: Pick<FundingParams, 'damperPpm'>,
  cap: bigint,
  sum: bigint,
  seconds: bigint,
): bigint {
  return seconds === 0n ? 0n : clamp(damped(sum / seconds, damperPpm), -cap, cap);
}

/** Whether funding is due: block time is in another hour than at the last funding. */
export const isFundingDue = (lastS: bigint, timeS: bigint): boolean =>
  timeS / FUNDING_INTERVAL_S > lastS / FUNDING_INTERVAL_S;

/**
 * ΔF = trunc(rate·S·T/(10⁶·28,800)), units per long lot, signed: what longs pay to shorts.
 * @param ratePpm of eight hours
 * @param S       index per lot
 * @param seconds T, since the last funding
 */
export const fundingPerLot = (ratePpm: bigint, S: bigint, seconds: bigint): bigint =>
  (ratePpm * S * seconds) / (PPM * RATE_PERIOD_S);

/** quote −= lots·ΔF. Exact, and zero-sum because Σ lots = 0. */
export function payFunding(account: Account, instrument: InstrumentIndex, perLot: bigint): Account {
  const position = account.positions.get(instrument);
  if (position === undefined) return account;
  const positions = new Map(account.positions);
  positions.set(instrument, { ...position, quote: position.quote - position.lots * perLot });
  return { ...account, positions };
}
