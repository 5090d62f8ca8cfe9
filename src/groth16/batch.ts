/**
 * Batch verification of Groth16 proofs of one circuit.
 *
 * With wᵢ a random weight of 128 bits for proof i, all equations hold, but for a chance of 2^−128, if
 *   ∏ e([wᵢ]Aᵢ, Bᵢ) = e(α, β)^Σwᵢ · e(Σⱼ [Σᵢ wᵢsᵢⱼ]ICⱼ, γ) · e(Σ [wᵢ]Cᵢ, δ),   sᵢ₀ = 1:
 * one Miller loop a proof, sixteen of them sharing their squarings, and one final exponentiation, and a sum of as many
 * terms as the key has, whatever n. For this
 * every Aᵢ, Bᵢ, Cᵢ must be known to lie in its group of prime order (checked-proof.ts); off it, an error of small order
 * ℓ would be missed with probability 1/ℓ.
 *
 * Weights are SHAKE256(fresh 32 bytes of the system ‖ key ‖ n ‖ every statement and proof). The inputs in it
 * bind the weights even if the system's randomness were known or repeated (Fiat–Shamir); the fresh bytes leave nobody
 * anything to try out beforehand.
 * @see Bellare, Garay, Rabin, "Fast batch verification for modular exponentiation and digital signatures",
 *      EUROCRYPT '98, §3 (the small exponents test)
 */
import { createHash, randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Curve } from 'ffjavascript';
import { bigintToBytes, bytesToBigint, concatBytes } from '../base/bytes.ts';
import { r } from '../params/fields.ts';
import { type CheckedProof, littleEndian } from './checked-proof.ts';
import { multiMiller, type PreparedPair } from './multi-miller.ts';
import type { VerificationKey } from './verification-key.ts';

const WEIGHT_BYTES = 16;
/** Pairings whose Miller loops go together; between them others get the thread, after about 15 ms. */
const PAIRS_AT_A_TIME = 16;

/** One proof under its weight. */
interface Weighted {
  readonly index: number;
  readonly weight: bigint;
  readonly signals: readonly bigint[];
  /** [w]A and B, prepared. */
  readonly pair: PreparedPair;
  readonly C: Uint8Array;
}

/**
 * @param proofs checked but for the equation
 * @returns      indices of those whose equation fails, ascending
 */
export async function failingProofs(
  curve: Curve,
  key: VerificationKey,
  proofs: readonly CheckedProof[],
): Promise<number[]> {
  const weights = drawWeights(key, proofs);
  const weighted = proofs.map(({ A, B, C, signals }, index): Weighted => {
    const weight = weights[index]!;
    const P = curve.prepareG1(curve.G1.timesScalar(A, weight));
    return { index, weight, signals, pair: { P, Q: B }, C };
  });
  return bisect(curve, key, weighted);
}

/** The failing ones of a set; if the first half is all right, the second is known to fail and is split at once. */
async function bisect(
  curve: Curve,
  key: VerificationKey,
  proofs: readonly Weighted[],
  knownToFail = false,
): Promise<number[]> {
  if (proofs.length === 0 || (!knownToFail && (await holdTogether(curve, key, proofs)))) return [];
  if (proofs.length === 1) return [proofs[0]!.index];
  const middle = proofs.length >> 1;
  const first = await bisect(curve, key, proofs.slice(0, middle));
  return [...first, ...(await bisect(curve, key, proofs.slice(middle), first.length === 0))];
}

async function holdTogether(
  curve: Curve,
  key: VerificationKey,
  proofs: readonly Weighted[],
): Promise<boolean> {
  const { G1, Gt } = curve;
  const total = proofs.reduce((sum, { weight }) => sum + weight, 0n);
  const scalars = Array.from(
    { length: key.nPublic },
    (_, j) => proofs.reduce((sum, { weight, signals }) => sum + weight * signals[j]!, 0n) % r,
  );
  const statement = G1.add(
    await G1.multiExpAffine(key.bases, littleEndian(scalars)),
    G1.timesScalar(key.constant, total),
  );
  const C = await G1.multiExpAffine(
    concatBytes(...proofs.map((proof) => proof.C)),
    concatBytes(...proofs.map(({ weight }) => bigintToBytes(weight, WEIGHT_BYTES).reverse())),
  );
  const prepared = (P: Uint8Array): Uint8Array => curve.prepareG1(G1.toJacobian(P));
  const pairs = [
    ...proofs.map(({ pair }) => pair),
    { P: prepared(G1.neg(statement)), Q: key.gamma },
    { P: prepared(G1.neg(C)), Q: key.delta },
  ];
  let product = Gt.one;
  for (let at = 0; at < pairs.length; at += PAIRS_AT_A_TIME) {
    if (at > 0) await setImmediate();
    product = Gt.mul(product, multiMiller(curve, pairs.slice(at, at + PAIRS_AT_A_TIME)));
  }
  return Gt.eq(curve.finalExponentiation(product), Gt.exp(key.alphaBeta, total));
}

function drawWeights(key: VerificationKey, proofs: readonly CheckedProof[]): bigint[] {
  const hash = createHash('shake256', { outputLength: WEIGHT_BYTES * proofs.length });
  hash
    .update(randomBytes(32))
    .update(key.digest)
    .update(bigintToBytes(BigInt(proofs.length), 8));
  // Each of fixed length under this key: no other list of proofs has the same bytes.
  for (const { scalars, proof } of proofs) hash.update(scalars).update(proof);
  const weights = hash.digest();
  return proofs.map((_, i) => bytesToBigint(weights.subarray(WEIGHT_BYTES * i, WEIGHT_BYTES * (i + 1))));
}
