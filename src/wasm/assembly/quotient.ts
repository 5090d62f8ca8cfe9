/**
 * The scalars of a Groth16 proof's H: A(x)·B(x) − C(x) on the coset of the domain's odd points, for which snarkjs' keys
 * hold Lagrange bases. A and B are two lanes of one transform; C is one list whose halves are the lanes.
 */
import * as field from './field.ts';
import { Constant, EL, FE, FR } from './field.ts';
import { toCoefficients, toValues } from './transform.ts';

const A: usize = memory.data(80, 16);
const B: usize = memory.data(80, 16);
const C: usize = memory.data(80, 16);

/** C = A·B at each row: row i and row i + n/2 are lanes of c[i]. */
export function products(c: usize, x: usize, n: u32): void {
  const half = n >> 1;
  for (let i: u32 = 0; i < half; i++) {
    const p = x + i * FE,
      q = p + half * FE;
    unzip(p, q);
    field.mul(c + i * FE, A, B, FR);
  }
}

/** A = first lanes of p and q, B = second lanes. */
function unzip(p: usize, q: usize): void {
  field.scatter(STORED, STORED + EL, p);
  field.scatter(STORED + 2 * EL, STORED + 3 * EL, q);
  field.gather(A, STORED, STORED + 2 * EL);
  field.gather(B, STORED + EL, STORED + 3 * EL);
}
const STORED: usize = memory.data(160, 16);

/** From values on the domain to values on the coset: `coset` holds its powers over n, in the order of reversed bits. */
export function toCoset(x: usize, powers: usize, coset: usize, n: u32): void {
  toCoefficients(x, powers, n, 1);
  for (let i: u32 = 0; i < n; i += 2) {
    const p = x + i * FE,
      s = coset + i * EL;
    field.gather(A, s, s);
    field.gather(B, s + EL, s + EL);
    field.mul2(p, p, A, p + FE, p + FE, B, FR);
  }
  toValues(x, powers, n, 1);
}

/** The same of one list of n whose halves are the lanes: its first and last rounds are between the lanes. */
export function halvesToCoset(x: usize, powers: usize, coset: usize, n: u32): void {
  const half = n >> 1;
  for (let i: u32 = 0; i < half; i++) {
    const p = x + i * FE;
    field.scatter(STORED, STORED + EL, p);
    field.gather(A, STORED, STORED);
    field.gather(B, STORED + EL, STORED + EL);
    field.add(C, A, B);
    field.sub(B, B, A);
    field.mul(B, B, powers + (half - i) * FE, FR);
    joinLanes(p, C, B);
    field.reduce(p, FR);
  }
  toCoefficients(x, powers, half, 2);
  for (let i: u32 = 0; i < half; i++) {
    field.gather(A, coset + i * EL, coset + (half + i) * EL);
    field.mul(x + i * FE, x + i * FE, A, FR);
  }
  toValues(x, powers, half, 2);
  for (let i: u32 = 0; i < half; i++) {
    const p = x + i * FE;
    field.scatter(STORED, STORED + EL, p);
    field.gather(A, STORED, STORED);
    field.gather(B, STORED + EL, STORED + EL);
    field.mul(B, B, powers + i * FE, FR);
    field.add(C, A, B);
    field.sub(B, A, B);
    joinLanes(p, C, B);
    field.reduce(p, FR);
  }
}

/** r = (first lane of a, first lane of b). */
function joinLanes(r: usize, a: usize, b: usize): void {
  field.scatter(STORED, STORED + 2 * EL, a);
  field.scatter(STORED + EL, STORED + 2 * EL, b);
  field.gather(r, STORED, STORED + EL);
}

/** a·b − c at each row, below r, 32 bytes little-endian each. */
export function quotientScalars(to: usize, x: usize, c: usize, n: u32): void {
  const half = n >> 1;
  for (let i: u32 = 0; i < half; i++) {
    unzip(x + i * FE, x + (i + half) * FE);
    field.mul(A, A, B, FR);
    field.sub(A, A, c + i * FE);
    field.mul(A, A, Constant.plainOne(FR), FR);
    field.scatter(STORED, STORED + EL, A);
    field.toWords(to + 32 * i, STORED, FR);
    field.toWords(to + 32 * (i + half), STORED + EL, FR);
  }
}

/** n stored elements of n times 32 bytes, as they are. */
export function loadWords(to: usize, words: usize, n: u32): void {
  for (let i: u32 = 0; i < n; i++) field.fromWords(to + i * EL, words + 32 * i);
}

/** The same times a constant (two lanes) in F_q or F_r, reduced. */
export function loadTimes(to: usize, words: usize, n: u32, factor: usize, f: usize): void {
  for (let i: u32 = 0; i < n; i++) {
    field.fromWords(STORED, words + 32 * i);
    field.gather(A, STORED, STORED);
    field.mul(A, A, factor, f);
    field.reduce(A, f);
    field.scatter(to + i * EL, STORED + EL, A);
  }
}
