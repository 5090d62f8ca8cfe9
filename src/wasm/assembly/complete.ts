/**
 * Complete addition on y² = x³ + b in projective coordinates: right for equal, opposite and infinite points alike, two
 * lanes at a time. For what is done once a proof; sums of many points are batch-add.ts.
 * @see Renes, Costello, Batina, "Complete addition formulas for prime order elliptic curves", EUROCRYPT 2016, Alg. 7
 */
import { add, Co, gather, mul2, one, reduce, sub } from './coordinate.ts';
import { FE } from './field.ts';

/** 3·b of the twist, two lanes, written by the loader; on G1 it is 9. */
export const TRIPLE_B: usize = memory.data(160, 16);

const T0: usize = memory.data(160, 16);
const T1: usize = memory.data(160, 16);
const T2: usize = memory.data(160, 16);
const T3: usize = memory.data(160, 16);
const T4: usize = memory.data(160, 16);
const T5: usize = memory.data(160, 16);
const U: usize = memory.data(160, 16);
const W: usize = memory.data(160, 16);
const U2: usize = memory.data(160, 16);
const W2: usize = memory.data(160, 16);

/** r = p + q of three coordinates each, x : y : z; r may be p or q. All are reduced. */
export function addComplete<T>(r: usize, p: usize, q: usize): void {
  const n = Co.lanes<T>();
  mul2<T>(T0, p, q, T1, p + n, q + n);
  sums<T>(U, p, p + n);
  sums<T>(W, q, q + n);
  mul2<T>(T2, p + 2 * n, q + 2 * n, T3, U, W);
  sums<T>(U, p + n, p + 2 * n);
  sums<T>(W, q + n, q + 2 * n);
  sums<T>(U2, p, p + 2 * n);
  sums<T>(W2, q, q + 2 * n);
  mul2<T>(T4, U, W, T5, U2, W2);
  without<T>(T3, T0, T1);
  without<T>(T4, T1, T2);
  without<T>(T5, T0, T2);
  add<T>(U, T0, T0);
  sums<T>(T0, U, T0);
  timesTripleB<T>(T2, T5);
  sums<T>(U, T1, T2);
  sub<T>(T1, T1, T2);
  reduce<T>(T1);
  // X = T3·T1 − T4·T5, Y = T1·U + T5·T0, Z = U·T4 + T0·T3
  mul2<T>(W, T3, T1, W2, T4, T5);
  sub<T>(r, W, W2);
  mul2<T>(W, T1, U, W2, T5, T0);
  add<T>(r + n, W, W2);
  mul2<T>(W, U, T4, W2, T0, T3);
  add<T>(r + 2 * n, W, W2);
  reduce<T>(r);
  reduce<T>(r + n);
  reduce<T>(r + 2 * n);
}

function sums<T>(r: usize, a: usize, b: usize): void {
  add<T>(r, a, b);
  reduce<T>(r);
}

function without<T>(r: usize, a: usize, b: usize): void {
  sub<T>(r, r, a);
  sub<T>(r, r, b);
  reduce<T>(r);
}

/** Both times 3·b. */
function timesTripleB<T>(a: usize, b: usize): void {
  if (Co.isG2<T>()) mul2<T>(a, a, TRIPLE_B, b, b, TRIPLE_B);
  else {
    timesNine<T>(a);
    timesNine<T>(b);
  }
  reduce<T>(a);
  reduce<T>(b);
}

function timesNine<T>(a: usize): void {
  add<T>(U, a, a);
  sums<T>(U, U, U);
  add<T>(U, U, U);
  add<T>(a, a, U);
}

/** r = (0 : 1 : 0) in both lanes. */
export function infinity<T>(r: usize): void {
  const n = Co.lanes<T>();
  memory.fill(r, 0, 3 * n);
  one<T>(r + n);
}

/** r = two stored affine points, z = 1. */
export function fromAffine<T>(r: usize, p: usize, q: usize): void {
  const n = Co.lanes<T>();
  gather<T>(r, p, q);
  gather<T>(r + n, p + Co.stored<T>(), q + Co.stored<T>());
  one<T>(r + 2 * n);
}

export function tripleB(): usize {
  return TRIPLE_B;
}
export function coordinateBytes(): usize {
  return FE;
}
