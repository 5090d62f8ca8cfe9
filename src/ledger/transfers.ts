import { bigintToBytes, bytesToBigint } from '../base/bytes.ts';
import { assert } from '../base/errors.ts';
import { equity } from '../market/account.ts';
import { withdrawable } from '../market/margin.ts';
import { noOpening, openInterestLoads } from '../market/open-interest.ts';
import { INDEX_FEED, type MarketParams } from '../market/params.ts';
import { type Prices, pricesOf } from '../market/prices.ts';
import { min } from '../market/rounding.ts';
import type { ItemId } from '../params/ids.ts';
import { type ActionStatement, NOWHERE } from './actions.ts';
import type { DepositStatement } from './deposits.ts';
import { accountIn, gainOf, type HeightLedger, payIn, takeOut } from './height-ledger.ts';
import type { Transfer } from './receipts.ts';
import type { SettlementRefusalCode } from './refusals.ts';
import { accountIdOf, type SettlementState } from './settlement-state.ts';

/** Step 5 of a height at the edge of the accounts: deposits of the bridge, then account actions. */

export type NamedAction = ActionStatement & { readonly id: ItemId };
export type NamedDeposit = DepositStatement & { readonly id: ItemId };

/** A deposit becomes cash of its account, which is opened if it is new. */
export function takeDeposit(ledger: HeightLedger, { id, account: A, amount }: NamedDeposit): void {
  const account = accountIdOf(A);
  payIn(ledger, account, amount);
  ledger.deposits += amount;
  ledger.transfers.push({ id, kind: 'deposit', account, amount, fee: 0n, to: NOWHERE });
}

/**
 * An action uses its sequence number up, whatever becomes of it: ordering, which knows no cash, did so too. If amount + fee may
 * leave the account, a shield moves the amount into the pool of notes, a withdrawal to outside, and the fee to the fee pool. If not,
 * the fee is paid all the same, as far as cash and equity go: otherwise who makes its own actions fail could have blocks filled with
 * them for nothing.
 * @param prices at the open interest of the last height's end
 * @param barred why nothing may leave this account now
 */
export function takeAction(
  prices: Prices,
  before: SettlementState,
  barred: SettlementRefusalCode | undefined,
  ledger: HeightLedger,
  item: NamedAction,
): void {
  const { id, action, amount, commitment, destination } = item;
  const account = accountIdOf(item.account);
  const owner = accountIn(ledger, account);
  assert(owner.sequence === item.sequence, 'ordering and settlement count the actions of an account alike');
  ledger.accounts.set(account, { ...owner, sequence: owner.sequence + 1n });

  const fee = prices.params.batchFee;
  const refuse = (code: SettlementRefusalCode): void => {
    ledger.receipts.push({ id, leg: undefined, code });
    const paid = min(fee, min(owner.cash, equity(owner, prices.marks)));
    if (paid <= 0n) return;
    takeOut(ledger, account, paid);
    ledger.fees += paid;
    ledger.transfers.push({ id, kind: 'refused', account, amount: 0n, fee: paid, to: NOWHERE });
  };
  if (barred !== undefined) return refuse(barred);
  const free = withdrawable(prices, owner, gainOf(before, ledger, prices.marks, account));
  if (amount + fee > free) return refuse('SETTLE_AMOUNT_EXCEEDED');
  takeOut(ledger, account, amount + fee);
  ledger.fees += fee;
  if (action === 'shield') ledger.pool += amount;
  else ledger.withdrawals += amount;
  const to = action === 'shield' ? bigintToBytes(commitment, 32) : destination;
  ledger.transfers.push({ id, kind: action, account, amount, fee, to });
}

/** Prices at the open interest of the last height's end, which withdrawals go by. */
export function withdrawalPrices(
  params: MarketParams,
  marks: readonly bigint[],
  index: bigint,
  openInterest: readonly bigint[],
): Prices {
  return pricesOf(
    params,
    marks,
    index,
    openInterestLoads({ params, marks, index }, openInterest, noOpening(params)),
  );
}

/**
 * Whether an action could be paid if it were settled on top of a settled state, at that state's marks. For admission: what is
 * refused there costs nobody anything. The answer at settlement may differ.
 */
export function isAffordable(params: MarketParams, state: SettlementState, item: ActionStatement): boolean {
  const { marks, medians, openInterest } = state.market;
  const owner = state.accounts.get(accountIdOf(item.account));
  if (owner === undefined) return false;
  const prices = withdrawalPrices(params, marks, medians[INDEX_FEED]!, openInterest);
  return item.amount + params.batchFee <= withdrawable(prices, owner, 0n);
}

/** Leaves of the notes that a height shielded, in the order in which they join the tree. */
export const shieldedNotes = (transfers: readonly Transfer[]): bigint[] =>
  transfers.flatMap(({ kind, to }) => (kind === 'shield' ? [bytesToBigint(to)] : []));
