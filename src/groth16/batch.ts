/**
 * Batch verification of Groth16 proofs of one circuit.
 *
 * With wᵢ a random weight of 128 bits for proof i, all equations hold, but for a chance of 2^−128, if the residue
 * R = ∏ Rᵢ^wᵢ of the batch is 1 (equation.ts): one Miller loop a proof, sixteen of them sharing their squarings, and one
 * final exponentiation, and a sum of as many terms as the key has, whatever n. For this every Aᵢ, Bᵢ, Cᵢ must be known to
 * lie in its group of prime order (checked-proof.ts, miller-loops.ts); off it, an error of small order ℓ would be missed with probability
 * 1/ℓ.
 *
 * Weights are SHAKE256(fresh 32 bytes of the system ‖ key ‖ n ‖ every statement and proof). The inputs in it
 * bind the weights even if the system's randomness were known or repeated (Fiat–Shamir); the fresh bytes leave nobody
 * anything to try out beforehand.
 * @see Bellare, Garay, Rabin, "Fast batch verification for modular exponentiation and digital signatures",
 *      EUROCRYPT '98, §3 (the small exponents test)
 */
import { bigintToBytes, bytesToBigint } from '../base/bytes.ts';
import type { CheckedProof } from './checked-proof.ts';
import { type Equation, WEIGHT_BYTES } from './equation.ts';
import { findFailing, type Part } from './find-failing.ts';
import { freshBytes, nextTurn, shake256Of } from './platform.ts';

/** Pairings whose Miller loops go together; between them others get the thread, after about 5 ms. */
const PART = 16;

/**
 * @param keyDigest binds the weights to the key
 * @param proofs    checked but for the equation and the subgroup of B, at most MAX_PROOFS
 * @returns         those whose equation fails or whose B is not in G2
 */
export async function failingProofs(
  equation: Equation,
  keyDigest: Uint8Array,
  proofs: readonly CheckedProof[],
): Promise<ReadonlySet<CheckedProof>> {
  if (proofs.length < 2) return new Set(proofs.filter((proof) => !equation.holds(proof)));
  const weights = drawWeights(keyDigest, proofs);
  const parts: Part[] = [];
  const failing = new Set<CheckedProof>();
  for (let at = 0; at < proofs.length; at += PART) {
    if (at > 0) await nextTurn();
    const weighted = proofs.slice(at, at + PART).map((proof, i) => equation.weigh(proof, weights[at + i]!));
    const all = equation.miller(weighted);
    if (all.outside.length === 0) {
      parts.push({ proofs: weighted, miller: all.product });
      continue;
    }
    for (const { proof } of all.outside) failing.add(proof);
    const inside = weighted.filter(({ proof }) => !failing.has(proof));
    if (inside.length > 0) parts.push({ proofs: inside, miller: equation.miller(inside).product });
  }
  if (parts.length > 0) for (const proof of await findFailing(equation, parts)) failing.add(proof);
  return failing;
}

function drawWeights(keyDigest: Uint8Array, proofs: readonly CheckedProof[]): bigint[] {
  const head = [freshBytes(32), keyDigest, bigintToBytes(BigInt(proofs.length), 8)];
  // Each of fixed length under this key: no other list of proofs has the same bytes.
  const body = proofs.flatMap(({ scalars, proof }) => [scalars, proof]);
  const weights = shake256Of([...head, ...body], WEIGHT_BYTES * proofs.length);
  return proofs.map((_, i) => bytesToBigint(weights.subarray(WEIGHT_BYTES * i, WEIGHT_BYTES * (i + 1))));
}
