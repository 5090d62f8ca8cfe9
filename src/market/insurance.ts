import { assert } from '../base/errors.ts';
import type { AccountId } from '../params/ids.ts';
import type { Account } from './account.ts';
import { ceilDiv, min } from './rounding.ts';

/** Units taken from or given to an account. */
export interface AccountAmount {
  readonly account: AccountId;
  readonly amount: bigint;
}

/** How the deficits of a height were made good. */
export interface Cover {
  /** What each account without positions owed, by id; all of it is paid. */
  readonly deficits: readonly AccountAmount[];
  readonly fromInsurance: bigint;
  /** Taken from this height's gains, by id. */
  readonly haircuts: readonly AccountAmount[];
  /** Taken from the trading fees of this height. */
  readonly fromFees: bigint;
  /** Left over by rounding the haircuts up: to insurance. */
  readonly leftOver: bigint;
}

/**
 * What an account gained in the height so far, units, signed: E − (E at the end of the last height + paid in − left). What left
 * in the same height was its own before: `withdrawable` holds a gain back until the height is over.
 */
export const heightGain = (height: {
  readonly equity: bigint;
  /** At the end of the last height, at its marks; 0 for a new account. */
  readonly before: bigint;
  readonly paidIn: bigint;
  readonly left: bigint;
}): bigint => height.equity - height.before - height.paidIn + height.left;

/**
 * Makes good what accounts without positions owe: insurance first, then a haircut of the gains of this height, pro rata,
 * each ⌈rest·gain/Σ gains⌉ (what is kept is rounded down, the left-over goes to insurance), then the trading fees of
 * this height. These three always suffice (README, "No account ends a height below zero").
 * Deviation D2: gains are netted over all instruments of an account, because a gain in one
 * instrument may be lost again in another and is then not there to be taken.
 * @param owing     −cash of the accounts without positions whose cash is negative, each > 0
 * @param gains     `heightGain` of the accounts that have one, each > 0 and at most the account's equity
 * @param insurance of the fund, units ≥ 0
 * @param fees      trading fees of this height, units ≥ 0
 */
export function coverDeficits(
  owing: readonly AccountAmount[],
  gains: readonly AccountAmount[],
  insurance: bigint,
  fees: bigint,
): Cover {
  const byId = (rows: readonly AccountAmount[]): AccountAmount[] =>
    [...rows].sort((a, b) => (a.account < b.account ? -1 : 1));
  const total = sumOf(owing);
  const fromInsurance = min(total, insurance);
  const rest = total - fromInsurance;
  const gained = sumOf(gains);
  const shared = min(rest, gained);
  const haircuts =
    shared === 0n
      ? []
      : byId(gains).map(({ account, amount }) => ({ account, amount: ceilDiv(shared * amount, gained) }));
  const fromFees = rest - shared;
  assert(fromFees <= fees, 'insurance, gains and fees of a height cover its deficits');
  return {
    deficits: byId(owing),
    fromInsurance,
    haircuts,
    fromFees,
    leftOver: sumOf(haircuts) - shared,
  };
}

const sumOf = (rows: readonly AccountAmount[]): bigint => rows.reduce((sum, { amount }) => sum + amount, 0n);

/** cash += amount. */
export const addCash = (account: Account, amount: bigint): Account => ({
  ...account,
  cash: account.cash + amount,
});
