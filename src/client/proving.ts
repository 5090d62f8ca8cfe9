import type { ActionItem } from '../ledger/actions.ts';
import type { BatchItem } from '../ledger/items.ts';
import { accountInput } from '../proofs/account.ts';
import { ordersInput } from '../proofs/orders.ts';
import type { Prover } from '../proofs/prover.ts';
import type { AuthorisedAction, SealedBatch } from './wallet.ts';

/** What proves; its errors are those of `Prover.prove`. */
export type Proving = Pick<Prover, 'prove'>;

/** @returns the item of a sealed batch, with its proof of S2: what a trader sends */
export async function proveBatch(prover: Proving, { statement, witness }: SealedBatch): Promise<BatchItem> {
  const { proof } = await prover.prove('orders', ordersInput(witness));
  return { ...statement, proof };
}

/** @returns the item of an authorised action, with its proof of S3: what a trader sends */
export async function proveAction(
  prover: Proving,
  { statement, witness }: AuthorisedAction,
): Promise<ActionItem> {
  const { proof } = await prover.prove('account', accountInput(witness));
  return { ...statement, proof };
}
