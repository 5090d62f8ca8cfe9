import type { Curve } from 'ffjavascript';
import { failingProofs } from './batch.ts';
import { type CheckedProof, proofReader } from './checked-proof.ts';
import { loadCurve } from './curve.ts';
import { parseVerificationKey, type VerificationKey } from './verification-key.ts';

/** Checks Groth16 proofs of one circuit. */
export interface Verifier {
  /** Public signals of a statement; fewer or more are refused. */
  readonly nPublic: number;
  /**
   * Whether e(A, B) = e(α, β)·e(IC₀ + Σ sᵢ·ICᵢ, γ)·e(C, δ) and every part is what Groth16 takes for granted: exactly
   * nPublic signals with 0 ≤ sᵢ < r, eight coordinates below q, A and C on G1, B in the order-r subgroup of G2, none at
   * infinity. About 13 ms for 45 signals.
   * @param publicSignals the statement, from anybody
   * @param proof         256 bytes, from anybody
   * @returns             false for whatever is not a proof of this statement; never rejects
   * @see Groth, EUROCRYPT 2016, §3.2
   */
  verify(publicSignals: readonly bigint[], proof: Uint8Array): Promise<boolean>;
  /**
   * Which of the proofs `verify` would refuse, by one product of pairings for all: about 2 ms a proof. Each proof gets
   * every check of `verify` on its own; only the equation is taken together, with random weights of 128 bits, so a bad
   * batch passes with probability 2^−128. On failure the batch is halved until the bad ones are found.
   * @param publics n statements, from anybody; equal ones are allowed
   * @param proofs  n proofs, from anybody; a missing one is a bad one
   * @returns       indices of the bad ones, ascending; never rejects
   * @see batch.ts
   */
  verifyBatch(publics: readonly (readonly bigint[])[], proofs: readonly Uint8Array[]): Promise<number[]>;
}

/**
 * @param vkeyJson snarkjs' export of a verification key
 * @param where    names the key in errors
 * @throws {VelumError} KEYS_UNSAFE
 */
export async function createVerifier(vkeyJson: string, where: string): Promise<Verifier> {
  const curve = await loadCurve();
  return verifierOf(curve, parseVerificationKey(curve, vkeyJson, where));
}

/** The verifier under a key that has been checked. */
export function verifierOf(curve: Curve, key: VerificationKey): Verifier {
  const readProof = proofReader(curve, key);
  return {
    nPublic: key.nPublic,
    async verify(publicSignals, proof) {
      try {
        const checked = readProof(publicSignals, proof);
        return checked !== undefined && (await holds(curve, key, checked));
      } catch {
        // Out of memory or a bug of the curve library: an outsider's bytes must not stop a validator.
        return false;
      }
    },
    async verifyBatch(publics, proofs) {
      const checked = publics.map((publicSignals, i) => {
        try {
          return readProof(publicSignals, proofs[i]!);
        } catch {
          return undefined;
        }
      });
      const bad = checked.flatMap((proof, i) => (proof === undefined ? [i] : []));
      const good = checked.flatMap((proof, i) => (proof === undefined ? [] : [i]));
      try {
        const failing = await failingProofs(
          curve,
          key,
          good.map((i) => checked[i]!),
        );
        return [...bad, ...failing.map((i) => good[i]!)].sort((a, b) => a - b);
      } catch {
        return publics.map((_, i) => i);
      }
    },
  };
}

async function holds(
  curve: Curve,
  key: VerificationKey,
  { A, B, C, scalars }: CheckedProof,
): Promise<boolean> {
  const { G1, Gt } = curve;
  const statement = G1.add(await G1.multiExpAffine(key.bases, scalars), key.constant);
  const miller = (P: Uint8Array, preparedQ: Uint8Array): Uint8Array =>
    curve.millerLoop(curve.prepareG1(G1.toJacobian(P)), preparedQ);
  const product = [miller(A, B), miller(G1.neg(statement), key.gamma), miller(G1.neg(C), key.delta)].reduce(
    (x, y) => Gt.mul(x, y),
  );
  return Gt.eq(curve.finalExponentiation(product), key.alphaBeta);
}
