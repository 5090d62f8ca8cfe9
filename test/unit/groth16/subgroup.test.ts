import { bn254 } from '@noble/curves/bn254.js';
import { beforeAll, expect, test } from 'vitest';
import { loadCurve } from '../../../src/groth16/curve.ts';
import type { Curve } from '../../../src/groth16/curve-types.ts';
import { nonAdjacentForm } from '../../../src/groth16/miller-loops.ts';
import { loadMillerLoops } from '../../../src/groth16/tested-loops.ts';
import { q, r } from '../../../src/params/fields.ts';
import { COFACTOR, offSubgroup, SMALL_ORDER } from '../../helpers/twist-points.ts';

let curve: Curve;
let isInSubgroup: (Q: Uint8Array) => boolean;
beforeAll(async () => {
  curve = await loadCurve();
  const loops = await loadMillerLoops();
  const P = curve.G1.toAffine(curve.G1.g);
  isInSubgroup = (Q) => loops.product([{ P, Q }]).outside.length === 0;
});

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));

/** c₀ + c₁ψ + c₂ψ² + c₃ψ³ as a + bψ by ψ² = tψ − q, and the norm by which a solution is killed. */
const u = 4965661367192848881n;
const t = 6n * u * u + 1n;
function normOf([c0, c1, c2, c3]: readonly [bigint, bigint, bigint, bigint]) {
  const a = c0 - c2 * q - c3 * t * q;
  const b = c1 + c2 * t + c3 * (t * t - q);
  const norm = a * a + a * b * t + b * b * q;
  return { a, b, norm: norm < 0n ? -norm : norm };
}

test('the pairing’s equation has no solution outside the subgroup: gcd(norm, h₂·r) = r', () => {
  expect(36n * u ** 4n + 36n * u ** 3n + 24n * u ** 2n + 6n * u + 1n).toBe(q);
  expect(q + 1n - t).toBe(r);
  const { a, b, norm } = normOf([6n * u + 2n, 1n, -1n, 1n]);
  expect(gcd(norm, COFACTOR * r)).toBe(r);
  expect(COFACTOR % r).not.toBe(0n);
  // ψ is multiplication by q on the subgroup, where the equation holds.
  expect((((a + b * q) % r) + r) % r).toBe(0n);
});

/**
 * An addition of a point to itself or its negative would leave the loop with R = (0 : 0 : 0) or at infinity, where the last comparison
 * means nothing. It would need a Q with [k]Q = O, or (a + bψ)Q = O, for one of these k or norms; the order of Q divides h₂·r.
 */
test('no addition of the loop is of a point to itself or its negative, for any point of the twist: R is never infinite', () => {
  const order = COFACTOR * r;
  expect(order % 2n).toBe(1n);
  const digits = nonAdjacentForm(6n * u + 2n).map(BigInt);
  let prefix = digits[0]!;
  for (const digit of digits.slice(1)) {
    prefix *= 2n;
    if (digit === 0n) continue;
    expect([gcd(prefix - digit, order), gcd(prefix + digit, order)]).toEqual([1n, 1n]);
    prefix += digit;
  }
  expect(prefix).toBe(6n * u + 2n);
  // ±ψ(Q) to [6u+2]Q, then ±ψ²(Q) to [6u+2]Q + ψ(Q).
  for (const sign of [1n, -1n]) {
    expect(gcd(normOf([prefix, sign, 0n, 0n]).norm, order)).toBe(1n);
    expect(gcd(normOf([prefix, 1n, sign, 0n]).norm, order)).toBe(1n);
  }
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

test('it agrees with multiplication by r for points with parts of any of the four prime factors of the cofactor', () => {
  const { G2 } = curve;
  const anyPoint = G2.fromObject(offSubgroup());
  const last = 197620364512881247228717050342013327560683201906968909n;
  const factors = [SMALL_ORDER, 5864401n, 1875725156269n, last];
  expect(factors.reduce((product, factor) => product * factor)).toBe(COFACTOR);
  for (let parts = 0; parts < 2 ** (1 + factors.length); parts++) {
    // The part of order r is kept for an odd number, and each factor whose bit is set.
    const killed = [r, ...factors].reduce((k, factor, i) => ((parts >> i) & 1 ? k : k * factor), 1n);
    const P = G2.timesScalar(anyPoint, killed);
    if (parts === 0) expect(G2.isZero(P)).toBe(true);
    else expect([parts, isInSubgroup(G2.toAffine(P))]).toEqual([parts, G2.isZero(G2.timesScalar(P, r))]);
  }
});
