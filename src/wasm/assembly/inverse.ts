/**
 * 1/a mod p of 32 bytes by the binary algorithm for greatest common divisors, thirty of its steps at a time on the two
 * ends of both numbers: a·u = x and a·v = y mod p hold throughout, x and y become 0 and 1. Takes about a tenth of a
 * power a^(p−2). Its time depends on a.
 * @see Pornin, "Optimized Binary GCD for Modular Inversion", IACR ePrint 2020/972, Algorithm 2; Deviation: u and v
 *      stay signed and unreduced, at most one p longer after each thirty steps
 */

/** Steps at a time: a factor of 2^STEPS times a word, twice, fits 64 bits. */
const STEPS: i32 = 30;
const LOW: u64 = 0x3fffffff;
/** A number has nine words of 32 bits, in two's complement. */
const SIZE: usize = 40;
let x: usize = memory.data(40, 16);
let y: usize = memory.data(40, 16);
let u: usize = memory.data(40, 16);
let v: usize = memory.data(40, 16);
let spare: usize = memory.data(40, 16);
let other: usize = memory.data(40, 16);
const P: usize = memory.data(40, 16);

/** @param r gets 1/a, or 0 for 0 @param a below p @param p odd */
export function invertWords(r: usize, a: usize, p: usize): void {
  load8(x, a);
  load8(y, p);
  load8(P, p);
  memory.fill(u, 0, SIZE);
  memory.fill(v, 0, SIZE);
  store<u32>(u, 1);
  // −1/p mod 2^32, by Newton's iteration from one that is right for three bits.
  const low = load<u32>(p);
  let inverse = low;
  for (let i = 0; i < 4; i++) inverse *= 2 - low * inverse;
  while (!isZero(x)) steps(0 - inverse);
  while (load<i32>(v, 32) < 0) combine(v, v, P, 1, 1, 0, 0);
  while (!isBelow(v)) combine(v, v, P, 1, -1, 0, 0);
  // Of 0, y is still p and v still 0.
  memory.copy(r, v, 32);
}

function steps(minusInverse: u32): void {
  let top: i32 = 28;
  while (top > 4 && (load<u32>(x + top) | load<u32>(y + top)) === 0) top -= 4;
  let a = ends(x, top),
    b = ends(y, top);
  let f0: i64 = 1,
    g0: i64 = 0,
    f1: i64 = 0,
    g1: i64 = 1;
  for (let i = 0; i < STEPS; i++) {
    if (a & 1) {
      if (a < b) {
        const t = a,
          f = f0,
          g = g0;
        a = b;
        b = t;
        f0 = f1;
        f1 = f;
        g0 = g1;
        g1 = g;
      }
      a -= b;
      f0 -= f1;
      g0 -= g1;
    }
    a >>= 1;
    f1 <<= 1;
    g1 <<= 1;
  }
  combine(spare, x, y, f0, g0, 0, STEPS);
  combine(other, x, y, f1, g1, 0, STEPS);
  if (load<i32>(spare, 32) < 0) {
    combine(spare, spare, spare, -1, 0, 0, 0);
    f0 = -f0;
    g0 = -g0;
  }
  if (load<i32>(other, 32) < 0) {
    combine(other, other, other, -1, 0, 0, 0);
    f1 = -f1;
    g1 = -g1;
  }
  let t = x;
  x = spare;
  spare = t;
  t = y;
  y = other;
  other = t;
  // A multiple of p makes the lowest thirty bits 0.
  const u0 = load<u32>(u),
    v0 = load<u32>(v);
  combine(spare, u, v, f0, g0, ((<u32>f0 * u0 + <u32>g0 * v0) * minusInverse) & <u32>LOW, STEPS);
  combine(other, u, v, f1, g1, ((<u32>f1 * u0 + <u32>g1 * v0) * minusInverse) & <u32>LOW, STEPS);
  t = u;
  u = spare;
  spare = t;
  t = v;
  v = other;
  other = t;
}

/** The lowest thirty bits and the highest 34, of the words up to `top` that holds the longer number's highest. */
function ends(n: usize, top: i32): u64 {
  const free = clz(load<u32>(x + top) | load<u32>(y + top));
  const high = ((<u64>load<u32>(n + top)) << 32) | load<u32>(n + top - 4);
  if (top === 4) return high;
  const below = <u64>load<u32>(n + top - 8);
  const front = free ? (high << free) | (below >> (32 - free)) : high;
  return (front & ~LOW) | (<u64>load<u32>(n) & LOW);
}

/** r = (f·a + g·b + m·p)/2^shift, exactly. r may be a or b. */
function combine(r: usize, a: usize, b: usize, f: i64, g: i64, m: u32, shift: i32): void {
  let sum: i64 = 0,
    low: u32 = 0;
  for (let k: usize = 0; k < 36; k += 4) {
    const a0: i64 = k === 32 ? <i64>load<i32>(a, 32) : <i64>load<u32>(a + k),
      b0: i64 = k === 32 ? <i64>load<i32>(b, 32) : <i64>load<u32>(b + k);
    sum += f * a0 + g * b0 + <i64>m * <i64>load<u32>(P + k);
    if (shift) {
      if (k) store<u32>(r + k - 4, (low >> shift) | ((<u32>sum) << (32 - shift)));
      low = <u32>sum;
    } else store<u32>(r + k, <u32>sum);
    sum >>= 32;
  }
  if (shift) store<u32>(r, (low >> shift) | ((<u32>sum) << (32 - shift)), 32);
}

function load8(to: usize, words: usize): void {
  memory.copy(to, words, 32);
  store<u32>(to, 0, 32);
}

function isZero(n: usize): bool {
  return (load<u64>(n) | load<u64>(n, 8) | load<u64>(n, 16) | load<u64>(n, 24)) === 0;
}

/** Whether a number that is not negative is below p. */
function isBelow(n: usize): bool {
  for (let k: i32 = 32; k >= 0; k -= 4) {
    const a = load<u32>(n + k),
      b = load<u32>(P + k);
    if (a !== b) return a < b;
  }
  return false;
}
