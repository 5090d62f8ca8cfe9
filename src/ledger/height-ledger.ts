import { concatBytes, fromHex } from '../base/bytes.ts';
import { hashBytes } from '../crypto/hash.ts';
import { type Account, equity } from '../market/account.ts';
import { applyFill } from '../market/fill.ts';
import { addCash, heightGain } from '../market/insurance.ts';
import type { Side } from '../market/order.ts';
import type { AccountId, InstrumentIndex } from '../params/ids.ts';
import type { Receipt, Transfer } from './receipts.ts';
import type { SettlementState } from './settlement-state.ts';

/** Accounts, money and receipts of the height in progress; copies, so the state before stays as it is. */
export interface HeightLedger {
  readonly accounts: Map<AccountId, Account>;
  /** All fees ever taken, units. */
  fees: bigint;
  /** Trading fees of this height, units; they are part of `fees`. */
  tradingFees: bigint;
  insurance: bigint;
  pool: bigint;
  /** All that ever came in from outside, and all that ever left to it, units. */
  deposits: bigint;
  withdrawals: bigint;
  /** What this height's items paid in, and what they took out, fees of actions included; by account, units. */
  readonly paidIn: Map<AccountId, bigint>;
  readonly left: Map<AccountId, bigint>;
  readonly transfers: Transfer[];
  readonly receipts: Receipt[];
}

export function openLedger(before: SettlementState): HeightLedger {
  const { accounts, fees, insurance, pool, deposits, withdrawals } = before;
  return {
    accounts: new Map(accounts),
    fees,
    tradingFees: 0n,
    insurance,
    pool,
    deposits,
    withdrawals,
    paidIn: new Map(),
    left: new Map(),
    transfers: [],
    receipts: [],
  };
}

/** An account as it is, or a new one, which holds nothing. */
export const accountIn = (ledger: HeightLedger, id: AccountId): Account =>
  ledger.accounts.get(id) ?? { cash: 0n, sequence: 0n, positions: new Map() };

/** Money that comes into an account: cash. */
export function payIn(ledger: HeightLedger, id: AccountId, amount: bigint): void {
  ledger.accounts.set(id, addCash(accountIn(ledger, id), amount));
  ledger.paidIn.set(id, (ledger.paidIn.get(id) ?? 0n) + amount);
}

/** Money that leaves an account. */
export function takeOut(ledger: HeightLedger, id: AccountId, amount: bigint): void {
  ledger.accounts.set(id, addCash(accountIn(ledger, id), -amount));
  ledger.left.set(id, (ledger.left.get(id) ?? 0n) + amount);
}

/** `heightGain` of an account so far, at these marks. */
export function gainOf(
  before: SettlementState,
  ledger: HeightLedger,
  marks: readonly bigint[],
  id: AccountId,
): bigint {
  const old = before.accounts.get(id);
  return heightGain({
    equity: equity(accountIn(ledger, id), marks),
    before: old === undefined ? 0n : equity(old, before.market.marks),
    paidIn: ledger.paidIn.get(id) ?? 0n,
    left: ledger.left.get(id) ?? 0n,
  });
}

/** Books a fill and its fee. @returns the fee, units */
export function bookFill(
  ledger: HeightLedger,
  id: AccountId,
  fill: {
    readonly instrument: InstrumentIndex;
    readonly side: Side;
    readonly lots: bigint;
    readonly price: bigint;
  },
  feePpm: bigint,
): bigint {
  const before = ledger.accounts.get(id)!;
  const { account, fee } = applyFill(before, fill.instrument, fill.side, fill.lots, fill.price, feePpm);
  ledger.accounts.set(id, account);
  ledger.fees += fee;
  ledger.tradingFees += fee;
  return fee;
}

/** H(fillOrder; id ‖ leg ‖ beacon): nobody knew the beacon when the id was made. @param id 32 bytes in hex */
export const tieKeyOf = (id: string, leg: number, beacon: Uint8Array): Uint8Array =>
  hashBytes('fillOrder', concatBytes(fromHex(id)!, Uint8Array.of(leg), beacon));
