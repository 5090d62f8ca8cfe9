/**
 * Two field elements at a time, in Montgomery form, by whichever of the two paths this module is built for.
 *
 * An element is stored in 40 bytes; two lanes, the operands of all functions but where "stored" is said, are 80. A
 * product of |a|, |b| is below (0.38·|a|·|b|/p + 0.5·p) in magnitude on the path of fused multiply-adds, which holds
 * up to 2.6·p, and below 0.6·p on the other; `reduce` brings a value to about p/2. Callers keep to the tighter bound.
 */

import * as fmaProducts from './fma.gen.ts';
import * as fma from './fma.ts';
import { invertWords } from './inverse.ts';
import * as scalar from './scalar.ts';

/** Bytes of a stored element, and of two lanes. */
export const EL: usize = 40;
export const FE: usize = 80;

/** The constants of F_q and F_r, written once by the loader. */
export const FQ: usize = memory.data(1280, 16);
export const FR: usize = memory.data(1280, 16);

/** Of a field's constants, as two lanes: 1, R², 1/R (to leave the form), R²/2^256 (from snarkjs' form), p. */
const FIRST: usize = 768;
export class Constant {
  @inline static one(f: usize): usize {
    return f + FIRST;
  }
  @inline static squareOfR(f: usize): usize {
    return f + FIRST + FE;
  }
  @inline static plainOne(f: usize): usize {
    return f + FIRST + 2 * FE;
  }
  @inline static fromStock(f: usize): usize {
    return f + FIRST + 3 * FE;
  }
  /** p as a stored element. */
  @inline static p(f: usize): usize {
    return f + FIRST + 4 * FE;
  }
  /** p − 2 and p, 32 bytes each. */
  @inline static exponent(f: usize): usize {
    return f + FIRST + 5 * FE;
  }
  @inline static words(f: usize): usize {
    return f + FIRST + 5 * FE + 32;
  }
}

export function fieldBytes(): i32 {
  return 1280;
}
export function fq(): usize {
  return FQ;
}
export function fr(): usize {
  return FR;
}

export function mul(r: usize, a: usize, b: usize, f: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) fmaProducts.mul(r, a, b, f);
  else scalar.mul(r, a, b, f);
}

/** r = a·b and s = c·d: what a core can do at once. */
export function mul2(r: usize, a: usize, b: usize, s: usize, c: usize, d: usize, f: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) fmaProducts.mul2(r, a, b, s, c, d, f);
  else {
    // s may be an operand of r only if r is written later: no caller does that; r may be an operand of s.
    scalar.mul(TWO, a, b, f);
    scalar.mul(s, c, d, f);
    copy(r, TWO);
  }
}
const TWO: usize = memory.data(80, 16);

/** r = a² and s = b². */
export function sqr2(r: usize, a: usize, s: usize, b: usize, f: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) fmaProducts.sqr2(r, a, s, b, f);
  else {
    scalar.sqr(r, a, f);
    scalar.sqr(s, b, f);
  }
}

/** r = a·b in F_q² = F_q(u), u² = −1: c0 at 0, c1 at 80. r may be a or b. */
export function mulFq2(r: usize, a: usize, b: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) fmaProducts.mulFq2(r, a, b, FQ);
  else scalar.mulFq2(r, a, b, FQ);
}

/**
 * r = Σ aᵢ·bᵢ of n pairs with one reduction; Σ |aᵢ·bᵢ| < 3·p². @param start where the columns of n products begin
 */
export function dot(r: usize, a: usize, b: usize, n: u32, start: usize, f: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) fmaProducts.dot(r, a, b, n, start, f);
  else {
    scalar.mul(TWO, a, b, f);
    for (let i: u32 = 1; i < n; i++) {
      scalar.mul(TERM, a + i * FE, b + i * FE, f);
      scalar.add(TWO, TWO, TERM);
    }
    copy(r, TWO);
  }
}
const TERM: usize = memory.data(80, 16);

export function copy(to: usize, from: usize): void {
  v128.store(to, v128.load(from));
  v128.store(to, v128.load(from, 16), 16);
  v128.store(to, v128.load(from, 32), 32);
  v128.store(to, v128.load(from, 48), 48);
  v128.store(to, v128.load(from, 64), 64);
}

