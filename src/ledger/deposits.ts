import { ContainerType } from '@chainsafe/ssz';
import { bigintToBytes, toHex } from '../base/bytes.ts';
import { bytes64, codec, isUint64, uint64, uint256 } from '../base/codec.ts';
import { assert } from '../base/errors.ts';
import { hashBytes } from '../crypto/hash.ts';
import { sign, verifySignature } from '../crypto/signature.ts';
import { r } from '../params/fields.ts';
import { type ItemId, itemId } from '../params/ids.ts';
import type { RefusalCode } from './refusals.ts';

/** Money that came to the bridge outside and becomes cash of an account. */
export interface DepositStatement {
  readonly kind: 'deposit';
  /** The bridge's number of this deposit, < 2^64: each is ordered once. Numbers may be ordered in any order. */
  readonly nonce: bigint;
  /** A in F_r: the account that gets the amount; it is opened if it is new. */
  readonly account: bigint;
  /** 1 ≤ amount < 2^64, units. */
  readonly amount: bigint;
}

export interface DepositItem extends DepositStatement {
  /** Ed25519 of the bridge key named in genesis over `depositHash`, 64 bytes. */
  readonly signature: Uint8Array;
}

const DepositType = new ContainerType({
  nonce: uint64,
  account: uint256,
  amount: uint64,
  signature: bytes64,
});
const depositCodec = codec(DepositType, DepositType.fixedSize!);

/** @throws ASSERTION if number or amount has more than 64 bits: on the wire it would be another number. */
export function encodeDepositBody(item: DepositItem): Uint8Array {
  assert(isUint64(item.nonce) && isUint64(item.amount), 'number and amount of a deposit have 64 bits');
  return depositCodec.encode(item);
}

/** Reads a deposit's body as far as it can be judged without state or the bridge's key. Never throws. */
export function screenDeposit(bytes: Uint8Array): DepositItem | RefusalCode {
  const body = depositCodec.decode(bytes);
  if (body === undefined) return 'ITEM_MALFORMED';
  if (body.account >= r) return 'ITEM_SIGNAL_RANGE';
  return body.amount === 0n ? 'ITEM_AMOUNT_ZERO' : { ...body, kind: 'deposit' };
}

/**
 * What the bridge signs, and the deposit's id: hash of (chain, number, account, amount).
 * @param chainHash 32 bytes: the chain
 * @returns 32 bytes
 */
function depositHash(chainHash: Uint8Array, { nonce, account, amount }: DepositStatement): Uint8Array {
  assert(chainHash.length === 32, 'a chain hash has 32 bytes');
  const parts = [bigintToBytes(nonce, 8), bigintToBytes(account, 32), bigintToBytes(amount, 8)];
  return hashBytes('deposit', chainHash, ...parts);
}

/** A deposit's name; the signature is not in it. */
export const depositIdOf = (chainHash: Uint8Array, statement: DepositStatement): ItemId =>
  itemId(toHex(depositHash(chainHash, statement)));

/** @param bridgeSecret the bridge's Ed25519 seed, 32 bytes. @returns the item that is sent */
export function signDeposit(
  bridgeSecret: Uint8Array,
  chainHash: Uint8Array,
  statement: DepositStatement,
): DepositItem {
  return { ...statement, signature: sign(bridgeSecret, depositHash(chainHash, statement)) };
}

/** Whether the bridge signed a deposit. @param bridgeKey 32 bytes, of the genesis */
export const isSignedDeposit = (bridgeKey: Uint8Array, chainHash: Uint8Array, item: DepositItem): boolean =>
  verifySignature(bridgeKey, depositHash(chainHash, item), item.signature);
