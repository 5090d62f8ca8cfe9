import type { PrimeField } from '../system/prime-field.ts';

/** Coefficients from the constant on, without zeros at the end; [] is 0. */
export type Poly = readonly bigint[];

/** Below this all elements are tried as roots. */
const SMALL = 300n;

function trimmed(f: bigint[]): Poly {
  while (f.length > 0 && f.at(-1) === 0n) f.pop();
  return f;
}

export function addPoly(field: PrimeField, f: Poly, g: Poly): Poly {
  const length = Math.max(f.length, g.length);
  return trimmed(Array.from({ length }, (_, i) => ((f[i] ?? 0n) + (g[i] ?? 0n)) % field.p));
}

export function scalePoly(field: PrimeField, f: Poly, by: bigint): Poly {
  return trimmed(f.map((c) => (c * by) % field.p));
}

export function multiplyPoly(field: PrimeField, f: Poly, g: Poly): Poly {
  if (f.length === 0 || g.length === 0) return [];
  const out = new Array<bigint>(f.length + g.length - 1).fill(0n);
  f.forEach((x, i) => {
    g.forEach((y, j) => {
      out[i + j] = (out[i + j]! + x * y) % field.p;
    });
  });
  return trimmed(out);
}

/** @param g not 0 */
export function dividePoly(
  field: PrimeField,
  f: Poly,
  g: Poly,
): { readonly quotient: Poly; readonly rest: Poly } {
  const rest = [...f];
  const inverse = field.inv(g.at(-1)!);
  const quotient = new Array<bigint>(Math.max(0, f.length - g.length + 1)).fill(0n);
  for (let shift = f.length - g.length; shift >= 0; shift--) {
    const by = ((rest[shift + g.length - 1] ?? 0n) * inverse) % field.p;
    quotient[shift] = by;
    if (by !== 0n) for (const [i, c] of g.entries()) rest[shift + i] = field.mod(rest[shift + i]! - by * c);
  }
  return { quotient: trimmed(quotient), rest: trimmed(rest) };
}

export function gcdPoly(field: PrimeField, f: Poly, g: Poly): Poly {
  let [a, b] = [f, g];
  while (b.length > 0) [a, b] = [b, dividePoly(field, a, b).rest];
  return a.length === 0 ? a : scalePoly(field, a, field.inv(a.at(-1)!));
}

export function evaluatePoly(field: PrimeField, f: Poly, x: bigint): bigint {
  let value = 0n;
  for (let i = f.length - 1; i >= 0; i--) value = (value * x + f[i]!) % field.p;
  return value;
}

/**
 * The numerator of a quotient of polynomials with these values: the polynomial through all points, divided as in Euclid's
 * algorithm until two thirds of the points' number is its degree (Cauchy interpolation).
 * @param points with different x
 * @see von zur Gathen and Gerhard, "Modern Computer Algebra", section 5.8
 */
export function numeratorThrough(field: PrimeField, points: readonly (readonly [bigint, bigint])[]): Poly {
  let curve: Poly = [];
  let basis: Poly = [1n];
  for (const [x, y] of points) {
    const gap = field.mod(y - evaluatePoly(field, curve, x));
    const step = (gap * field.inv(evaluatePoly(field, basis, x))) % field.p;
    curve = addPoly(field, curve, scalePoly(field, basis, step));
    basis = multiplyPoly(field, basis, [field.mod(-x), 1n]);
  }
  const most = Math.floor((2 * points.length) / 3);
  let [before, rest] = [basis, curve];
  while (rest.length - 1 > most) [before, rest] = [rest, dividePoly(field, before, rest).rest];
  return rest;
}

function powerMod(field: PrimeField, base: Poly, exponent: bigint, modulus: Poly): Poly {
  let out: Poly = [1n];
  let power = dividePoly(field, base, modulus).rest;
  for (let e = exponent; e > 0n; e >>= 1n) {
    if (e & 1n) out = dividePoly(field, multiplyPoly(field, out, power), modulus).rest;
    power = dividePoly(field, multiplyPoly(field, power, power), modulus).rest;
  }
  return out;
}

/**
 * All roots in the field, each once, by Cantor and Zassenhaus.
 * @param f    not 0
 * @param draw elements to shift by
 */
export function rootsOfPoly(field: PrimeField, f: Poly, draw: (below: bigint) => bigint): bigint[] {
  const { p } = field;
  if (f.length < 2) return [];
  if (f.length === 2) return [field.mod(-f[0]! * field.inv(f[1]!))];
  if (p < SMALL) {
    const all = Array.from({ length: Number(p) }, (_, x) => BigInt(x));
    return all.filter((x) => evaluatePoly(field, f, x) === 0n);
  }
  if (f.length === 3) return rootsOfQuadratic(field, f as readonly [bigint, bigint, bigint]);
  const minus = (g: Poly, h: Poly): Poly => addPoly(field, g, scalePoly(field, h, p - 1n));
  const found: bigint[] = [];
  const part = (g: Poly): void => {
    if (g.length < 2) return;
    if (g.length === 2) {
      found.push(field.mod(-g[0]! * field.inv(g[1]!)));
      return;
    }
    for (let tries = 0; tries < 60; tries++) {
      const half = powerMod(field, [draw(p), 1n], (p - 1n) / 2n, g);
      const factor = gcdPoly(field, g, minus(half, [1n]));
      if (factor.length <= 1 || factor.length >= g.length) continue;
      part(factor);
      part(dividePoly(field, g, factor).quotient);
      return;
    }
  };
  part(gcdPoly(field, f, minus(powerMod(field, [0n, 1n], p, f), [0n, 1n])));
  return found;
}

function rootsOfQuadratic(field: PrimeField, [c, b, a]: readonly [bigint, bigint, bigint]): bigint[] {
  const root = field.sqrt(field.mod(b * b - 4n * a * c));
  if (root === undefined) return [];
  const half = field.inv((2n * a) % field.p);
  return [...new Set([field.mod((root - b) * half), field.mod((-root - b) * half)])];
}
