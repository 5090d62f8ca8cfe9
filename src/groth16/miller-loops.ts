/**
 * Products of Miller loops by the WebAssembly kernels, and the check of G2's subgroup that they contain.
 *
 * The optimal ate pairing rests on [6u+2]Q + ψ(Q) − ψ²(Q) + ψ³(Q) = O for Q ∈ G2, where
 * ψ(x, y) = (x̄·ξ^((q−1)/3), ȳ·ξ^((q−1)/2)), ψ² − tψ + q = 0. The equation says (a + bψ)(Q) = O for integers a, b; a
 * solution is killed by the norm a² + abt + b²q, whose greatest common divisor with the curve's order h₂·r is r (a test
 * computes it): only points of G2 solve it. The loop computes R = [6u+2]Q + ψ(Q) − ψ²(Q) on its way, so that what is left
 * is to compare R with −ψ³(Q). Its additions are incomplete: one of a point to itself or to its negative leaves z = 0 in
 * R for good, which is refused. For Q ∈ G2 there is none, as no multiple on the way is one of the points added.
 * @see Dai, Lin, Zhao, Zhou, "Fast subgroup membership testings for G1, G2 and GT on pairing-friendly curves", eprint
 *      2022/348
 */
import { concatBytes } from '../base/bytes.ts';
import { assert } from '../base/errors.ts';
import { q } from '../params/fields.ts';
import { EL, FE, lanes, radix } from '../wasm/field-constants.ts';
import type { Kernels } from '../wasm/kernels.ts';

/** Affine points in snarkjs' form: 64 bytes on G1; 128 on the twist's curve, not at infinity. */
export interface Pair {
  readonly P: Uint8Array;
  readonly Q: Uint8Array;
}

/** A product of Miller loops, an element of F_q¹² in snarkjs' form (384 bytes). */
export interface MillerProduct {
  readonly factors: readonly Uint8Array[];
  /** Indices of the pairs whose Q is not in G2: if there are any, the factors mean nothing. */
  readonly outside: readonly number[];
}

export interface MillerLoops {
  /** The product of the factors is that of all loops. A pair whose P is at infinity counts as 1. */
  product(pairs: readonly Pair[]): MillerProduct;
  /** Two products of as many pairs each, none at infinity, in the time of one. */
  both(first: readonly Pair[], second: readonly Pair[]): readonly [MillerProduct, MillerProduct];
}

/** BN254 is the curve of Barreto and Naehrig's family with this parameter. */
export const U = 4965661367192848881n;
/** Pairs of one call of the kernel, at most: as many have room there. */
const MAX_PAIRS = 64;
const PAIR_BYTES = 2 * FE + 5 * 2 * FE;
const F12_BYTES = 12 * FE;
export const GT_BYTES = 12 * 32;

/** @param kernels kept; their memory grows by about 60 kB */
export function millerLoops(kernels: Kernels): MillerLoops {
  const { exports, path } = kernels;
  const digits = nonAdjacentForm(6n * U + 2n).slice(1);
  const digitsAt = kernels.put(Uint8Array.from(digits, (digit) => digit & 255));
  const montgomery = (x: bigint): Uint8Array => lanes((x * radix(path)) % q, path);
  const twistAt = kernels.put(concatBytes(...[2, 3].flatMap((i) => powersOfXi()[i]!).map(montgomery)));
  const stockAt = kernels.putLanes((1n << 256n) % q);
  const wordsAt = kernels.alloc(6 * 32 * MAX_PAIRS);
  const pairsAt = kernels.alloc(6 * EL * MAX_PAIRS);
  const roomAt = kernels.alloc(F12_BYTES + PAIR_BYTES * (MAX_PAIRS / 2));
  const outAt = kernels.alloc(2 * GT_BYTES);
  const insideAt = kernels.alloc(MAX_PAIRS);
  const fromStock = kernels.constant('fq', 3);

  /** An even number of pairs. */
  const run = (pairs: readonly Pair[]): { factors: Uint8Array[]; inside: Uint8Array } => {
    const words = new Uint8Array(6 * 32 * pairs.length);
    pairs.forEach(({ P, Q }, i) => {
      words.set(P, 192 * i);
      words.set(Q, 192 * i + 64);
    });
    kernels.write(wordsAt, words);
    exports.loadTimes(pairsAt, wordsAt, 6 * pairs.length, fromStock, exports.fq());
    exports.millerProduct(
      outAt,
      pairsAt,
      pairs.length,
      digitsAt,
      digits.length,
      twistAt,
      stockAt,
      insideAt,
      roomAt,
    );
    return {
      factors: [kernels.read(outAt, GT_BYTES), kernels.read(outAt + GT_BYTES, GT_BYTES)],
      inside: kernels.read(insideAt, pairs.length),
    };
  };
  const hasLoop = ({ P }: Pair): boolean => P.some((byte) => byte !== 0);
  return {
    product(pairs) {
      const factors: Uint8Array[] = [];
      const outside: number[] = [];
      const finite = [...pairs.keys()].filter((i) => hasLoop(pairs[i]!));
      for (let at = 0; at < finite.length; ) {
        const left = finite.length - at;
        // A last pair without another is in both lanes, and counts once.
        const count = left === 1 ? 1 : Math.min(MAX_PAIRS, left - (left % 2));
        const indices = finite.slice(at, at + count);
        const some = indices.map((i) => pairs[i]!);
        const made = run(count === 1 ? [...some, ...some] : some);
        factors.push(...made.factors.slice(0, count));
        outside.push(...indices.filter((_, i) => made.inside[i] === 0));
        at += count;
      }
      return { factors, outside };
    },
    both(first, second) {
      assert(
        first.length === second.length && first.length <= MAX_PAIRS / 2,
        'two lists of pairs are as long',
      );
      const { factors, inside } = run(first.flatMap((pair, i) => [pair, second[i]!]));
      const outsideOf = (lane: 0 | 1): number[] =>
        [...first.keys()].filter((i) => inside[2 * i + lane] === 0);
      return [
        { factors: factors.slice(0, 1), outside: outsideOf(0) },
        { factors: factors.slice(1), outside: outsideOf(1) },
      ];
    },
  };
}

/** Digits −1, 0, 1, the highest first, no two neighbours both other than 0. */
export function nonAdjacentForm(n: bigint): number[] {
  const digits: number[] = [];
  for (let rest = n; rest > 0n; rest >>= 1n) {
    const digit = rest & 1n ? ((rest & 3n) === 3n ? -1 : 1) : 0;
    digits.unshift(digit);
    rest -= BigInt(digit);
  }
  return digits;
}

let powers: readonly (readonly [bigint, bigint])[] | undefined;
/** ξ^(i·(q − 1)/6) in F_q² for i = 0 … 5, ξ = 9 + u. */
export function powersOfXi(): readonly (readonly [bigint, bigint])[] {
  if (powers !== undefined) return powers;
  type Fq2 = [bigint, bigint];
  const mul = ([a, b]: Fq2, [c, d]: Fq2): Fq2 => [(a * c + (q - b) * d) % q, (a * d + b * c) % q];
  let [root, square]: [Fq2, Fq2] = [
    [1n, 0n],
    [9n, 1n],
  ];
  for (let e = (q - 1n) / 6n; e > 0n; e >>= 1n) {
    if (e & 1n) root = mul(root, square);
    square = mul(square, square);
  }
  const made: Fq2[] = [[1n, 0n]];
  for (let i = 1; i < 6; i++) made.push(mul(made[i - 1]!, root));
  powers = made;
  return powers;
}
