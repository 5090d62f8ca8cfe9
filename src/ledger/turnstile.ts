import { assert } from '../base/errors.ts';
import type { ItemId } from '../params/ids.ts';
import type { Receipts } from './receipts.ts';
import type { SettlementState } from './settlement-state.ts';

/** The audit of one height, units. pool = Σ in − Σ out: nobody sees the notes, but what went in and out is public. */
export interface Turnstile {
  /** The pool of notes after the height before. */
  readonly before: bigint;
  /** What account actions shielded. */
  readonly shielded: bigint;
  /** Deposits and fees of the batches that counted. */
  readonly spent: bigint;
  /** The pool after this height: before + shielded − spent ≥ 0. */
  readonly after: bigint;
  /** Where all money is: Σ (cash + quote) of the accounts, fees, insurance, and the pool. */
  readonly accounts: bigint;
  readonly fees: bigint;
  readonly insurance: bigint;
  /** All that ever came in from outside, genesis notes included, and all that ever left. */
  readonly deposits: bigint;
  readonly withdrawals: bigint;
}

/**
 * Counts a settled height anew, from its items and receipts instead of from the running sums: the pool (I8) and all money (I1).
 * @param spends deposit + fee of every batch, also of those that a receipt refuses as a whole
 * @throws ASSERTION if the books do not balance: our bug, whatever the items said
 */
export function auditTurnstile(
  before: SettlementState,
  after: SettlementState,
  { receipts, transfers }: Pick<Receipts, 'receipts' | 'transfers'>,
  spends: readonly { readonly id: ItemId; readonly amount: bigint }[],
): Turnstile {
  const refused = new Set(receipts.filter(({ leg }) => leg === undefined).map(({ id }) => id));
  const spent = spends.reduce((sum, { id, amount }) => (refused.has(id) ? sum : sum + amount), 0n);
  const moved = { deposit: 0n, shield: 0n, withdraw: 0n, refused: 0n };
  for (const { kind, amount } of transfers) moved[kind] += amount;
  let accounts = 0n;
  for (const { cash, positions } of after.accounts.values()) {
    accounts += cash;
    for (const { quote } of positions.values()) accounts += quote;
  }
  const { pool, fees, insurance, deposits, withdrawals } = after;
  assert(
    pool >= 0n && pool === before.pool + moved.shield - spent,
    'the pool is what went in less what went out',
  );
  assert(
    deposits === before.deposits + moved.deposit && withdrawals === before.withdrawals + moved.withdraw,
    'what came in and left is what deposits and withdrawals say',
  );
  assert(
    accounts + fees + insurance + pool === deposits - withdrawals,
    'all money that came in and did not leave is in accounts, fees, insurance and notes',
  );
  return {
    before: before.pool,
    shielded: moved.shield,
    spent,
    after: pool,
    accounts,
    fees,
    insurance,
    deposits,
    withdrawals,
  };
}
