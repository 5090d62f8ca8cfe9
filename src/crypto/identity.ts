import { invert, mod } from '@noble/curves/abstract/modular.js';
import { r } from '../params/fields.ts';
import { CryptoError } from './errors.ts';
import { hash, isInField } from './hash.ts';
import type { MerklePath } from './merkle.ts';

/**
 * The arithmetic of anonymous ballots, natively as in statement S1: each ballot gives away one point of a line through
 * (0, isk), whose slope is fixed by the scope. One ballot in a scope says nothing; two different ones give isk.
 * @see Rate-limiting nullifier, RFC 32 of the vac project
 */

/** A point (x, y) of the line, public. */
export interface BallotPoint {
  /** F_r, not 0: hash of the ballot's message. */
  readonly x: bigint;
  /** F_r. */
  readonly y: bigint;
}

/** What a ballot's prover knows; identitySecret and path are secret. */
export interface BallotWitness {
  /** isk in F_r, of one validator for one epoch. */
  readonly identitySecret: bigint;
  /** From the leaf H(validator; isk) to the root, leaf level first: 4 × 4 numbers of F_r. */
  readonly path: MerklePath;
  /** F_r: root of the committee tree. */
  readonly committeeRoot: bigint;
  /** F_r: hash of chain, epoch and height. */
  readonly scope: bigint;
  /** F_r, not 0: hash of the ballot's message. */
  readonly x: bigint;
}

/**
 * idc = H(validator; isk): the validator's leaf in the committee tree.
 * @param isk F_r, secret, of one epoch
 * @throws {CryptoError} CRYPTO_INPUT if it is not below r
 */
export function identityCommitment(isk: bigint): bigint {
  return hash('validator', isk);
}

/**
 * a₁ = H(ballotShare; isk, scope), y = isk + a₁·x mod r, nullifier = H(ballotNullifier; a₁).
 * @param isk   F_r, secret
 * @param scope F_r: chain, epoch and height
 * @param x     F_r, not 0: there y would be isk itself
 * @returns     nullifier and y in F_r, public
 * @throws {CryptoError} CRYPTO_INPUT if an input is not in F_r or x is 0
 */
export function ballotShare(
  isk: bigint,
  scope: bigint,
  x: bigint,
): { readonly nullifier: bigint; readonly y: bigint } {
  if (x === 0n || !isInField(x)) throw new CryptoError('CRYPTO_INPUT', 'a ballot has 1 ≤ x < r');
  const a1 = hash('ballotShare', isk, scope);
  return { nullifier: hash('ballotNullifier', a1), y: mod(isk + a1 * x, r) };
}

/**
 * isk = (x₂·y₁ − x₁·y₂)/(x₂ − x₁) mod r: where the line through two ballots of one nullifier meets x = 0.
 * @returns undefined if both x are equal, or a coordinate is not in F_r: no line is given
 */
export function recoverIdentitySecret(first: BallotPoint, second: BallotPoint): bigint | undefined {
  if (![first.x, first.y, second.x, second.y].every(isInField) || first.x === second.x) return undefined;
  const numerator = second.x * first.y - first.x * second.y;
  return mod(numerator * invert(mod(second.x - first.x, r), r), r);
}