export function add(r: usize, a: usize, b: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) fma.add(r, a, b);
  else scalar.add(r, a, b);
}
export function sub(r: usize, a: usize, b: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) fma.sub(r, a, b);
  else scalar.sub(r, a, b);
}
export function reduce(r: usize, f: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) fma.reduce(r, f);
  else scalar.reduce(r, f);
}
/** r = (stored p, stored q). */
export function gather(r: usize, p: usize, q: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) fma.gather(r, p, q);
  else scalar.gather(r, p, q);
}
/** (stored p, stored q) = a. */
export function scatter(p: usize, q: usize, a: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) fma.scatter(p, q, a);
  else scalar.scatter(p, q, a);
}
/** One lane (0 or 1) of two = a stored element. */
export function setLane(r: usize, lane: u32, p: usize): void {
  const at = r + lane * (ASC_FEATURE_RELAXED_SIMD ? 8 : EL),
    step: usize = ASC_FEATURE_RELAXED_SIMD ? 16 : 8;
  for (let k: usize = 0; k < 5; k++) store<u64>(at + k * step, load<u64>(p + 8 * k));
}
/** Negates the first lane if s is 1, the second if t is. */
export function signs(r: usize, s: u32, t: u32): void {
  if (ASC_FEATURE_RELAXED_SIMD) fma.signs(r, s, t);
  else scalar.signs(r, s, t);
}
/** Of a reduced value: bit 0 if the first lane is 0, bit 1 if the second is. */
export function zeros(a: usize): u32 {
  if (ASC_FEATURE_RELAXED_SIMD) return fma.zeros(a);
  else return scalar.zeros(a);
}
/** The stored element of 32 bytes little-endian: no change of form. */
export function fromWords(r: usize, w: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) fma.fromWords(r, w);
  else scalar.fromWords(r, w);
}

/** The 32 bytes, little-endian and below p, of a stored element: no change of form. */
export function toWords(w: usize, a: usize, f: usize): void {
  gather(CANONICAL, a, a);
  reduce(CANONICAL, f);
  scatter(CANONICAL + FE, CANONICAL + FE, CANONICAL);
  if (ASC_FEATURE_RELAXED_SIMD) fma.toWords(w, CANONICAL + FE, Constant.p(f));
  else scalar.toWords(w, CANONICAL + FE, Constant.p(f));
  const p = Constant.words(f);
  let borrow: u64 = 0;
  for (let k: usize = 0; k < 32; k += 8) {
    const x = load<u64>(w + k),
      y = load<u64>(p + k),
      d = x - y;
    store<u64>(CANONICAL + k, d - borrow);
    borrow = u64(x < y) | (u64(d < borrow) & u64(x >= y));
  }
  if (!borrow) memory.copy(w, CANONICAL, 32);
}
const CANONICAL: usize = memory.data(160, 16);

/** r = 1/a in each lane, 0 for 0. */
export function invert(r: usize, a: usize, f: usize): void {
  scatter(LANES, LANES + EL, a);
  for (let k: usize = 0; k < FE; k += EL) {
    toWords(WORDS, LANES + k, f);
    invertWords(WORDS, WORDS, Constant.words(f));
    fromWords(LANES + k, WORDS);
  }
  gather(r, LANES, LANES + EL);
  // 1/(a·R) times R², twice, is R/a.
  mul(r, r, Constant.squareOfR(f), f);
  mul(r, r, Constant.squareOfR(f), f);
}
const LANES: usize = memory.data(80, 16);
const WORDS: usize = memory.data(32, 16);

/** r = (stored q₁ − stored p₁, q₂ − p₂). */
export function differences(r: usize, p1: usize, p2: usize, q1: usize, q2: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) fma.differences(r, p1, p2, q1, q2);
  else scalar.differences(r, p1, p2, q1, q2);
}

/** y = (stored p₁, p₂) and t = (q₁, q₂) − y, each negated before if its reference is odd. */
export function signedDifferences(
  t: usize,
  y: usize,
  p1: u32,
  p2: u32,
  q1: u32,
  q2: u32,
  offset: usize,
): void {
  const a = <usize>(p1 & ~1) + offset,
    b = <usize>(p2 & ~1) + offset,
    c = <usize>(q1 & ~1) + offset,
    d = <usize>(q2 & ~1) + offset;
  if (ASC_FEATURE_RELAXED_SIMD) fma.signedDifferences(t, y, a, b, c, d, p1, p2, q1, q2);
  else scalar.signedDifferences(t, y, a, b, c, d, p1, p2, q1, q2);
}

/** Stored (r₁, r₂) = s − 2·x − d reduced, of stored x = (p₁, p₂), and t = x − that. */
export function thirdX(
  r1: usize,
  r2: usize,
  t: usize,
  s: usize,
  p1: usize,
  p2: usize,
  d: usize,
  f: usize,
): void {
  gather(t, p1, p2);
  if (ASC_FEATURE_RELAXED_SIMD) fma.subTwiceAnd(s, s, t, d);
  else scalar.subTwiceAnd(s, s, t, d);
  reduce(s, f);
  scatter(r1, r2, s);
  sub(t, t, s);
}
