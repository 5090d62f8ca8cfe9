import type { Curve } from 'ffjavascript';
import { beforeAll, expect, test } from 'vitest';
import { loadCurve } from '../../../src/groth16/curve.ts';
import { multiMiller } from '../../../src/groth16/multi-miller.ts';

let curve: Curve;
beforeAll(async () => {
  curve = await loadCurve();
});
const pair = (a: bigint, b: bigint) => ({
  P: curve.prepareG1(curve.G1.timesScalar(curve.G1.g, a)),
  Q: curve.prepareG2(curve.G2.timesScalar(curve.G2.g, b)),
});

test.each([1, 2, 16, 32])('%i loops together are the product of the loops one by one', (n) => {
  const pairs = Array.from({ length: n }, (_, i) => pair(BigInt(7 * i + 3), BigInt(i * i + 1)));
  const alone = pairs.map(({ P, Q }) => curve.millerLoop(P, Q)).reduce((x, y) => curve.Gt.mul(x, y));
  expect(curve.Gt.eq(multiMiller(curve, pairs), alone)).toBe(true);
  expect(curve.Gt.eq(multiMiller(curve, [...pairs.slice(1), pair(5n, 6n)]), alone)).toBe(false);
});

test('a product that is 1 after the final exponentiation is found: e(3, 5)·e(−15, 1) = 1', () => {
  const negative = curve.prepareG1(curve.G1.neg(curve.G1.timesScalar(curve.G1.g, 15n)));
  const pairs = [pair(3n, 5n), { P: negative, Q: pair(1n, 1n).Q }];
  const value = curve.finalExponentiation(multiMiller(curve, pairs));
  expect(curve.Gt.eq(value, curve.Gt.one)).toBe(true);
});

test('none is 1, and the curve’s memory is the same as before', () => {
  expect(curve.Gt.eq(multiMiller(curve, []), curve.Gt.one)).toBe(true);
  const before = curve.tm.alloc(4);
  multiMiller(curve, [pair(1n, 2n)]);
  expect(curve.tm.alloc(4)).toBe(before + 4);
});
