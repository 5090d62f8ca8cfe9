import { ByteVectorType, ContainerType } from '@chainsafe/ssz';
import { bigintToBytes } from '../base/bytes.ts';
import { bytes32, codec, isUint64, uint8, uint32, uint64, uint256 } from '../base/codec.ts';
import { assert } from '../base/errors.ts';
import { hashToField } from '../crypto/hash.ts';
import { r } from '../params/fields.ts';
import { type Height, height } from '../params/ids.ts';
import { PROOF_BYTES } from '../params/sizes.ts';
import type { RefusalCode } from './refusals.ts';

/** What an account's owner authorises; public, all of it bound by the proof (S3) and by the item's id. */
export interface ActionStatement {
  readonly kind: 'action';
  /** `shield`: cash becomes a note of the same owner; `withdraw`: cash leaves the system. */
  readonly action: 'shield' | 'withdraw';
  /** A in F_r. */
  readonly account: bigint;
  /** 1 ≤ amount < 2^64, units; the action's fee comes on top. */
  readonly amount: bigint;
  /** The note of `amount`, F_r: a leaf of the tree once a shield is settled; a withdrawal makes no use of it. */
  readonly commitment: bigint;
  /** The account's number of this action: 0, 1, 2, … */
  readonly sequence: bigint;
  /** Where a withdrawal goes, 32 bytes that are not all zero; of a shield all zero. */
  readonly destination: Uint8Array;
  /** The action may be ordered up to this height, from MAX_ITEM_WINDOW − 1 heights before it on. */
  readonly lastHeight: Height;
}

export interface ActionItem extends ActionStatement {
  /** Groth16 proof of S3, 256 bytes; re-randomisable, so it identifies nothing. */
  readonly proof: Uint8Array;
}

const ACTIONS = ['shield', 'withdraw'] as const;
/** Of a shield. */
export const NOWHERE: Uint8Array = new Uint8Array(32);

const ActionType = new ContainerType({
  action: uint8,
  account: uint256,
  amount: uint64,
  commitment: uint256,
  sequence: uint64,
  destination: bytes32,
  lastHeight: uint32,
  proof: new ByteVectorType(PROOF_BYTES),
});
const actionCodec = codec(ActionType, ActionType.fixedSize!);

/** @throws ASSERTION if amount or sequence has more than 64 bits: on the wire it would be another number. */
export function encodeActionBody(item: ActionItem): Uint8Array {
  assert(isUint64(item.amount) && isUint64(item.sequence), 'amount and sequence of an action have 64 bits');
  return actionCodec.encode({ ...item, action: ACTIONS.indexOf(item.action) });
}

/** Reads an action's body as far as it can be judged without state or a proof. Never throws. */
export function screenAction(bytes: Uint8Array): ActionItem | RefusalCode {
  const body = actionCodec.decode(bytes);
  const action = ACTIONS[body?.action ?? ACTIONS.length];
  if (body === undefined || action === undefined) return 'ITEM_MALFORMED';
  if (body.account >= r || body.commitment >= r) return 'ITEM_SIGNAL_RANGE';
  if (body.amount === 0n) return 'ITEM_AMOUNT_ZERO';
  const isNowhere = body.destination.every((byte) => byte === 0);
  if (isNowhere !== (action === 'shield')) return 'ITEM_DESTINATION';
  return { ...body, kind: 'action', action, lastHeight: height(body.lastHeight) };
}

/**
 * The public signal that binds a proof of S3 to one chain and one action: hash of (chain, kind, sequence, destination,
 * last height). Account, amount and note are signals of their own.
 * @param chainHash 32 bytes: the chain
 * @returns an element of F_r
 */
export function actionMessage(chainHash: Uint8Array, statement: ActionStatement): bigint {
  const { action, sequence, destination, lastHeight } = statement;
  assert(chainHash.length === 32 && destination.length === 32, 'a hash and a destination have 32 bytes');
  const kind = Uint8Array.of(ACTIONS.indexOf(action));
  const numbers = [bigintToBytes(sequence, 8), destination, bigintToBytes(BigInt(lastHeight), 4)];
  return hashToField('accountMessage', chainHash, kind, ...numbers);
}

/** S3's public signals in the circuit's order: A, amount, cm, message. */
export function actionSignals(chainHash: Uint8Array, statement: ActionStatement): bigint[] {
  const { account, amount, commitment } = statement;
  return [account, amount, commitment, actionMessage(chainHash, statement)];
}
