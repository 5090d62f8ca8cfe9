import { bigintToBytes, bytesToBigint, concatBytes } from '../base/bytes.ts';
import { assert } from '../base/errors.ts';
import { q } from '../params/fields.ts';
import { PROOF_BYTES } from '../params/sizes.ts';

const COORDINATE_BYTES = 32;

/** A proof in snarkjs' JSON form: projective coordinates as decimal strings, the last one "1", or "0" at infinity. */
export interface SnarkjsProof {
  pi_a: string[];
  pi_b: string[][];
  pi_c: string[];
  protocol: string;
  curve: string;
}

/** Affine coordinates of (A, B, C), each in F_q; B.x = x0 + x1·u over F_q². Not checked: curve, subgroup. */
export interface ProofCoordinates {
  readonly A: readonly [bigint, bigint];
  readonly B: readonly [readonly [bigint, bigint], readonly [bigint, bigint]];
  readonly C: readonly [bigint, bigint];
}

/**
 * A.x ‖ A.y ‖ B.x0 ‖ B.x1 ‖ B.y0 ‖ B.y1 ‖ C.x ‖ C.y, 32 bytes big-endian each. Each coordinate below q has this one
 * encoding, so `+ q` cannot make a second spelling of a proof. A proof never identifies a statement all the same:
 * anyone can re-randomise it.
 * @param proof what our own prover made; public
 * @returns     256 bytes
 * @throws {BaseError} ASSERTION if a point is at infinity or a coordinate is not in F_q: not a prover's output
 */
export function proofToBytes(proof: SnarkjsProof): Uint8Array {
  const affine = [proof.pi_a[2], ...(proof.pi_b[2] ?? []), proof.pi_c[2]].join();
  assert(affine === '1,1,0,1', 'a proof consists of three affine points');
  const coordinates = [
    ...proof.pi_a.slice(0, 2),
    ...proof.pi_b.slice(0, 2).flat(),
    ...proof.pi_c.slice(0, 2),
  ].map(BigInt);
  assert(coordinates.length === 8 && coordinates.every((c) => c >= 0n && c < q), 'coordinates are in F_q');
  return concatBytes(...coordinates.map((c) => bigintToBytes(c, COORDINATE_BYTES)));
}

/** @returns undefined unless the input is 256 bytes of eight coordinates below q. Never throws. */
export function proofCoordinates(bytes: Uint8Array): ProofCoordinates | undefined {
  if (!(bytes instanceof Uint8Array) || bytes.length !== PROOF_BYTES) return undefined;
  const at = (i: number): bigint =>
    bytesToBigint(bytes.subarray(COORDINATE_BYTES * i, COORDINATE_BYTES * (i + 1)));
  const [ax, ay, bx0, bx1, by0, by1, cx, cy] = [at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7)];
  if ([ax, ay, bx0, bx1, by0, by1, cx, cy].some((c) => c >= q)) return undefined;
  return {
    A: [ax, ay],
    B: [
      [bx0, bx1],
      [by0, by1],
    ],
    C: [cx, cy],
  };
}

/**
 * The proof in snarkjs' own JSON form, for files that the stock tool can check.
 * @returns undefined unless the bytes are canonical; whether the points are on their curves is the verifier's question
 */
export function proofFromBytes(bytes: Uint8Array): SnarkjsProof | undefined {
  const coordinates = proofCoordinates(bytes);
  if (coordinates === undefined) return undefined;
  const { A, B, C } = coordinates;
  return {
    pi_a: [...A.map(String), '1'],
    pi_b: [...B.map((pair) => pair.map(String)), ['1', '0']],
    pi_c: [...C.map(String), '1'],
    protocol: 'groth16',
    curve: 'bn128',
  };
}
