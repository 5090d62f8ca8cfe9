/**
 * Number-theoretic transforms over F_r of n = 2^log values, two lanes each: twice as many values at once, or one list
 * whose halves are the lanes. Coefficients are left in the order of reversed bits, where they are multiplied by their
 * coset's powers and transformed back: nothing is ever permuted.
 */
import * as field from './field.ts';
import { copy, EL, FE, FR } from './field.ts';

const T: usize = memory.data(80, 16);
const U: usize = memory.data(80, 16);

/** Values to coefficients (times n), by w⁻ᵏ = −w^(n/2 − k); `powers` are w⁰ … w^(n/2) of the order-n root, stride apart. */
export function toCoefficients(x: usize, powers: usize, n: u32, stride: u32): void {
  for (let h = n >> 1, step = stride; h > 0; h >>= 1, step <<= 1) {
    for (let i: u32 = 0; i < n; i += 2 * h) {
      let p = x + i * FE,
        w = powers + h * step * FE;
      const q = h * FE,
        back = step * FE;
      if (h === 1) {
        field.sub(T, p, p + q);
        field.add(p, p, p + q);
        field.reduce(p, FR);
        field.reduce(T, FR);
        copy(p + q, T);
        continue;
      }
      for (let k: u32 = 0; k < h; k += 2) {
        // (v − u)·w^(h − k) of the order-2h root is (u − v)·w⁻ᵏ.
        field.sub(T, p + q, p);
        field.sub(U, p + q + FE, p + FE);
        field.add(p, p, p + q);
        field.reduce(p, FR);
        field.add(p + FE, p + FE, p + q + FE);
        field.reduce(p + FE, FR);
        field.mul2(p + q, T, w, p + q + FE, U, w - back, FR);
        p += 2 * FE;
        w -= 2 * back;
      }
    }
  }
}

/** Coefficients in the order of reversed bits to values in theirs. */
export function toValues(x: usize, powers: usize, n: u32, stride: u32): void {
  for (let h: u32 = 1, step = stride * (n >> 1); h < n; h <<= 1, step >>= 1) {
    for (let i: u32 = 0; i < n; i += 2 * h) {
      let p = x + i * FE,
        w = powers;
      const q = h * FE,
        forth = step * FE;
      if (h === 1) {
        copy(T, p + q);
        butterfly(p, p + q, T);
        continue;
      }
      for (let k: u32 = 0; k < h; k += 2) {
        field.mul2(T, p + q, w, U, p + q + FE, w + forth, FR);
        butterfly(p, p + q, T);
        butterfly(p + FE, p + q + FE, U);
        p += 2 * FE;
        w += 2 * forth;
      }
    }
  }
}

/** p, q = p + t, p − t. */
function butterfly(p: usize, q: usize, t: usize): void {
  field.sub(q, p, t);
  field.reduce(q, FR);
  field.add(p, p, t);
  field.reduce(p, FR);
}

/** Writes w⁰ … w^n in both lanes. @param root w in both lanes */
export function powersOf(to: usize, root: usize, n: u32): void {
  copy(to, field.Constant.one(FR));
  for (let i: u32 = 1; i <= n; i++) field.mul(to + i * FE, to + (i - 1) * FE, root, FR);
}

/** Writes first·ζⁱ, stored, where i is with its `bits` bits reversed. @param root ζ, and @param first, in both lanes */
export function cosetPowers(to: usize, root: usize, first: usize, bits: u32): void {
  copy(T, first);
  for (let i: u32 = 0, n: u32 = 1 << bits; i < n; i++) {
    const at = to + reversed(i, bits) * EL;
    copy(U, T);
    field.reduce(U, FR);
    field.scatter(at, at, U);
    field.mul(T, T, root, FR);
  }
}

function reversed(i: u32, bits: u32): u32 {
  let out: u32 = 0;
  for (let k: u32 = 0; k < bits; k++) out |= ((i >> k) & 1) << (bits - 1 - k);
  return out;
}
