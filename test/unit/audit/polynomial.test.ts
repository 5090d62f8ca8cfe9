import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  evaluatePoly,
  gcdPoly,
  multiplyPoly,
  numeratorThrough,
  type Poly,
} from '../../../src/audit/forge/polynomial.ts';
import { PrimeField } from '../../../src/audit/system/prime-field.ts';
import { r } from '../../../src/params/fields.ts';

const field = new PrimeField(r);
const element = fc.bigInt({ min: 0n, max: r - 1n });
/** A polynomial of a degree, its first coefficient 1. */
const monic = (degree: number): fc.Arbitrary<Poly> =>
  fc.array(element, { minLength: degree, maxLength: degree }).map((c) => [...c, 1n]);

describe('a quotient of polynomials', () => {
  test('is told by its values: the numerator, up to a factor', () => {
    const degrees = fc.tuple(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 4 }));
    fc.assert(
      fc.property(
        degrees.chain(([n, d]) => fc.tuple(monic(n), monic(d))),
        ([f, g]) => {
          fc.pre(gcdPoly(field, f, g).length === 1);
          const points = Array.from({ length: 16 }, (_, i) => {
            const x = BigInt(i + 1);
            return [x, evaluatePoly(field, f, x), evaluatePoly(field, g, x)] as const;
          });
          fc.pre(points.every(([, , below]) => below !== 0n));
          const told = numeratorThrough(
            field,
            points.map(([x, above, below]) => [x, (above * field.inv(below)) % r]),
          );
          expect(gcdPoly(field, told, [])).toEqual(f);
          expect(multiplyPoly(field, [told.at(-1)!], f)).toEqual(told);
        },
      ),
      { numRuns: 50 },
    );
  });
});
