/**
 * Coordinates of both groups under one name: T = u32 is G1 over F_q, T = u64 is G2 over F_q². A coordinate of two lanes
 * takes 80 or 160 bytes, a stored one 40 or 80, a stored affine point two of these.
 */
import * as field from './field.ts';
import { Constant, EL, FE, FQ } from './field.ts';

export class Co {
  @inline static isG2<T>(): bool {
    return sizeof<T>() === 8;
  }
  /** Bytes of two lanes. */
  @inline static lanes<T>(): usize {
    return Co.isG2<T>() ? 2 * FE : FE;
  }
  @inline static stored<T>(): usize {
    return Co.isG2<T>() ? 2 * EL : EL;
  }
  @inline static point<T>(): usize {
    return 2 * Co.stored<T>();
  }
}

export function gather<T>(r: usize, p: usize, q: usize): void {
  field.gather(r, p, q);
  if (Co.isG2<T>()) field.gather(r + FE, p + EL, q + EL);
}
export function scatter<T>(p: usize, q: usize, a: usize): void {
  field.scatter(p, q, a);
  if (Co.isG2<T>()) field.scatter(p + EL, q + EL, a + FE);
}
export function signs<T>(r: usize, s: u32, t: u32): void {
  field.signs(r, s, t);
  if (Co.isG2<T>()) field.signs(r + FE, s, t);
}
export function differences<T>(r: usize, p1: usize, p2: usize, q1: usize, q2: usize): void {
  field.differences(r, p1, p2, q1, q2);
  if (Co.isG2<T>()) field.differences(r + FE, p1 + EL, p2 + EL, q1 + EL, q2 + EL);
}
/** Of the y of references: y = ±(p₁, p₂) and t = ±(q₁, q₂) − y. */
export function signedDifferences<T>(t: usize, y: usize, p1: u32, p2: u32, q1: u32, q2: u32): void {
  field.signedDifferences(t, y, p1, p2, q1, q2, Co.stored<T>());
  if (Co.isG2<T>()) field.signedDifferences(t + FE, y + FE, p1, p2, q1, q2, Co.stored<T>() + EL);
}
/** Stored (r₁, r₂) = s − 2·x − d reduced, of stored x = (p₁, p₂), and t = x − that. */
export function thirdX<T>(r1: usize, r2: usize, t: usize, s: usize, p1: usize, p2: usize, d: usize): void {
  field.thirdX(r1, r2, t, s, p1, p2, d, FQ);
  if (Co.isG2<T>()) field.thirdX(r1 + EL, r2 + EL, t + FE, s + FE, p1 + EL, p2 + EL, d + FE, FQ);
}
export function add<T>(r: usize, a: usize, b: usize): void {
  field.add(r, a, b);
  if (Co.isG2<T>()) field.add(r + FE, a + FE, b + FE);
}
export function sub<T>(r: usize, a: usize, b: usize): void {
  field.sub(r, a, b);
  if (Co.isG2<T>()) field.sub(r + FE, a + FE, b + FE);
}
export function reduce<T>(r: usize): void {
  field.reduce(r, FQ);
  if (Co.isG2<T>()) field.reduce(r + FE, FQ);
}
export function zeros<T>(a: usize): u32 {
  return Co.isG2<T>() ? field.zeros(a) & field.zeros(a + FE) : field.zeros(a);
}
/** r = a·b, s = c·d; s must not be an operand of r. */
export function mul2<T>(r: usize, a: usize, b: usize, s: usize, c: usize, d: usize): void {
  if (Co.isG2<T>()) {
    field.mulFq2(r, a, b);
    field.mulFq2(s, c, d);
  } else field.mul2(r, a, b, s, c, d, FQ);
}
export function mul<T>(r: usize, a: usize, b: usize): void {
  if (Co.isG2<T>()) field.mulFq2(r, a, b);
  else field.mul(r, a, b, FQ);
}
/** r = a², s = b². */
export function sqr2<T>(r: usize, a: usize, s: usize, b: usize): void {
  if (Co.isG2<T>()) {
    sqrFq2(r, a);
    sqrFq2(s, b);
  } else field.sqr2(r, a, s, b, FQ);
}

/** (a₀ + a₁)(a₀ − a₁) and 2·a₀·a₁. */
function sqrFq2(r: usize, a: usize): void {
  field.add(SUM, a, a + FE);
  field.sub(DIFFERENCE, a, a + FE);
  field.add(TWICE, a, a);
  memory.copy(SECOND, a + FE, FE);
  field.mul2(r, SUM, DIFFERENCE, r + FE, TWICE, SECOND, FQ);
}
const SUM: usize = memory.data(80, 16);
const DIFFERENCE: usize = memory.data(80, 16);
const TWICE: usize = memory.data(80, 16);
const SECOND: usize = memory.data(80, 16);

/** r = 1/a in each lane, 0 for 0; in F_q² by the norm. r is reduced. */
export function invert<T>(r: usize, a: usize): void {
  if (Co.isG2<T>()) {
    field.sqr2(SUM, a, DIFFERENCE, a + FE, FQ);
    field.add(SUM, SUM, DIFFERENCE);
    field.reduce(SUM, FQ);
    field.invert(SUM, SUM, FQ);
    field.mul2(r, a, SUM, r + FE, a + FE, SUM, FQ);
    field.signs(r + FE, 1, 1);
  } else field.invert(r, a, FQ);
  reduce<T>(r);
}

/** r = 1. */
export function one<T>(r: usize): void {
  memory.copy(r, Constant.one(FQ), FE);
  if (Co.isG2<T>()) memory.fill(r + FE, 0, FE);
}
