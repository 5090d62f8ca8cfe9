import fc from 'fast-check';
import type { RandomBytes } from '../../src/base/random.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { l, r } from '../../src/params/fields.ts';

/** F_r, its ends often. */
export const fieldElements: fc.Arbitrary<bigint> = fc.bigInt({ min: 0n, max: r - 1n });

/** Secret scalars 1 ≤ x < l. */
export const scalars: fc.Arbitrary<bigint> = fc.bigInt({ min: 1n, max: l - 1n });

/** Reproducible sources of randomness. */
export const randomSources: fc.Arbitrary<RandomBytes> = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((seed) => seededRandom(seed));

/** Some k distinct numbers out of 0 … n − 1, in any order. */
export const subsets = (n: number, k: number): fc.Arbitrary<number[]> =>
  fc.shuffledSubarray(
    Array.from({ length: n }, (_, i) => i),
    { minLength: k, maxLength: k },
  );
