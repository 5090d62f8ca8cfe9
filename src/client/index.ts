/**
 * A trader: keys and notes, sealing batches of orders, authorising account actions, and the proofs of both. It follows the chain with
 * a replica, which needs no keys.
 *
 * @example A withdrawal, from a wallet to the item that is sent
 * ```ts
 * import assert from 'node:assert/strict';
 * import { randomBytes } from 'node:crypto';
 * import { height, loadVerifier, openProverPool, proveAction, Wallet } from 'velum/client';
 *
 * const chain = { foundation: new Uint8Array(32).fill(1), hash: new Uint8Array(32).fill(2) };
 * const wallet = new Wallet(randomBytes(32), chain.foundation);
 * const account = wallet.accountNamed('savings');
 * const authorised = wallet.authorise(
 *   { account, amount: 25_000_000n, destination: randomBytes(32) },
 *   { chainHash: chain.hash, sequence: 0n, lastHeight: height(10) },
 * );
 *
 * const prover = openProverPool({ processes: 1 });
 * const item = await proveAction(prover, authorised);
 * await prover.close();
 * const verifier = await loadVerifier('account');
 * assert.equal(await verifier.verify(authorised.signals, item.proof), true);
 * ```
 * @packageDocumentation
 */
export type { RandomBytes } from '../base/random.ts';
export type { Certificate } from '../crypto/certificate.ts';
export type { ActionItem } from '../ledger/actions.ts';
export { type Block, decodeBlock } from '../ledger/block.ts';
export {
  type ChainFoundation,
  type ChainGenesis,
  chainHash,
  foundationHash,
} from '../ledger/chain-genesis.ts';
export { decodeEpochChange, type EpochChange } from '../ledger/epoch-change.ts';
export type { EpochConfig } from '../ledger/epoch-config.ts';
export type { BatchItem } from '../ledger/items.ts';
export { Replica } from '../ledger/replica.ts';
export type { ShownChainState } from '../ledger/shown-state.ts';
export type { ValidatorKeys } from '../ledger/validator-keys.ts';
export type { Order, Side } from '../market/order.ts';
export {
  type AccountId,
  accountId,
  type Height,
  height,
  type InstrumentIndex,
  type ItemId,
  instrumentIndex,
} from '../params/ids.ts';
export { loadVerifier } from '../proofs/circuit-verifier.ts';
export { openProverPool, type ProverPoolOptions } from '../proofs/pool.ts';
export type { Prover } from '../proofs/prover.ts';
export { verifyBlockProofs } from './block-proofs.ts';
export { ClientError } from './errors.ts';
export {
  type CheckedHeight,
  LIGHT_PROBLEMS,
  LightClient,
  type LightProblem,
  type ShownHeight,
} from './light-client.ts';
export { proveAction, proveBatch } from './proving.ts';
export { actionTerms, batchTerms } from './terms.ts';
export {
  type ActionTerms,
  type ActionWish,
  type AuthorisedAction,
  type BatchTerms,
  type BatchWish,
  type ClosedHeight,
  type OwnBatch,
  type SealedBatch,
  Wallet,
} from './wallet.ts';
export type { PlainNote, WalletState } from './wallet-state.ts';
