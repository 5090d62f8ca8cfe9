import { concatBytes, fromHex } from '../base/bytes.ts';
import { hashBytes } from '../crypto/hash.ts';
import { applyFill } from '../market/fill.ts';
import type { Account } from '../market/margin.ts';
import type { Side } from '../market/order.ts';
import type { AccountId, InstrumentIndex } from '../params/ids.ts';
import type { Receipt } from './receipts.ts';
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
  /** What this height's items paid in, by account; units. */
  readonly deposits: Map<AccountId, bigint>;
  readonly receipts: Receipt[];
}

export function openLedger(before: SettlementState): HeightLedger {
  const { accounts, fees, insurance, pool } = before;
  return {
    accounts: new Map(accounts),
    fees,
    tradingFees: 0n,
    insurance,
    pool,
    deposits: new Map(),
    receipts: [],
  };
}

/** A deposit: cash of the account, which is opened if it is new. */
export function creditDeposit(ledger: HeightLedger, id: AccountId, amount: bigint): void {
  const account = ledger.accounts.get(id) ?? { cash: 0n, sequence: 0n, positions: new Map() };
  ledger.accounts.set(id, { ...account, cash: account.cash + amount });
  ledger.deposits.set(id, (ledger.deposits.get(id) ?? 0n) + amount);
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
