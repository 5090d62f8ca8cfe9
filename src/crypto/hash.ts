import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { poseidon2 } from 'poseidon-lite/poseidon2';
import { poseidon3 } from 'poseidon-lite/poseidon3';
import { poseidon4 } from 'poseidon-lite/poseidon4';
import { bytesToBigint } from '../base/bytes.ts';
import { type ByteDomain, byteTag, type FieldDomain, fieldTag } from '../params/domains.ts';
import { l, r } from '../params/fields.ts';
import { CryptoError } from './errors.ts';

/** Four Merkle nodes of one parent, in order. */
export type Children = readonly [bigint, bigint, bigint, bigint];

/** Poseidon by number of inputs, the tag included. Every width costs 5 ms at start-up, so only those in use. */
const POSEIDON: Readonly<Record<number, (inputs: bigint[]) => bigint>> = {
  2: poseidon2,
  3: poseidon3,
  4: poseidon4,
};

/** Whether x is an element of F_r as it stands: 0 ≤ x < r. */
export const isInField = (x: bigint): boolean => x >= 0n && x < r;

/** @throws {CryptoError} CRYPTO_INPUT unless every value is in F_r */
export function requireFieldElements(values: readonly bigint[]): void {
  if (!values.every(isInField)) {
    throw new CryptoError('CRYPTO_INPUT', 'a Poseidon input is not in F_r: reduce or refuse it first');
  }
}

/**
 * H(domain; x₁ … xₙ) = Poseidon(tag, x₁ … xₙ) over F_r with circomlib's constants.
 * The tag is the first input, so the hashes of two domains are two different functions.
 * @param inputs 1 to 3 elements of F_r; may be secret (not constant-time)
 * @returns      an element of F_r
 * @throws {CryptoError} CRYPTO_INPUT if an input is not below r, or for another number of inputs
 * @see Grassi et al., Poseidon, USENIX Security '21
 */
export function hash(domain: FieldDomain, ...inputs: readonly bigint[]): bigint {
  const poseidon = POSEIDON[inputs.length + 1];
  if (poseidon === undefined) {
    throw new CryptoError('CRYPTO_INPUT', `Poseidon of ${inputs.length} inputs is not in use`, { domain });
  }
  requireFieldElements(inputs);
  return poseidon([fieldTag(domain), ...inputs]);
}

/**
 * Poseidon(c₀, c₁, c₂, c₃): the one untagged hash. Sound because every tree has a fixed depth and every leaf
 * is a tagged hash, so a node never passes for a leaf.
 * @param children four elements of F_r
 * @returns        their parent in F_r
 * @throws {CryptoError} CRYPTO_INPUT if a child is not below r
 */
export function merkleNode(children: Children): bigint {
  requireFieldElements(children);
  return poseidon4([...children]);
}

/** A permutation is asked for all five words; poseidon-lite's types know of one. */
const poseidonWords = poseidon4 as unknown as (inputs: bigint[], outputs: 5) => bigint[];

/**
 * The keystream of a sealed batch: (z₀ … z₄) = PoseidonEx(4 → 5)(tag_seal, x, y, context), initial state 0.
 * z₀ never leaves this function: a permutation's whole output can be inverted, and then guessed plaintexts
 * could be confirmed.
 * @param x affine coordinates of the shared point K, secret until the batch is ordered
 * @param y as well
 * @param context F_r, public
 * @returns       [z₁, z₂, z₃, z₄]: three pads and the tag
 */
export function sealStream(x: bigint, y: bigint, context: bigint): readonly [bigint, bigint, bigint, bigint] {
  requireFieldElements([x, y, context]);
  const [, z1, z2, z3, z4] = poseidonWords([fieldTag('seal'), x, y, context], 5);
  return [z1!, z2!, z3!, z4!];
}

/** As above: poseidon-lite gives as many words as are asked for. */
const poseidonStream = poseidon3 as unknown as (inputs: bigint[], outputs: 3) => bigint[];

/**
 * The pads of a dealing's two shares for one recipient: (z₀, z₁, z₂) = PoseidonEx(3 → 3)(x, y, context), initial state 0. No tag
 * of its own: the context is a tagged hash (`dealingContext`).
 * z₀ never leaves this function, and the fourth word is not computed: no more of the permutation's state is known than pads need.
 * @param x affine coordinates of the shared point E, secret
 * @param y as well
 * @param context F_r, public
 * @returns       [z₁, z₂]
 */
export function dealingStream(x: bigint, y: bigint, context: bigint): readonly [bigint, bigint] {
  requireFieldElements([x, y, context]);
  const [, z1, z2] = poseidonStream([x, y, context], 3);
  return [z1!, z2!];
}

/**
 * SHA-256(tag ‖ parts), the tag being the 64 bytes of its domain: one whole block, so domains never collide.
 * @param parts together an unambiguous encoding: at most one part of a length that the domain does not fix
 * @returns     32 bytes
 */
export function hashBytes(domain: ByteDomain, ...parts: readonly Uint8Array[]): Uint8Array {
  const state = sha256.create().update(byteTag(domain));
  for (const part of parts) state.update(part);
  return state.digest();
}

/**
 * SHA-512(tag ‖ parts): what the two functions below reduce; on its own for 64-byte values.
 * @returns 64 bytes
 */
export function hashWide(domain: ByteDomain, ...parts: readonly Uint8Array[]): Uint8Array {
  const state = sha512.create().update(byteTag(domain));
  for (const part of parts) state.update(part);
  return state.digest();
}

/** SHA-512(tag ‖ parts) mod r, in F_r; the bias is below 2^−257. Parts as in `hashBytes`. */
export function hashToField(domain: ByteDomain, ...parts: readonly Uint8Array[]): bigint {
  return bytesToBigint(hashWide(domain, ...parts)) % r;
}

/** SHA-512(tag ‖ parts) mod l, in Z_l; the bias is below 2^−260. Parts as in `hashBytes`. */
export function hashToScalar(domain: ByteDomain, ...parts: readonly Uint8Array[]): bigint {
  return bytesToBigint(hashWide(domain, ...parts)) % l;
}
