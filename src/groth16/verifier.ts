import { failingProofs } from './batch.ts';
import { proofReader } from './checked-proof.ts';
import { loadCurve } from './curve.ts';
import type { Curve } from './curve-types.ts';
import { equationOf, MAX_PROOFS } from './equation.ts';
import type { MillerLoops } from './miller-loops.ts';
import { loadMillerLoops } from './tested-loops.ts';
import { parseVerificationKey, type VerificationKey } from './verification-key.ts';

/** Checks Groth16 proofs of one circuit. */
export interface Verifier {
  /** Public signals of a statement; fewer or more are refused. */
  readonly nPublic: number;
  /**
   * Whether e(A, B) = e(α, β)·e(IC₀ + Σ sᵢ·ICᵢ, γ)·e(C, δ) and every part is what Groth16 takes for granted: exactly
   * nPublic signals with 0 ≤ sᵢ < r, eight coordinates below q, A and C on G1, B in the order-r subgroup of G2, none at
   * infinity. About 4 ms.
   * @param publicSignals the statement, from anybody
   * @param proof         256 bytes, from anybody
   * @returns             false for whatever is not a proof of this statement; rejects only if this machine fails, which
   *                      says nothing of the proof
   * @see Groth, EUROCRYPT 2016, §3.2
   */
  verify(publicSignals: readonly bigint[], proof: Uint8Array): Promise<boolean>;
  /**
   * Which of the proofs `verify` would refuse, by one product of pairings for all: about half a ms a proof. Each proof gets
   * every check of `verify` on its own; only the equation is taken together, with random weights of 128 bits, so a bad
   * batch passes with probability 2^−128. On failure the bad ones are found for never more than it would cost to verify
   * all one by one.
   * @param publics n statements, from anybody, of any number; equal ones are allowed
   * @param proofs  n proofs, from anybody; a missing one is a bad one
   * @returns       indices of the bad ones, ascending; rejects only if this machine fails
   * @see batch.ts, find-failing.ts
   */
  verifyBatch(publics: readonly (readonly bigint[])[], proofs: readonly Uint8Array[]): Promise<number[]>;
}

/**
 * @param vkeyJson snarkjs' export of a verification key
 * @param where    names the key in errors
 * @throws {Groth16Error} KEYS_UNSAFE
 */
export async function createVerifier(vkeyJson: string, where: string): Promise<Verifier> {
  const curve = await loadCurve();
  return verifierOf(curve, parseVerificationKey(curve, vkeyJson, where), await loadMillerLoops());
}

/** The verifier under a key that has been checked. */
export function verifierOf(curve: Curve, key: VerificationKey, loops: MillerLoops): Verifier {
  const readProof = proofReader(curve, key);
  const equation = equationOf(curve, key, loops);
  return {
    nPublic: key.nPublic,
    async verify(publicSignals, proof) {
      const checked = readProof(publicSignals, proof);
      return checked !== undefined && equation.holds(checked);
    },
    async verifyBatch(publics, proofs) {
      const bad: number[][] = [];
      for (let at = 0; at < publics.length; at += MAX_PROOFS) {
        const checked = publics
          .slice(at, at + MAX_PROOFS)
          .map((signals, i) => readProof(signals, proofs[at + i]));
        const good = checked.filter((proof) => proof !== undefined);
        const failing = await failingProofs(equation, key.digest, good);
        bad.push(checked.flatMap((proof, i) => (proof === undefined || failing.has(proof) ? [at + i] : [])));
      }
      return bad.flat();
    },
  };
}
