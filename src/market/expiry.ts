import type { InstrumentIndex } from '../params/ids.ts';
import type { Account } from './margin.ts';
import { indexPerLot, type Option, payoff, strikePerLot } from './params.ts';
import { max } from './rounding.ts';

/** The settlement index of an option is the mean of so many seconds before its expiry. */
export const SETTLEMENT_WINDOW_S = 1_800n;

/** Where the averaging of an expiry began. */
export interface SettlementWindow {
  readonly expiry: bigint;
  /** expiry − SETTLEMENT_WINDOW_S, or the time of genesis if that is later; unix seconds. */
  readonly fromS: bigint;
  /** ∫ index dt from genesis to `fromS`, units·seconds. */
  readonly integral: bigint;
}

/** What is remembered of the index for the expiries to come. Between two heights the index is what the first one said. */
export interface IndexHistory {
  /** ∫ index dt from genesis to the last height, units·seconds. */
  readonly integral: bigint;
  /** Of expiries whose averaging has begun and that are not settled; ascending by expiry. */
  readonly windows: readonly SettlementWindow[];
}

/** A height's time and the index that holds from it on. */
export interface IndexSample {
  /** Unix seconds. */
  readonly timeS: bigint;
  /** Units per 1 underlying. */
  readonly index: bigint;
}

/** ∫ index dt from genesis to t, which lies where the index was that of the last height. */
const integralAt = (history: IndexHistory, last: IndexSample, t: bigint): bigint =>
  history.integral + last.index * (t - last.timeS);

/**
 * The history at a new height: the integral grows by index·Δt, and a window opens for each expiry whose last
 * 30 minutes begin at or before the new time.
 * @param last    the height before
 * @param open    expiries of options that still trade, unix seconds
 */
export function advanceIndex(
  history: IndexHistory,
  last: IndexSample,
  timeS: bigint,
  open: readonly bigint[],
): IndexHistory {
  const known = new Set(history.windows.map(({ expiry }) => expiry));
  const opened = [...new Set(open)]
    .filter((expiry) => !known.has(expiry) && expiry - SETTLEMENT_WINDOW_S <= timeS)
    .map((expiry) => {
      const fromS = max(expiry - SETTLEMENT_WINDOW_S, last.timeS);
      return { expiry, fromS, integral: integralAt(history, last, fromS) };
    });
  const windows = [...history.windows, ...opened].sort((a, b) => (a.expiry < b.expiry ? -1 : 1));
  return { integral: integralAt(history, last, timeS), windows };
}

/**
 * S_T = ⌊(∫ index dt over the window) / (expiry − fromS)⌋, units per 1 underlying: the time-weighted mean of the index.
 * @param history as advanced to `timeS`
 * @param last    the height before, whose index holds up to the expiry (a halted market keeps its index)
 * @param timeS   of this height, ≥ the expiry
 */
export function settlementIndex(
  history: IndexHistory,
  last: IndexSample,
  timeS: bigint,
  { expiry, fromS, integral }: SettlementWindow,
): bigint {
  if (expiry <= fromS) return last.index;
  const atExpiry = history.integral - last.index * (timeS - expiry);
  return (atExpiry - integral) / (expiry - fromS);
}

/** What one lot of an option is paid at expiry, units: its payoff at the settlement index per lot. */
export const payout = (option: Option, index: bigint): bigint =>
  payoff(option.type, strikePerLot(option), indexPerLot(option, index));

/**
 * Pays an expired position and closes it: cash += quote + lots·payout. Σ lots = 0, so payouts sum to zero; a second call finds
 * no position and changes nothing.
 * @param perLot units per lot
 */
export function payExpiry(account: Account, instrument: InstrumentIndex, perLot: bigint): Account {
  const position = account.positions.get(instrument);
  if (position === undefined) return account;
  const positions = new Map(account.positions);
  positions.delete(instrument);
  return { ...account, cash: account.cash + position.quote + position.lots * perLot, positions };
}
