import { concatBytes } from '../base/bytes.ts';
import { r } from '../params/fields.ts';
import { inverse, type KernelPath, lanes, radix, sumStart } from './field-constants.ts';

/** Partial rounds by width t, 2 to 8, of circomlib; full ones are eight. */
const PARTIAL_ROUNDS: Readonly<Record<number, number>> = { 2: 56, 3: 57, 4: 56, 5: 60, 6: 60, 7: 63, 8: 64 };
const FULL_ROUNDS = 8;
const FIELD_BITS = 254;

/**
 * The constants and the matrix of Poseidon of width t over F_r, S-box x⁵: drawn from the Grain LFSR that is seeded with
 * these parameters. Constants are drawn again while not below r, the matrix' x and y are taken mod r.
 * @see Grassi et al., "Poseidon", USENIX Security '21, appendices E and F; the matrix is 1/(xᵢ + yⱼ)
 */
export function poseidonParameters(t: number): {
  readonly partialRounds: number;
  readonly constants: bigint[];
  readonly matrix: bigint[][];
} {
  const partialRounds = PARTIAL_ROUNDS[t]!;
  const number = grain(t, partialRounds);
  const below = (): bigint => {
    for (;;) {
      const value = number();
      if (value < r) return value;
    }
  };
  const constants = Array.from({ length: t * (FULL_ROUNDS + partialRounds) }, below);
  const [x, y] = [0, 1].map(() => Array.from({ length: t }, () => number() % r)) as [bigint[], bigint[]];
  return { partialRounds, constants, matrix: x.map((xi) => y.map((yj) => inverse(xi + yj, r))) };
}

/** Numbers of 254 bits, highest first, of the self-shrinking LFSR x^80 + x^62 + x^51 + x^38 + x^23 + x^13 + 1. */
function grain(t: number, partialRounds: number): () => bigint {
  const bits: number[] = [];
  const put = (value: number, length: number): void => {
    for (let i = length - 1; i >= 0; i--) bits.push((value >> i) & 1);
  };
  // A prime field, the S-box x^5, and the parameters.
  put(1, 2);
  put(0, 4);
  put(FIELD_BITS, 12);
  put(t, 12);
  put(FULL_ROUNDS, 10);
  put(partialRounds, 10);
  put(2 ** 30 - 1, 30);
  const step = (): number => {
    const n = bits.length - 80;
    const next = bits[n + 62]! ^ bits[n + 51]! ^ bits[n + 38]! ^ bits[n + 23]! ^ bits[n + 13]! ^ bits[n]!;
    bits.push(next);
    return next;
  };
  for (let i = 0; i < 160; i++) step();
  return () => {
    let text = '0b';
    while (text.length < FIELD_BITS + 2) {
      const isKept = step() === 1;
      const bit = step();
      if (isKept) text += bit;
    }
    return BigInt(text);
  };
}

type Matrix = bigint[][];

const modulo = (x: bigint): bigint => ((x % r) + r) % r;
const dot = (a: readonly bigint[], b: readonly bigint[]): bigint =>
  modulo(a.reduce((sum, x, i) => sum + x * b[i]!, 0n));
const timesVector = (m: Matrix, v: readonly bigint[]): bigint[] => m.map((row) => dot(row, v));
const times = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) =>
    b[0]!.map((_, j) =>
      dot(
        row,
        b.map((other) => other[j]!),
      ),
    ),
  );

/** By Gauss and Jordan; what it is used for has an inverse. */
function inverseMatrix(m: Matrix): Matrix {
  const n = m.length;
  const rows = m.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1n : 0n))]);
  for (let k = 0; k < n; k++) {
    const pivot = rows.findIndex((row, i) => i >= k && row[k] !== 0n);
    [rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!];
    const over = inverse(rows[k]![k]!, r);
    rows[k] = rows[k]!.map((x) => (x * over) % r);
    for (let i = 0; i < n; i++) {
      const factor = rows[i]![k]!;
      if (i !== k && factor !== 0n) rows[i] = rows[i]!.map((x, j) => modulo(x - factor * rows[k]![j]!));
    }
  }
  return rows.map((row) => row.slice(n));
}

/**
 * The partial rounds with sparse matrices. A matrix N is (1 ⊕ N̂)·S with N̂ its lower right part and S sparse: first row of N,
 * first column (1, N̂⁻¹·w), ones on the diagonal. 1 ⊕ N̂ leaves the first word alone, so it can wait until after the next S-box:
 * the next constants go through its inverse, the next matrix takes it in.
 */
function sparseRounds(
  constants: readonly (readonly bigint[])[],
  matrix: Matrix,
): { constants: bigint[][]; sparse: bigint[][]; last: Matrix } {
  const t = matrix.length;
  const waiting = { before: identity(t - 1), inverse: identity(t - 1) };
  const [moved, sparse]: [bigint[][], bigint[][]] = [[], []];
  let last: Matrix = matrix;
  for (const [round, own] of constants.entries()) {
    moved.push([own[0]!, ...timesVector(waiting.inverse, own.slice(1))]);
    const embedded = identity(t).map((row, i) => (i === 0 ? row : [0n, ...waiting.before[i - 1]!]));
    last = times(matrix, embedded);
    if (round === constants.length - 1) break;
    const lower = last.slice(1).map((row) => row.slice(1));
    const inverted = inverseMatrix(lower);
    const column = timesVector(
      inverted,
      last.slice(1).map((row) => row[0]!),
    );
    sparse.push([...last[0]!, ...column]);
    waiting.before = lower;
    waiting.inverse = inverted;
  }
  return { constants: moved, sparse, last };
}

const identity = (n: number): Matrix =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? 1n : 0n)));

/** The same as assembly/poseidon.ts reads it. */
export function poseidonTable(t: number, path: KernelPath): Uint8Array {
  const { partialRounds, constants, matrix } = poseidonParameters(t);
  const R = radix(path) % r;
  const form = (value: bigint): Uint8Array => {
    const product = (value * R) % r;
    // Nearest to 0: sums of products stay small.
    return lanes(product > r >> 1n ? product - r : product, path);
  };
  const rounds = Array.from({ length: FULL_ROUNDS + partialRounds }, (_, i) =>
    constants.slice(t * i, t * (i + 1)),
  );
  const half = FULL_ROUNDS / 2;
  const partial = sparseRounds(rounds.slice(half, half + partialRounds), matrix);
  const numbers = [
    ...rounds.slice(0, half),
    ...partial.constants,
    ...rounds.slice(half + partialRounds),
    ...matrix,
    ...partial.sparse,
    ...partial.last,
  ];
  return concatBytes(
    new Uint8Array(Uint32Array.of(t, partialRounds, 0, 0).buffer),
    sumStart(t),
    ...numbers.flat().map(form),
  );
}
