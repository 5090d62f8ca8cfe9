import { setHasher } from '@chainsafe/persistent-merkle-tree';
import { ByteListType, ByteVectorType, type Type, UintBigintType, UintNumberType } from '@chainsafe/ssz';
import { equalBytes } from './bytes.ts';
import { BaseError } from './errors.ts';
import { rootHasher } from './root-hasher.ts';

setHasher(rootHasher);

/** One canonical encoding (SSZ) of T: equal values give equal bytes, and only those bytes decode. */
export interface Codec<T> {
  /** @throws {BaseError} CODEC_INPUT if a list or integer exceeds its limit: our own value, so our bug. */
  encode(value: T): Uint8Array;
  /** @returns undefined for anything that is not the canonical encoding of a T. Never throws. */
  decode(bytes: Uint8Array): T | undefined;
  /** SSZ hash_tree_root (SHA-256), 32 bytes. @see Ethereum consensus specs, simple-serialize.md, Merkleization */
  root(value: T): Uint8Array;
}

/**
 * @param type     SSZ type; every list in it states its limit
 * @param maxBytes longer inputs are refused before they are parsed; by default what all lists at their limits take
 */
export function codec<T>(type: Type<T>, maxBytes: number = type.maxSize): Codec<T> {
  return {
    encode(value) {
      let bytes: Uint8Array;
      try {
        bytes = type.serialize(value);
      } catch (cause) {
        throw new BaseError('CODEC_INPUT', `cannot encode ${type.typeName}: ${String(cause)}`, {}, cause);
      }
      // The library enforces a list's limit when it reads, not when it writes.
      if (bytes.length > maxBytes)
        throw new BaseError('CODEC_INPUT', `cannot encode ${type.typeName}: more than ${maxBytes} bytes`);
      return bytes;
    },
    decode(bytes) {
      if (bytes.length > maxBytes) return undefined;
      try {
        const value = type.deserialize(bytes);
        return equalBytes(type.serialize(value), bytes) ? value : undefined;
      } catch {
        return undefined;
      }
    },
    root: (value) => type.hashTreeRoot(value),
  };
}

export const uint8 = new UintNumberType(1);
export const uint32 = new UintNumberType(4);
export const uint64 = new UintBigintType(8);
/** What `uint64` holds; a larger one would be encoded as another number. */
export const isUint64 = (x: bigint): boolean => BigInt.asUintN(64, x) === x;
/** A field element or any 256-bit integer; the parser checks the range (< r) itself. */
export const uint256 = new UintBigintType(32);
export const bytes32 = new ByteVectorType(32);
export const bytes48 = new ByteVectorType(48);
/** A BabyJubJub point: x ‖ y, big-endian, 32 bytes each; an Ed25519 signature; a DLEQ proof. */
export const bytes64 = new ByteVectorType(64);
export const bytes96 = new ByteVectorType(96);
export const byteList = (limit: number): ByteListType => new ByteListType(limit);
