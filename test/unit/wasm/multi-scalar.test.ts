import { describe, expect, test } from 'vitest';
import { bytesToBigint } from '../../../src/base/bytes.ts';
import { seededRandom } from '../../../src/crypto/random.ts';
import { r } from '../../../src/params/fields.ts';
import { LAMBDA } from '../../../src/wasm/curve-constants.ts';
import { loadKernels } from '../../../src/wasm/load.ts';
import { basesOf, expectedSum, multiScalar } from '../../helpers/multi-scalar.ts';

const random = seededRandom(new Uint8Array(32).fill(5));
const scalar = (): bigint => bytesToBigint(random(40)) % r;
const N = 48;
const distinct = Array.from({ length: N }, (_, i) => BigInt(i + 1));
const same = distinct.map(() => 7n);
const pairs = distinct.map((_, i) => BigInt((i >> 1) + 1));
const opposites = distinct.map((_, i) => (i % 2 === 0 ? BigInt(i + 1) : r - BigInt(i)));
const all = (k: bigint): bigint[] => distinct.map(() => k);
const randoms = distinct.map(scalar);
const inPairs = randoms.map((_, i) => randoms[i & ~1]!);

/** Logarithms of the bases, and scalars: every way in which a sum of points can go wrong. */
const CASES: readonly (readonly [string, readonly bigint[], readonly bigint[]])[] = [
  ['random scalars', distinct, randoms],
  ['scalars that are all 0: the sum is infinity', distinct, all(0n)],
  ['scalars that are all r, which is 0', distinct, all(r)],
  ['scalars that are all 1: one bucket', distinct, all(1n)],
  ['scalars that are all r − 1', distinct, all(r - 1n)],
  ['scalars of 255 bits, above r', distinct, all((1n << 255n) - 1n)],
  ['scalars of 256 bits', distinct, all((1n << 256n) - 1n)],
  ['scalars λ and r − λ', distinct, distinct.map((_, i) => (i % 2 === 0 ? LAMBDA : r - LAMBDA))],
  ['powers of two', distinct, distinct.map((_, i) => 1n << BigInt(((i * 254) / N) | 0))],
  ['scalars at the ends of windows', distinct, distinct.map((_, i) => (1n << BigInt(5 * i)) - 1n)],
  ['one scalar that is not 0', distinct, distinct.map((_, i) => (i === 7 ? r - 2n : 0n))],
  ['one base alone', [5n], [r - 3n]],
  ['bases that repeat, with equal scalars: doublings', pairs, inPairs],
  ['bases that repeat, with opposite scalars', pairs, inPairs.map((k, i) => (i % 2 === 0 ? k : r - k))],
  ['opposite bases with equal scalars: infinity in every bucket', opposites, inPairs],
  ['one base for all, equal scalars', same, all(5n)],
  ['one base for all, random scalars', same, randoms],
  ['one base for all, half of the scalars opposite', same, inPairs.map((k, i) => (i % 2 === 0 ? k : r - k))],
  ['infinite bases between others', distinct.map((a, i) => (i % 3 === 0 ? 0n : a)), randoms],
  ['bases that are all infinite', all(0n), randoms],
  [
    'bases that are images of each other under the endomorphism',
    distinct.map((_, i) => (i % 2 === 0 ? 3n : (3n * LAMBDA) % r)),
    randoms,
  ],
];

describe.each(['relaxed-simd', 'scalar'] as const)('a multi-scalar multiplication on path %s', (path) => {
  test.each(CASES)('%s', async (_, logarithms, scalars) => {
    const kernels = await loadKernels(path);
    for (const group of ['g1', 'g2'] as const) {
      const bases = await basesOf(group, logarithms);
      const wanted = await expectedSum(group, logarithms, scalars);
      for (const c of [4, 5, 9]) expect(multiScalar(kernels, group, bases, scalars, c)).toEqual(wanted);
    }
  });

  test('of more points than a chunk of additions holds, doublings and infinities among them', async () => {
    const kernels = await loadKernels(path);
    const logarithms = Array.from({ length: 3000 }, (_, i) =>
      i % 5 === 0 ? r - BigInt(i % 40) : BigInt(i % 41),
    );
    const scalars = logarithms.map((_, i) => (i % 4 === 0 ? 3n : i % 7 === 0 ? r - 3n : scalar()));
    const bases = await basesOf(
      'g1',
      logarithms.map((a) => a % r),
    );
    const wanted = await expectedSum('g1', logarithms, scalars);
    // Several windows at once, the last ones fewer; and one at a time, with more buckets than points.
    for (const c of [10, 16]) expect(multiScalar(kernels, 'g1', bases, scalars, c)).toEqual(wanted);
  });

  test('refuses a base that is not on its curve, or has a coordinate that is not below q', async () => {
    const kernels = await loadKernels(path);
    for (const group of ['g1', 'g2'] as const) {
      const bases = await basesOf(group, [1n, 2n, 3n]);
      const off = Uint8Array.from(bases[1]!);
      off[0]! ^= 1;
      const large = Uint8Array.from(bases[1]!).fill(255, 32, 64);
      for (const bad of [off, large])
        expect(() => multiScalar(kernels, group, [bases[0]!, bad], [1n, 1n], 4)).toThrow('base 1 ');
    }
  });
});
