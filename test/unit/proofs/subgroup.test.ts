import { bn254 } from '@noble/curves/bn254.js';
import type { Curve } from 'ffjavascript';
import { beforeAll, expect, test } from 'vitest';
import { q, r } from '../../../src/params/fields.ts';
import { loadCurve } from '../../../src/proofs/curve.ts';
import { type SubgroupCheck, subgroupCheck } from '../../../src/proofs/subgroup.ts';
import { COFACTOR, offSubgroup, SMALL_ORDER } from '../../helpers/twist-points.ts';

let curve: Curve;
let isInSubgroup: SubgroupCheck;
beforeAll(async () => {
  curve = await loadCurve();
  isInSubgroup = subgroupCheck(curve);
});

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));

test('the endomorphism equation has no solution outside the subgroup: gcd(norm, h₂·r) = r', () => {
  const u = 4965661367192848881n;
  const t = 6n * u * u + 1n;
  expect(36n * u ** 4n + 36n * u ** 3n + 24n * u ** 2n + 6n * u + 1n).toBe(q);
  expect(q + 1n - t).toBe(r);
  // (u + 1) + uψ + uψ² − 2uψ³ reduced by ψ² = tψ − q.
  const [c0, c1, c2, c3] = [u + 1n, u, u, -2n * u];
  const b3 = [-t * q, t * t - q]; // ψ³ = (t² − q)ψ − tq
  const a = c0 - c2 * q + c3 * b3[0]!;
  const b = c1 + c2 * t + c3 * b3[1]!;
  const norm = a * a + a * b * t + b * b * q;
  const absolute = norm < 0n ? -norm : norm;
  expect(gcd(absolute, COFACTOR * r)).toBe(r);
  expect(COFACTOR % r).not.toBe(0n);
  // ψ is multiplication by q on the subgroup.
  expect((((a + b * q) % r) + r) % r).toBe(0n);
});

test('points of the subgroup pass', () => {
  const { G2 } = curve;
  for (const k of [1n, 2n, r - 1n, 0x1234567890abcdef1234567890abcdefn]) {
    expect(isInSubgroup(G2.toAffine(G2.timesScalar(G2.g, k)))).toBe(true);
  }
});

test('the check agrees with multiplication by r, and with another library, off the subgroup', () => {
  const { G2 } = curve;
  const other = offSubgroup();
  const P = G2.fromObject(other);
  expect(isInSubgroup(P)).toBe(false);
  const [x, y] = other.map((c) => bn254.fields.Fp2.fromBigTuple(c));
  expect(bn254.G2.Point.fromAffine({ x: x!, y: y! }).isTorsionFree()).toBe(false);
  expect(isInSubgroup(G2.toAffine(G2.timesScalar(P, COFACTOR)))).toBe(true);
});

test('a point of order 10069, and such a point added to one of the subgroup, is refused', () => {
  const { G2 } = curve;
  expect(COFACTOR % SMALL_ORDER).toBe(0n);
  const T = G2.timesScalar(G2.fromObject(offSubgroup()), (COFACTOR / SMALL_ORDER) * r);
  expect(G2.isZero(T)).toBe(false);
  expect(G2.isZero(G2.timesScalar(T, SMALL_ORDER))).toBe(true);
  expect(isInSubgroup(G2.toAffine(T))).toBe(false);
  expect(isInSubgroup(G2.toAffine(G2.add(T, G2.timesScalar(G2.g, 7n))))).toBe(false);
});
