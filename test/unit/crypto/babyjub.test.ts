import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { bigintToBytes, concatBytes } from '../../../src/base/bytes.ts';
import {
  BASE,
  clearCofactor,
  decodePoint,
  encodePoint,
  IDENTITY,
  isIdentity,
  isInSubgroup,
  multiply,
  multiplyBase,
  multiplySumPublic,
  type Point,
  pointFromAffine,
  pointFromY,
} from '../../../src/crypto/babyjub.ts';
import { COFACTOR, l, r } from '../../../src/params/fields.ts';
import { fieldElements, scalars } from '../../helpers/arbitraries.ts';
import { type Affine, circomlibOracle } from '../../helpers/circomlib-oracle.ts';
import vectors from '../../vectors/eip-2494.json' with { type: 'json' };

let oracle: Awaited<ReturnType<typeof circomlibOracle>>;
beforeAll(async () => {
  oracle = await circomlibOracle();
});

const affineOf = ([x, y]: readonly string[]): Affine => [BigInt(x!), BigInt(y!)];
const pointOf = (coordinates: readonly string[]): Point => pointFromAffine(...affineOf(coordinates))!;
const affine = (P: Point): Affine => [P.toAffine().x, P.toAffine().y];
/** G of the EIP generates all 8·l points: its multiples have parts of small order. */
const G = pointOf(vectors.generator);
const TORSION = multiplySumPublic([
  [l - 1n, G],
  [1n, G],
]);

describe('BabyJubJub against EIP-2494', () => {
  test('orders and cofactor', () => {
    expect([r, l, COFACTOR].map(String)).toEqual([
      vectors.fieldOrder,
      vectors.subgroupOrder,
      vectors.cofactor,
    ]);
  });

  test('test 1, addition, and test 2, doubling', () => {
    const { addition, doubling } = vectors;
    expect(affine(pointOf(addition.P1).add(pointOf(addition.P2)))).toEqual(affineOf(addition.sum));
    expect(affine(pointOf(doubling.P).add(pointOf(doubling.P)))).toEqual(affineOf(doubling.sum));
    expect(affine(pointOf(doubling.P).double())).toEqual(affineOf(doubling.sum));
    expect(affine(multiply(pointOf(doubling.P), 2n))).toEqual(affineOf(doubling.sum));
  });

  test('test 3, the identity doubles to itself, and test 4, membership', () => {
    expect(isIdentity(IDENTITY.double())).toBe(true);
    expect(affine(IDENTITY)).toEqual([0n, 1n]);
    expect(pointFromAffine(...affineOf(vectors.onCurve))).toBeDefined();
    expect(pointFromAffine(...affineOf(vectors.offCurve))).toBeUndefined();
  });

  test('test 5, the base point is eight times the generator, and test 6, its order is l', () => {
    expect(affine(BASE)).toEqual(affineOf(vectors.base));
    expect(clearCofactor(G).equals(BASE)).toBe(true);
    expect(isInSubgroup(BASE)).toBe(true);
    expect(isIdentity(multiplyBase(l - 1n).add(BASE))).toBe(true);
    expect(isInSubgroup(G)).toBe(false);
  });
});

describe('BabyJubJub against circomlibjs', () => {
  test('adds and multiplies alike, in the subgroup and outside it', () => {
    fc.assert(
      fc.property(scalars, scalars, fc.boolean(), (j, k, outside) => {
        const P = outside ? multiplyBase(j).add(TORSION) : multiplyBase(j);
        expect(affine(multiply(P, k))).toEqual(oracle.multiply(affine(P), k));
        expect(affine(P.add(G))).toEqual(oracle.add(affine(P), affine(G)));
        expect(isInSubgroup(P)).toBe(oracle.isInSubgroup(affine(P)));
        expect(isInSubgroup(clearCofactor(P))).toBe(true);
      }),
      { numRuns: 8 },
    );
  });

  test('the largest and the smallest scalar are right, 0 and l are refused', () => {
    expect(affine(multiply(G, l - 1n))).toEqual(oracle.multiply(affine(G), l - 1n));
    expect(multiply(G, 1n).equals(G)).toBe(true);
    for (const k of [0n, l, -1n]) {
      expect(() => multiply(G, k)).toThrow(expect.objectContaining({ code: 'CRYPTO_SCALAR_OUT_OF_RANGE' }));
      expect(() => multiplyBase(k)).toThrow(expect.objectContaining({ code: 'CRYPTO_SCALAR_OUT_OF_RANGE' }));
    }
  });
});

