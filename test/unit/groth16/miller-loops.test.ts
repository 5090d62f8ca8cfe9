import { bn254 } from '@noble/curves/bn254.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadCurve } from '../../../src/groth16/curve.ts';
import type { Curve } from '../../../src/groth16/curve-types.ts';
import {
  type MillerLoops,
  type MillerProduct,
  millerLoops,
  type Pair,
} from '../../../src/groth16/miller-loops.ts';
import { q, r } from '../../../src/params/fields.ts';
import { loadKernels } from '../../../src/wasm/load.ts';
import { offSubgroup } from '../../helpers/twist-points.ts';

let curve: Curve;
beforeAll(async () => {
  curve = await loadCurve();
});
const pair = (a: bigint, b: bigint): Pair => ({
  P: curve.G1.toAffine(curve.G1.timesScalar(curve.G1.g, a)),
  Q: curve.G2.toAffine(curve.G2.timesScalar(curve.G2.g, b)),
});
const powerOf = ({ factors, outside }: MillerProduct): Uint8Array => {
  expect(outside).toEqual([]);
  return curve.finalExponentiation(factors.reduce((x, y) => curve.Gt.mul(x, y), curve.Gt.one));
};

describe.each(['relaxed-simd', 'scalar'] as const)('on the path %s', (path) => {
  let loops: MillerLoops;
  beforeAll(async () => {
    loops = millerLoops(await loadKernels(path));
  });

  test.each([1, 2, 3, 16, 63, 64, 65, 130])(
    '%i loops together make the product of snarkjs’ pairings',
    (n) => {
      const pairs = Array.from({ length: n }, (_, i) => pair(BigInt(7 * i + 3), BigInt(i * i + 1)));
      const exponent = pairs.reduce((sum, _, i) => sum + BigInt(7 * i + 3) * BigInt(i * i + 1), 0n);
      const { G1, G2, Gt } = curve;
      const expected = curve.pairing(G1.timesScalar(G1.g, exponent), G2.g);
      expect(Gt.eq(powerOf(loops.product(pairs)), expected)).toBe(true);
      expect(Gt.eq(powerOf(loops.product([...pairs.slice(1), pair(5n, 6n)])), expected)).toBe(false);
    },
  );

  test.each([
    [1n, 1n],
    [r - 1n, 1n],
    [1n, r - 1n],
    [2n, (r + 1n) / 2n],
    [0x1234567890abcdef1234567890abcdefn, r >> 1n],
  ])('e(%i, %i) agrees with another library', (a, b) => {
    const { G1, G2, fields } = { ...bn254, fields: bn254.fields };
    const theirs = fields.Fp12.toBytes(bn254.pairing(G1.Point.BASE.multiply(a), G2.Point.BASE.multiply(b)));
    const unit = fields.Fp12.toBytes(bn254.pairing(G1.Point.BASE.multiply((a * b) % r), G2.Point.BASE));
    expect(theirs).toEqual(unit);
    const ours = powerOf(loops.product([pair(a, b)]));
    expect(curve.Gt.eq(ours, powerOf(loops.product([pair((a * b) % r, 1n)])))).toBe(true);
    expect(curve.Gt.eq(ours, curve.Gt.one)).toBe(false);
  });

  test('a product that is 1 after the final exponentiation is found: e(3, 5)·e(−15, 1) = 1', () => {
    expect(curve.Gt.eq(powerOf(loops.product([pair(3n, 5n), pair(r - 15n, 1n)])), curve.Gt.one)).toBe(true);
  });

  test('none is 1, and a pair at infinity counts as 1 at each place', () => {
    expect(loops.product([])).toEqual({ factors: [], outside: [] });
    const infinite = { P: new Uint8Array(64), Q: pair(1n, 9n).Q };
    const two = [pair(3n, 5n), pair(7n, 11n)];
    const expected = powerOf(loops.product(two));
    for (let at = 0; at <= 2; at++) {
      const value = powerOf(loops.product(two.toSpliced(at, 0, infinite)));
      expect(curve.Gt.eq(value, expected)).toBe(true);
    }
  });

  test('two products at once are the two', () => {
    const [first, second] = [
      [pair(3n, 5n), pair(2n, 9n)],
      [pair(8n, 1n), pair(4n, 4n)],
    ];
    const [a, b] = loops.both(first, second);
    expect(curve.Gt.eq(powerOf(a), powerOf(loops.product(first)))).toBe(true);
    expect(curve.Gt.eq(powerOf(b), powerOf(loops.product(second)))).toBe(true);
  });

  test('the pairs whose point is outside the subgroup are named, in each lane and at each place', () => {
    const off = { P: pair(3n, 1n).P, Q: curve.G2.fromObject(offSubgroup()) };
    for (const n of [1, 2, 5, 66])
      for (const at of [0, n >> 1, n - 1]) {
        const pairs = Array.from({ length: n }, (_, i) => (i === at ? off : pair(BigInt(i + 1), 2n)));
        expect(loops.product(pairs).outside).toEqual([at]);
      }
    const good = pair(3n, 4n);
    const [a, b] = loops.both([good, off], [good, good]);
    expect([a.outside, b.outside]).toEqual([[1], []]);
    expect(curve.Gt.eq(powerOf(b), powerOf(loops.product([good, good])))).toBe(true);
  });

  test('coordinates at the edges of the field are multiplied rightly', () => {
    // Multiples whose x or y begins with the most or the fewest bits among the first thousand.
    const { G1, G2, Gt } = curve;
    const points = Array.from({ length: 1000 }, (_, i) => {
      const k = BigInt(i + 1);
      return { k, x: G1.toObject(G1.toAffine(G1.timesScalar(G1.g, k)))[0] };
    }).sort((a, b) => (a.x < b.x ? -1 : 1));
    for (const { k } of [...points.slice(0, 3), ...points.slice(-3)])
      expect(
        Gt.eq(
          powerOf(loops.product([pair(k, r - k)])),
          curve.pairing(G1.timesScalar(G1.g, (k * (r - k)) % r), G2.g),
        ),
      ).toBe(true);
    expect(points.at(-1)!.x).toBeGreaterThan((q * 99n) / 100n);
  });
});
