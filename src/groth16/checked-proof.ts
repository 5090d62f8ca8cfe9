import { littleEndian } from '../base/bytes.ts';
import { r } from '../params/fields.ts';
import type { Curve } from './curve-types.ts';
import { proofCoordinates } from './encoding.ts';
import type { VerificationKey } from './verification-key.ts';

/** A proof and its statement of which only the pairing equation is still open, and whether B is in G2's subgroup. */
export interface CheckedProof {
  /** Affine, on G1, not infinity. */
  readonly A: Uint8Array;
  readonly C: Uint8Array;
  /** Affine, on the curve of G2, not infinity; whether it is in the subgroup its Miller loop finds (miller-loops.ts). */
  readonly B: Uint8Array;
  /** nPublic numbers below r, and the same as multi-exponentiation reads them: 32 bytes little-endian each. */
  readonly signals: readonly bigint[];
  readonly scalars: Uint8Array;
  /** The 256 bytes that were read. */
  readonly proof: Uint8Array;
}

export type ProofReader = (publicSignals: unknown, proof: unknown) => CheckedProof | undefined;

/**
 * Reads an outsider's statement and proof with all checks that Groth16 takes for granted: exactly nPublic signals with
 * 0 ≤ sᵢ < r, eight coordinates below q, points on their curves; all but the subgroup of B.
 * @returns a reader that answers undefined for what is no proof of whatever statement, and throws only if this machine fails
 */
export function proofReader(curve: Curve, key: VerificationKey): ProofReader {
  const { G1, G2 } = curve;
  const g1 = (affine: readonly [bigint, bigint]): Uint8Array | undefined => {
    const point = G1.fromObject(affine);
    return G1.isZero(point) || !G1.isValid(point) ? undefined : point;
  };
  return (publicSignals, proof) => {
    const signals = signalsOf(publicSignals, key.nPublic);
    const bytes = proof instanceof Uint8Array ? Uint8Array.from(proof) : undefined;
    const coordinates = bytes && proofCoordinates(bytes);
    if (signals === undefined || bytes === undefined || coordinates === undefined) return undefined;
    const A = g1(coordinates.A);
    const C = g1(coordinates.C);
    const B = G2.fromObject(coordinates.B as [[bigint, bigint], [bigint, bigint]]);
    if (A === undefined || C === undefined) return undefined;
    if (G2.isZero(B) || !G2.isValid(B)) return undefined;
    return { A, B, C, signals, scalars: littleEndian(signals), proof: bytes };
  };
}

/** So many numbers below r, or undefined. A copy, so that no later change of theirs is ours. */
export function signalsOf(value: unknown, count: number): readonly bigint[] | undefined {
  if (!Array.isArray(value) || value.length !== count) return undefined;
  const signals = Array.from({ length: count }, (_, i): unknown => value[i]);
  return signals.every(isSignal) ? signals : undefined;
}

const isSignal = (s: unknown): s is bigint => typeof s === 'bigint' && s >= 0n && s < r;
