import { assert } from '../base/errors.ts';
import type { InstrumentIndex } from '../params/ids.ts';
import type { Account } from './account.ts';
import { indexPerLot, type Option, payoff, strikePerLot } from './params.ts';
import { max, min } from './rounding.ts';

/** The settlement index of an option is the mean of so many seconds before its expiry. */
export const SETTLEMENT_WINDOW_S = 1_800n;
/** Fewer seconds with a fresh index than these are no mean: then the first ones after the expiry count. */
export const LEAST_FRESH_S = 300n;
/** So long after its expiry an option is settled at the last fresh index. */
export const SETTLEMENT_PATIENCE_S = 3_600n;

/** The index added up over the seconds in which it was fresh, since genesis. */
export interface IndexSum {
  /** ∫ index dt, units·seconds. */
  readonly integral: bigint;
  /** Their number. */
  readonly freshS: bigint;
}

/** The averaging of an expiry. */
export interface SettlementWindow {
  readonly expiry: bigint;
  /** expiry − SETTLEMENT_WINDOW_S, or the time of genesis if that is later; unix seconds. */
  readonly fromS: bigint;
  /** The sum up to `fromS`. */
  readonly open: IndexSum;
  /** The sum up to the expiry; undefined before it. */
  readonly close: IndexSum | undefined;
}

/** What is remembered of the index for the expiries to come. */
export interface IndexHistory {
  /** Up to the last height. */
  readonly sum: IndexSum;
  /** Until when the index of the last height is fresh, unix seconds: the time of its prices + staleAfterS. */
  readonly freshUntilS: bigint;
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

/** The sum at t, no earlier than the last height: its index counts as long as it is fresh. */
function sumAt({ sum, freshUntilS }: IndexHistory, last: IndexSample, t: bigint): IndexSum {
  const fresh = max(0n, min(t, freshUntilS) - last.timeS);
  return { integral: sum.integral + last.index * fresh, freshS: sum.freshS + fresh };
}

/**
 * The history at a new height: the sum grows, a window opens for each expiry whose last 30 minutes begin at or before the new
 * time, and closes at its expiry.
 * @param last        the height before
 * @param freshUntilS of the new height's index
 * @param open        expiries of options that still trade, unix seconds
 */
export function advanceIndex(
  history: IndexHistory,
  last: IndexSample,
  { timeS, freshUntilS }: { readonly timeS: bigint; readonly freshUntilS: bigint },
  open: readonly bigint[],
): IndexHistory {
  const known = new Set(history.windows.map(({ expiry }) => expiry));
  const opened = [...new Set(open)]
    .filter((expiry) => !known.has(expiry) && expiry - SETTLEMENT_WINDOW_S <= timeS)
    .map((expiry): SettlementWindow => {
      const fromS = max(expiry - SETTLEMENT_WINDOW_S, last.timeS);
      return { expiry, fromS, open: sumAt(history, last, fromS), close: undefined };
    });
  const windows = [...history.windows, ...opened]
    .map((window) =>
      window.close === undefined && window.expiry <= timeS
        ? { ...window, close: sumAt(history, last, max(window.expiry, last.timeS)) }
        : window,
    )
    .sort((a, b) => (a.expiry < b.expiry ? -1 : 1));
  return { sum: sumAt(history, last, timeS), freshUntilS, windows };
}

/**
 * S_T, units per 1 underlying, of an expiry that has come: ⌊Q/e⌋, the mean of the index over the e fresh seconds of the window;
 * if e < 300, the mean of the first 300 fresh seconds after the expiry; if there have not been so many an hour after it, the last
 * fresh index. A feed that stood still does not decide what options pay.
 * @param history as advanced to `timeS`
 * @param last    the height before; its index is the last fresh one
 * @param timeS   of this height
 * @returns undefined: not yet
 */
export function settlementIndex(
  history: IndexHistory,
  last: IndexSample,
  timeS: bigint,
  { expiry, open, close }: SettlementWindow,
): bigint | undefined {
  if (close === undefined) return undefined;
  const e = close.freshS - open.freshS;
  if (e >= LEAST_FRESH_S) return (close.integral - open.integral) / e;
  // The seconds beyond the first 300 came since the last height, at its index.
  const beyond = history.sum.freshS - close.freshS - LEAST_FRESH_S;
  if (beyond >= 0n) return (history.sum.integral - last.index * beyond - close.integral) / LEAST_FRESH_S;
  return timeS >= expiry + SETTLEMENT_PATIENCE_S ? last.index : undefined;
}

/** How much of the mean that settles an option is known, and how much is to come. */
export interface Averaging {
  /** Q: ∫ index dt over the seconds that count so far, units·seconds. */
  readonly known: bigint;
  /** r ≥ 0: seconds to the end of the averaging. */
  readonly remainingS: bigint;
  /** W > 0: seconds that the mean is of; r ≥ W: the averaging has not begun. */
  readonly windowS: bigint;
}

/**
 * The averaging of an expiry at a time: before its window, inside it (seconds that were not fresh are left out of W), or after
 * the expiry while the first 300 fresh seconds are awaited.
 * @param history  as advanced to `timeS`
 */
export function averagingAt(history: IndexHistory, expiry: bigint, timeS: bigint): Averaging {
  const window = history.windows.find((row) => row.expiry === expiry);
  assert(window !== undefined || expiry > timeS, 'an option that trades after its expiry has a window');
  if (window === undefined) {
    return { known: 0n, remainingS: expiry - timeS, windowS: SETTLEMENT_WINDOW_S };
  }
  const from = window.close ?? window.open;
  const known = history.sum.integral - from.integral;
  const elapsed = history.sum.freshS - from.freshS;
  const remainingS = window.close === undefined ? expiry - timeS : max(1n, LEAST_FRESH_S - elapsed);
  return { known, remainingS, windowS: elapsed + remainingS };
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
