/**
 * F_q⁶ = F_q²(v), v³ = ξ = 9 + u, and F_q¹² = F_q⁶(w), w² = v: two lanes, every result reduced. An element of F_q² takes
 * 160 bytes, of F_q⁶ 480, of F_q¹² 960, lowest coefficient first.
 */
import { add, invert, mul, reduce, signs, sub } from './coordinate.ts';
import * as field from './field.ts';
import { FE } from './field.ts';

export const F2: usize = 160;
export const F6: usize = 480;
export const F12: usize = 960;

/** r = a ± b in F_q², reduced. */
export function add2(r: usize, a: usize, b: usize): void {
  add<u64>(r, a, b);
  reduce<u64>(r);
}
export function sub2(r: usize, a: usize, b: usize): void {
  sub<u64>(r, a, b);
  reduce<u64>(r);
}
/** r = a·b in F_q², reduced. */
export function mul2(r: usize, a: usize, b: usize): void {
  mul<u64>(r, a, b);
  reduce<u64>(r);
}
/** r = n·a, n = 2, 3, 4. */
export function double2(r: usize, a: usize): void {
  add2(r, a, a);
}
export function triple2(r: usize, a: usize): void {
  add<u64>(TRIPLE, a, a);
  add2(r, TRIPLE, a);
}
const TRIPLE: usize = memory.data(160, 16);

/** r = ξ·a = (9a₀ − a₁) + (9a₁ + a₀)u; r may be a. */
function timesXi(r: usize, a: usize): void {
  add<u64>(XI, a, a);
  add<u64>(XI, XI, XI);
  reduce<u64>(XI);
  add<u64>(XI, XI, XI);
  add<u64>(XI, XI, a);
  field.sub(XI, XI, a + FE);
  field.add(XI + FE, XI + FE, a);
  memory.copy(r, XI, F2);
  reduce<u64>(r);
}
const XI: usize = memory.data(160, 16);

function add6(r: usize, a: usize, b: usize): void {
  for (let k: usize = 0; k < F6; k += F2) add2(r + k, a + k, b + k);
}
function sub6(r: usize, a: usize, b: usize): void {
  for (let k: usize = 0; k < F6; k += F2) sub2(r + k, a + k, b + k);
}
/** r = v·a; r is not a. */
function timesV(r: usize, a: usize): void {
  timesXi(r, a + 2 * F2);
  memory.copy(r + F2, a, 2 * F2);
}

const S: usize = memory.data(160, 16);
const T: usize = memory.data(160, 16);
const V0: usize = memory.data(160, 16);
const V1: usize = memory.data(160, 16);
const V2: usize = memory.data(160, 16);

/** r = (aᵢ + aⱼ)(bᵢ + bⱼ) − x − y, of which x = aᵢbᵢ, y = aⱼbⱼ. */
function cross(r: usize, a: usize, b: usize, i: usize, j: usize, x: usize, y: usize): void {
  add2(S, a + i, a + j);
  add2(T, b + i, b + j);
  mul<u64>(S, S, T);
  sub<u64>(S, S, x);
  sub<u64>(r, S, y);
  reduce<u64>(r);
}

/** r = a·b by Karatsuba; r is neither. */
function mul6(r: usize, a: usize, b: usize): void {
  mul2(V0, a, b);
  mul2(V1, a + F2, b + F2);
  mul2(V2, a + 2 * F2, b + 2 * F2);
  cross(r, a, b, F2, 2 * F2, V1, V2);
  timesXi(r, r);
  add2(r, r, V0);
  cross(r + F2, a, b, 0, F2, V0, V1);
  timesXi(T, V2);
  add2(r + F2, r + F2, T);
  cross(r + 2 * F2, a, b, 0, 2 * F2, V0, V2);
  add2(r + 2 * F2, r + 2 * F2, V1);
}

