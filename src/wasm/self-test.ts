import { q, r } from '../params/fields.ts';
import { EL, FE, inverse, radix, storedElement, storedValue } from './field-constants.ts';
import type { Kernels } from './kernels.ts';

/** Values whose limbs are as large as they get, and those beside 0 and p. */
export function edgeValues(p: bigint): bigint[] {
  const pattern = (limb: bigint): bigint =>
    [0n, 1n, 2n, 3n].reduce((sum, i) => sum + (limb << (51n * i)), 0n) % p;
  const small = pattern((1n << 50n) - 1n);
  const large = pattern(-(1n << 50n));
  const narrow = Array.from({ length: 8 }, (_, i) => 0xfff_ffffn << (29n * BigInt(i))).reduce(
    (a, b) => a + b,
  );
  return [
    0n,
    1n,
    2n,
    p - 1n,
    p - 2n,
    p >> 1n,
    (p >> 1n) + 1n,
    1n << 50n,
    1n << 253n,
    (1n << 253n) + small,
    small,
    ((large % p) + p) % p,
    narrow,
    p - narrow,
  ];
}

/** Of each value, the others that it meets when a module is loaded: itself, a neighbour, and two farther away. */
const PARTNERS = [0, 1, 4, 9] as const;

/**
 * Products and squares of two lanes against bigint: an engine or a CPU that rounds where it must not errs in nearly all.
 * @param partners of edge value i, which values i + partner it is multiplied with; a few milliseconds as it is
 */
export function selfTest(kernels: Kernels, partners: readonly number[] = PARTNERS): boolean {
  const { exports } = kernels;
  const mark = exports.mark();
  try {
    return (
      fieldHolds(kernels, q, exports.fq(), partners) &&
      fieldHolds(kernels, r, exports.fr(), partners) &&
      extensionHolds(kernels)
    );
  } finally {
    exports.release(mark);
  }
}

function fieldHolds(kernels: Kernels, p: bigint, field: number, partners: readonly number[]): boolean {
  const { exports, path } = kernels;
  const over = inverse(radix(path), p);
  const values = edgeValues(p);
  const [a, b, c, d] = [kernels.alloc(FE), kernels.alloc(FE), kernels.alloc(FE), kernels.alloc(FE)];
  for (const [i, x] of values.entries()) {
    const y = values[(i + 5) % values.length]!;
    for (const partner of partners) {
      const [z, w] = [i + partner, i + partner + 7].map((j) => values[j % values.length]!) as [
        bigint,
        bigint,
      ];
      putLanes(kernels, a, x, y);
      putLanes(kernels, b, z, w);
      exports.product(c, a, b, d, b, b, field);
      if (!equal(kernels, c, [x * z * over, y * w * over], p, field)) return false;
      if (!equal(kernels, d, [z * z * over, w * w * over], p, field)) return false;
      exports.squares(c, a, d, b, field);
      if (!equal(kernels, c, [x * x * over, y * y * over], p, field)) return false;
    }
  }
  return true;
}

function extensionHolds(kernels: Kernels): boolean {
  const { exports, path } = kernels;
  const over = inverse(radix(path), q);
  const values = edgeValues(q);
  const [a, b, c] = [kernels.alloc(2 * FE), kernels.alloc(2 * FE), kernels.alloc(2 * FE)];
  for (const [i, x0] of values.entries()) {
    const [x1, y0, y1] = [3, 6, 8].map((k) => values[(i + k) % values.length]!) as [bigint, bigint, bigint];
    putLanes(kernels, a, x0, y0);
    putLanes(kernels, a + FE, x1, y1);
    putLanes(kernels, b, y0, x1);
    putLanes(kernels, b + FE, y1, x0);
    exports.productFq2(c, a, b);
    const real = [x0 * y0 - x1 * y1, y0 * x1 - y1 * x0].map((x) => x * over);
    const imaginary = [x0 * y1 + x1 * y0, y0 * x0 + y1 * x1].map((x) => x * over);
    if (!equal(kernels, c, real, q, exports.fq())) return false;
    if (!equal(kernels, c + FE, imaginary, q, exports.fq())) return false;
  }
  return true;
}

/** Writes two lanes as they are. */
export function putLanes(kernels: Kernels, at: number, first: bigint, second: bigint): void {
  const { exports, path } = kernels;
  const mark = exports.mark();
  const [p, s] = [kernels.put(storedElement(first, path)), kernels.put(storedElement(second, path))];
  exports.gatherLanes(at, p, s);
  exports.release(mark);
}

/** The two lanes' values. */
export function readLanes(kernels: Kernels, at: number): [bigint, bigint] {
  const { exports, path } = kernels;
  const mark = exports.mark();
  const out = kernels.alloc(2 * EL);
  exports.scatterLanes(out, out + EL, at);
  const values = [0, EL].map((k) => storedValue(kernels.read(out + k, EL), path));
  exports.release(mark);
  return values as [bigint, bigint];
}

function equal(kernels: Kernels, at: number, wanted: readonly bigint[], p: bigint, field: number): boolean {
  const found = readLanes(kernels, at);
  kernels.exports.reduceLanes(at, field);
  const reduced = readLanes(kernels, at);
  return wanted.every(
    (value, lane) =>
      (found[lane]! - value) % p === 0n &&
      (reduced[lane]! - value) % p === 0n &&
      abs(reduced[lane]!) <= p / 2n + (p >> 16n),
  );
}

const abs = (x: bigint): bigint => (x < 0n ? -x : x);
