import { buildBabyjub, buildPoseidonReference } from 'circomlibjs';

export type Affine = readonly [x: bigint, y: bigint];

/** What circomlib's authors' JavaScript computes, in bigints: an oracle for ours, never a part of the product. */
export async function circomlibOracle() {
  const poseidon = await buildPoseidonReference();
  const babyjub = await buildBabyjub();
  const inside = ([x, y]: Affine): Uint8Array[] => [babyjub.F.e(x), babyjub.F.e(y)];
  const outside = (P: readonly Uint8Array[]): Affine => [
    babyjub.F.toObject(P[0]!),
    babyjub.F.toObject(P[1]!),
  ];
  return {
    poseidon: (inputs: readonly bigint[]): bigint => poseidon.F.toObject(poseidon(inputs, 0n, 1)),
    /** The first `outputs` words of the permuted state, initial state 0. */
    poseidonEx: (inputs: readonly bigint[], outputs: number): bigint[] =>
      poseidon(inputs, 0n, outputs).map((word) => poseidon.F.toObject(word)),
    add: (P: Affine, Q: Affine): Affine => outside(babyjub.addPoint(inside(P), inside(Q))),
    multiply: (P: Affine, k: bigint): Affine => outside(babyjub.mulPointEscalar(inside(P), k)),
    isOnCurve: (P: Affine): boolean => babyjub.inCurve(inside(P)),
    isInSubgroup: (P: Affine): boolean => babyjub.inSubgroup(inside(P)),
  };
}