/** r = a·(b + c·v); r is not a. */
function mulBy01(r: usize, a: usize, b: usize, c: usize): void {
  mul2(V0, a, b);
  mul2(V1, a + F2, c);
  add2(S, a + F2, a + 2 * F2);
  mul2(S, S, c);
  sub2(S, S, V1);
  timesXi(S, S);
  add2(r, S, V0);
  add2(S, a, a + F2);
  add2(T, b, c);
  mul<u64>(S, S, T);
  sub<u64>(S, S, V0);
  sub2(r + F2, S, V1);
  add2(S, a, a + 2 * F2);
  mul<u64>(S, S, b);
  sub<u64>(S, S, V0);
  add2(r + 2 * F2, S, V1);
}

const A6: usize = memory.data(480, 16);
const B6: usize = memory.data(480, 16);
const C6: usize = memory.data(480, 16);
const D6: usize = memory.data(480, 16);

/** f = f². With f = g + h·w: (g + h)(g + v·h) − gh − v·gh and 2gh. */
export function square12(f: usize): void {
  const h = f + F6;
  mul6(A6, f, h);
  timesV(B6, h);
  add6(B6, B6, f);
  add6(C6, f, h);
  mul6(D6, C6, B6);
  sub6(D6, D6, A6);
  timesV(B6, A6);
  sub6(f, D6, B6);
  add6(h, A6, A6);
}

/** f = f·(a + (b + c·v)·w): by a line. */
export function mulBy034(f: usize, a: usize, b: usize, c: usize): void {
  const h = f + F6;
  for (let k: usize = 0; k < F6; k += F2) mul2(A6 + k, f + k, a);
  mulBy01(B6, h, b, c);
  add6(C6, f, h);
  add2(SUM, a, b);
  mulBy01(D6, C6, SUM, c);
  sub6(D6, D6, A6);
  sub6(h, D6, B6);
  timesV(C6, B6);
  add6(f, A6, C6);
}
const SUM: usize = memory.data(160, 16);

/** r = a·b; r may be either. */
export function mul12(r: usize, a: usize, b: usize): void {
  mul6(A6, a, b);
  mul6(B6, a + F6, b + F6);
  add6(C6, a, a + F6);
  add6(E6, b, b + F6);
  mul6(D6, C6, E6);
  sub6(D6, D6, A6);
  sub6(r + F6, D6, B6);
  timesV(C6, B6);
  add6(r, A6, C6);
}
const E6: usize = memory.data(480, 16);

/** r = 1/f, 0 for 0: (g − h·w)/(g² − v·h²); r is not f. */
export function invert12(r: usize, f: usize): void {
  const h = f + F6;
  mul6(A6, f, f);
  mul6(B6, h, h);
  timesV(C6, B6);
  sub6(A6, A6, C6);
  invert6(E6, A6);
  mul6(r, f, E6);
  mul6(r + F6, h, E6);
  for (let k: usize = F6; k < F12; k += F2) signs<u64>(r + k, 1, 1);
}

/** r = 1/a by c₀ = a₀² − ξa₁a₂, c₁ = ξa₂² − a₀a₁, c₂ = a₁² − a₀a₂, of which a·c = a₀c₀ + ξ(a₂c₁ + a₁c₂); r is not a. */
function invert6(r: usize, a: usize): void {
  const a1 = a + F2,
    a2 = a + 2 * F2;
  const c1 = r + F2,
    c2 = r + 2 * F2;
  mul2(S, a1, a2);
  timesXi(S, S);
  mul2(T, a, a);
  sub2(r, T, S);
  mul2(S, a2, a2);
  timesXi(S, S);
  mul2(T, a, a1);
  sub2(c1, S, T);
  mul2(S, a, a2);
  mul2(T, a1, a1);
  sub2(c2, T, S);
  mul2(S, a2, c1);
  mul2(T, a1, c2);
  add2(S, S, T);
  timesXi(S, S);
  mul2(T, a, r);
  add2(S, S, T);
  invert<u64>(T, S);
  for (let k: usize = 0; k < F6; k += F2) mul2(r + k, r + k, T);
}
