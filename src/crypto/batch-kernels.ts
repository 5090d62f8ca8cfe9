import { clearCofactor, multiply, multiplySumPublic, type Point } from './babyjub.ts';
import { sealStream } from './hash.ts';
import { verifySignature } from './signature.ts';

/** A term of a sum: an integer |k| < l and a point of the curve. */
export type Term = readonly [k: bigint, P: Point];

/** The shared point's coordinates and the context, each in F_r. */
export type SealInput = readonly [x: bigint, y: bigint, context: bigint];

/**
 * The arithmetic of opening many batches at once, and of signatures. All implementations give the same points, numbers and verdicts, so
 * which one works is a host's choice and changes no message. `NOBLE` is the one without WebAssembly, beside which others are tested.
 */
export interface BatchKernels {
  /**
   * [k]P of each P.
   * @param k secret, 1 ≤ k < l
   * @throws {CryptoError} CRYPTO_SCALAR_OUT_OF_RANGE
   */
  multiplyEach(points: readonly Point[], k: bigint): Point[];
  /**
   * 8·Σⱼ kⱼ·Pᵢⱼ of each row i: in the subgroup whatever the points.
   * @param scalars public, |k| < l, as many as a row has points
   * @throws {CryptoError} CRYPTO_SCALAR_OUT_OF_RANGE
   */
  clearedSums(scalars: readonly bigint[], rows: readonly (readonly Point[])[]): Point[];
  /** Σ kᵢ·Pᵢ in variable time. @param terms public. @throws {CryptoError} CRYPTO_SCALAR_OUT_OF_RANGE */
  sumPublic(terms: readonly Term[]): Point;
  /** The keystream of each (`sealStream`). @throws {CryptoError} CRYPTO_INPUT if a number is not in F_r */
  sealStreams(inputs: readonly SealInput[]): (readonly [bigint, bigint, bigint, bigint])[];
  /** `verifySignature`. */
  readonly verifySignature: typeof verifySignature;
}

export const NOBLE: BatchKernels = {
  multiplyEach: (points, k) => points.map((P) => multiply(P, k)),
  clearedSums: (scalars, rows) =>
    rows.map((row) => clearCofactor(multiplySumPublic(row.map((P, j) => [scalars[j]!, P] as const)))),
  sumPublic: (terms) => multiplySumPublic(terms),
  sealStreams: (inputs) => inputs.map(([x, y, context]) => sealStream(x, y, context)),
  verifySignature,
};
