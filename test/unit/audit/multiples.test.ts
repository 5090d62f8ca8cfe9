import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Base, edwardsOf, MONTGOMERY_A } from '../../../src/audit/certificate/curve.ts';
import {
  doubles,
  isPiece,
  isWithin,
  type Multiples,
  neverEqual,
  one,
  type Piece,
  signed,
  sums,
  union,
  withoutZero,
} from '../../../src/audit/certificate/multiples.ts';
import { PrimeField } from '../../../src/audit/system/prime-field.ts';
import { BASE, multiplyBase } from '../../../src/crypto/babyjub.ts';
import { l, r } from '../../../src/params/fields.ts';

/** Near a multiple of l, so that k passes it. */
const piece = fc
  .tuple(fc.integer({ min: -3, max: 3 }), fc.bigInt(-9n, 9n), fc.bigInt(1n, 4n), fc.bigInt(0n, 5n))
  .map(([wraps, at, step, count]): Piece => {
    const low = BigInt(wraps) * l + at;
    return count === 0n ? { low, high: low, step: 0n } : { low, high: low + count * step, step };
  });
const pieces = fc.array(piece, { minLength: 1, maxLength: 4 });

function all(multiples: Multiples): bigint[] {
  return multiples.flatMap(({ low, high, step }) => {
    const found = [];
    for (let k = low; k <= high; k += step === 0n ? 1n : step) found.push(k);
    return found;
  });
}
const holds = (multiples: Multiples, k: bigint): boolean => isWithin(one(k), multiples);

describe('sets of multiples', () => {
  test('hold every sum, double, opposite and member of a union', () => {
    fc.assert(
      fc.property(pieces, pieces, (x, y) => {
        const results = {
          sum: sums(x, y),
          double: doubles(x),
          opposite: signed(x, -1),
          either: union([x, y]),
        };
        for (const result of Object.values(results)) expect(result.every(isPiece)).toBe(true);
        for (const k of all(x)) {
          expect(
            holds(results.double, 2n * k) && holds(results.opposite, -k) && holds(results.either, k),
          ).toBe(true);
          for (const m of all(y)) expect(holds(results.sum, k + m)).toBe(true);
        }
      }),
    );
  });
  test('lose multiples of l and nothing else when the point is not O', () => {
    fc.assert(
      fc.property(pieces, (x) => {
        const rest = withoutZero(x);
        expect(rest.every(isPiece)).toBe(true);
        for (const k of all(x)) expect(holds(rest, k)).toBe(k % l !== 0n);
      }),
    );
  });
  test('are never equal exactly if no two members have one residue', () => {
    fc.assert(
      fc.property(pieces, pieces, (x, y) => {
        const residues = new Set(all(x).map((k) => ((k % l) + l) % l));
        const meet = all(y).some((k) => residues.has(((k % l) + l) % l));
        // A progression of differences may hold more than the differences.
        if (meet) expect(neverEqual(x, y)).toBe(false);
        if (x.every(({ step }) => step === 0n) && y.every(({ step }) => step === 0n))
          expect(neverEqual(x, y)).toBe(!meet);
      }),
    );
  });
  test('a set that wraps around l is not told from its start', () => {
    const long: Multiples = [{ low: 3n, high: l + 3n, step: 1n }];
    expect(neverEqual(long, one(1n))).toBe(false);
    expect(neverEqual([{ low: 3n, high: l - 1n, step: 1n }], one(1n))).toBe(true);
    // Odd numbers pass l + 1, which is even.
    expect(neverEqual([{ low: 3n, high: l + 4n, step: 2n }], one(1n))).toBe(true);
  });
  test('more than are looked at are never excluded', () => {
    expect(neverEqual([{ low: 1n, high: 200n * l + 1n, step: l }], one(2n))).toBe(false);
  });
});

describe('a constant base', () => {
  const field = new PrimeField(r);
  const montgomery = (k: bigint): [bigint, bigint] => {
    const { x, y } = multiplyBase(k).toAffine();
    const u = field.mod((1n + y) * field.inv(field.mod(1n - y)));
    return [u, field.mod(u * field.inv(x))];
  };
  const { x, y } = BASE.toAffine();

  test('has the multiples that other code computes, and no others', () => {
    const base = Base.of(x, y)!;
    for (const k of [1n, 2n, 7n, l - 1n, 2n ** 250n + 12_345n]) {
      const [u, v] = montgomery(k);
      expect(base.isMultiple(field, k, u, v)).toBe(true);
      expect(base.isMultiple(field, k + l, u, v)).toBe(true);
      expect(base.isMultiple(field, k - l, u, v)).toBe(true);
      expect(base.isMultiple(field, -k, u, field.mod(-v))).toBe(true);
      expect(base.isMultiple(field, k + 1n, u, v)).toBe(false);
      expect(base.isMultiple(field, k, u, field.mod(-v))).toBe(false);
      expect(base.isMultiple(field, k, u, v + 1n)).toBe(false);
    }
    expect(base.isMultiple(field, l, 0n, 0n)).toBe(false);
    expect(edwardsOf(field, ...montgomery(1n))).toEqual([x, y]);
  });
  test('is refused if it is no point, O, or outside the subgroup', () => {
    expect(Base.of(x, y + 1n)).toBeUndefined();
    expect(Base.of(0n, 1n)).toBeUndefined();
    expect(Base.of(0n, r - 1n)).toBeUndefined();
    expect(Base.of(r - x, r - y)).toBeUndefined();
    expect(Base.of(x + r, y)).toBeUndefined();
  });
  test('needs that 168700 is a square and 168696 is none', () => {
    expect([168700n, 168696n].map((k) => field.isSquare(k))).toEqual([true, false]);
    expect(2n * (168700n + 168696n)).toBe(4n * MONTGOMERY_A);
  });
});
