import { bigintToBytes, bytesToBigint } from '../base/bytes.ts';
import { assert } from '../base/errors.ts';
import { withdrawable } from '../market/margin.ts';
import type { Prices } from '../market/marks.ts';
import type { MarketParams } from '../market/params.ts';
import { INDEX_FEED } from '../market/params.ts';
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
 * leave the account, a shield moves the amount into the pool of notes, a withdrawal to outside, and the fee to the fee pool.
 */
export function takeAction(
  prices: Prices,
  before: SettlementState,
  isHalted: boolean,
  ledger: HeightLedger,
  item: NamedAction,
): void {
  const { id, action, amount, commitment, destination } = item;
  const account = accountIdOf(item.account);
  const owner = accountIn(ledger, account);
  assert(owner.sequence === item.sequence, 'ordering and settlement count the actions of an account alike');
  ledger.accounts.set(account, { ...owner, sequence: owner.sequence + 1n });

  const refuse = (code: SettlementRefusalCode): void => {
    ledger.receipts.push({ id, leg: undefined, code });
  };
  if (isHalted && owner.positions.size > 0) return refuse('SETTLE_HALTED');
  const { params, marks, index } = prices;
  const fee = params.batchFee;
  const free = withdrawable(params, owner, marks, index, gainOf(before, ledger, marks, account));
  if (amount + fee > free) return refuse('SETTLE_AMOUNT_EXCEEDED');
  takeOut(ledger, account, amount + fee);
  ledger.fees += fee;
  if (action === 'shield') ledger.pool += amount;
  else ledger.withdrawals += amount;
  const to = action === 'shield' ? bigintToBytes(commitment, 32) : destination;
  ledger.transfers.push({ id, kind: action, account, amount, fee, to });
}

/**
 * Whether an action could be paid if it were settled on top of a settled state, at that state's marks. For admission: what is
 * refused there costs nobody anything. The answer at settlement may differ.
 */
export function isAffordable(params: MarketParams, state: SettlementState, item: ActionStatement): boolean {
  const { marks, medians } = state.market;
  const owner = state.accounts.get(accountIdOf(item.account));
  if (owner === undefined) return false;
  return item.amount + params.batchFee <= withdrawable(params, owner, marks, medians[INDEX_FEED]!, 0n);
}

/** Leaves of the notes that a height shielded, in the order in which they join the tree. */
export const shieldedNotes = (transfers: readonly Transfer[]): bigint[] =>
  transfers.flatMap(({ kind, to }) => (kind === 'shield' ? [bytesToBigint(to)] : []));