describe('sums of public multiples', () => {
  const signed = fc.bigInt({ min: 1n - l, max: l - 1n });

  test('are the sum of the single multiples, negative and zero ones too, on the whole curve', () => {
    fc.assert(
      fc.property(fc.array(signed, { maxLength: 4 }), (ks) => {
        const points = ks.map((_, i) => multiply(G, BigInt(i + 1)));
        const one = (k: bigint, P: Point): Point =>
          k === 0n ? IDENTITY : k < 0n ? multiply(P, -k).negate() : multiply(P, k);
        const expected = ks.reduce((sum, k, i) => sum.add(one(k, points[i]!)), IDENTITY);
        expect(multiplySumPublic(ks.map((k, i) => [k, points[i]!])).equals(expected)).toBe(true);
      }),
      { numRuns: 15, examples: [[[0n]], [[]], [[0n, -1n, l - 1n]]] },
    );
  });

  test('refuse multipliers that are not below l', () => {
    expect(() => multiplySumPublic([[l, BASE]])).toThrow(
      expect.objectContaining({ code: 'CRYPTO_SCALAR_OUT_OF_RANGE' }),
    );
  });
});

describe('points from outside', () => {
  test('a point has one encoding, and it decodes to it', () => {
    fc.assert(
      fc.property(scalars, (k) => {
        const P = multiply(G, k);
        const bytes = encodePoint(P);
        expect(bytes.length).toBe(64);
        expect(decodePoint(bytes)!.equals(P)).toBe(true);
        const { x, y } = P.toAffine();
        expect(decodePoint(concatBytes(bigintToBytes(x + r, 32), bigintToBytes(y, 32)))).toBeUndefined();
        expect(decodePoint(concatBytes(bigintToBytes(x, 32), bigintToBytes(y + r, 32)))).toBeUndefined();
      }),
      { numRuns: 10 },
    );
    expect(decodePoint(encodePoint(IDENTITY))!.equals(IDENTITY)).toBe(true);
  });

  test('random coordinates are accepted exactly when circomlibjs finds them on the curve', () => {
    fc.assert(
      fc.property(fieldElements, fieldElements, (x, y) => {
        expect(pointFromAffine(x, y) !== undefined).toBe(oracle.isOnCurve([x, y]));
      }),
      { numRuns: 50 },
    );
    for (const P of [G, BASE, TORSION]) expect(oracle.isOnCurve(affine(P))).toBe(true);
  });

  test('other lengths decode to nothing', () => {
    const bytes = encodePoint(BASE);
    expect(decodePoint(bytes.subarray(0, 63))).toBeUndefined();
    expect(decodePoint(concatBytes(bytes, Uint8Array.of(0)))).toBeUndefined();
    expect(decodePoint(new Uint8Array(0))).toBeUndefined();
  });

  test('a y leads back to both of its points, and to nothing if it has none', () => {
    for (const P of [G, BASE, multiply(G, 12345n)]) {
      const { x, y } = P.toAffine();
      const odd = (x & 1n) === 1n;
      expect(pointFromY(y, odd)!.equals(P)).toBe(true);
      expect(pointFromY(y, !odd)!.equals(P.negate())).toBe(true);
    }
    const found = Array.from({ length: 40 }, (_, i) => pointFromY(BigInt(i + 2), false)).filter(
      (P) => P !== undefined,
    );
    expect(found.length).toBeGreaterThan(5);
    expect(found.length).toBeLessThan(35);
    for (const P of found) expect(oracle.isOnCurve(affine(P))).toBe(true);
  });
});
