/** Whether a product of pairings is 1, by the WebAssembly kernels alone. */
import { concatBytes, littleEndian } from '../base/bytes.ts';
import { q } from '../params/fields.ts';
import { EL, lanes, radix } from '../wasm/field-constants.ts';
import type { Kernels } from '../wasm/kernels.ts';
import { GT_BYTES, millerLoops, nonAdjacentForm, type Pair, powersOfXi, U } from './miller-loops.ts';

/** Affine coordinates below q: of G1, and of the twist c₀ + c₁·u each. */
export type PointOfG1 = readonly [bigint, bigint];
export type PointOfG2 = readonly [readonly [bigint, bigint], readonly [bigint, bigint]];

export interface PairingCheck {
  /** Whether ∏ e(P, Q) = 1 and each Q lies in the group of order r. At infinity may only be a P. */
  isOne(pairs: readonly Pair[]): boolean;
  /** Whether each point, on the twist's curve, lies in the group of order r. */
  areInG2(points: readonly Uint8Array[]): boolean;
}

/** In the form of a pair's points: coordinates times 2^256, little-endian. */
export const stockPoint = (...coordinates: readonly bigint[]): Uint8Array =>
  littleEndian(coordinates.map((c) => (c << 256n) % q));

/** Whether y² = x³ + 3 of coordinates below q; infinity, written as (0, 0), is not. */
export const isOnCurve = ([x, y]: PointOfG1): boolean =>
  x < q && y < q && (y * y - x * x * x - 3n) % q === 0n;

/** Whether y²(9 + u) = x³(9 + u) + 3 of coordinates below q: the twist's equation, y² = x³ + 3/(9 + u). */
export function isOnTwist([[a, b], [c, d]]: PointOfG2): boolean {
  if ([a, b, c, d].some((coordinate) => coordinate >= q)) return false;
  const [real, imaginary] = [
    c * c - d * d - (a * a * a - 3n * a * b * b),
    2n * c * d - (3n * a * a * b - b * b * b),
  ];
  return (9n * real - imaginary - 3n) % q === 0n && (9n * imaginary + real) % q === 0n;
}

const FACTOR_WORDS = 12;
const ONE = stockPoint(1n, ...new Array<bigint>(FACTOR_WORDS - 1).fill(0n));

/** @param kernels kept; their memory grows by about 60 kB */
export function pairingCheck(kernels: Kernels): PairingCheck {
  const { exports, path } = kernels;
  const loops = millerLoops(kernels);
  const digits = nonAdjacentForm(U).slice(1);
  const digitsAt = kernels.put(Uint8Array.from(digits, (digit) => digit & 255));
  const powersAt = kernels.put(
    concatBytes(
      ...[1, 2, 3, 4, 5].flatMap((i) => powersOfXi()[i]!).map((c) => lanes((c * radix(path)) % q, path)),
    ),
  );
  const stockAt = kernels.putLanes((1n << 256n) % q);
  /** Two elements of F_q¹², whose product is that of all factors to the power (q¹² − 1)/r, but for a factor prime to r. */
  const powers = (factors: readonly Uint8Array[]): bigint[] => {
    const even = factors.length % 2 === 0 ? factors : [...factors, ONE];
    const mark = exports.mark();
    try {
      const words = kernels.put(concatBytes(...even));
      const elements = kernels.alloc(EL * FACTOR_WORDS * even.length);
      const out = kernels.alloc(2 * GT_BYTES);
      exports.loadTimes(elements, words, FACTOR_WORDS * even.length, kernels.constant('fq', 3), exports.fq());
      exports.finalPower(out, elements, even.length / 2, digitsAt, digits.length, powersAt, stockAt);
      return kernels.readNumbers(out, 2 * FACTOR_WORDS);
    } finally {
      exports.release(mark);
    }
  };
  return {
    isOne(pairs) {
      const { factors, outside } = loops.product(pairs);
      if (outside.length > 0) return false;
      if (factors.length === 0) return true;
      const values = powers(factors);
      // The first is the inverse of the second, which after the final power is its conjugate.
      const half = FACTOR_WORDS / 2;
      return values.slice(0, FACTOR_WORDS).every((c, i) => {
        const other = values[FACTOR_WORDS + i]!;
        return i < half ? c === other : (c + other) % q === 0n;
      });
    },
    areInG2(points) {
      const generator = stockPoint(1n, 2n);
      return loops.product(points.map((Q) => ({ P: generator, Q }))).outside.length === 0;
    },
  };
}
