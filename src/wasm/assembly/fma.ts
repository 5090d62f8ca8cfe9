/**
 * Field elements as five balanced limbs of 51 bits in f64, two lanes side by side: 80 bytes, limb k of both lanes at
 * 16·k. One lane in memory is 40 bytes.
 */

export function add(r: usize, a: usize, b: usize): void {
  v128.store(r, f64x2.add(v128.load(a), v128.load(b)));
  v128.store(r, f64x2.add(v128.load(a, 16), v128.load(b, 16)), 16);
  v128.store(r, f64x2.add(v128.load(a, 32), v128.load(b, 32)), 32);
  v128.store(r, f64x2.add(v128.load(a, 48), v128.load(b, 48)), 48);
  v128.store(r, f64x2.add(v128.load(a, 64), v128.load(b, 64)), 64);
}

export function sub(r: usize, a: usize, b: usize): void {
  v128.store(r, f64x2.sub(v128.load(a), v128.load(b)));
  v128.store(r, f64x2.sub(v128.load(a, 16), v128.load(b, 16)), 16);
  v128.store(r, f64x2.sub(v128.load(a, 32), v128.load(b, 32)), 32);
  v128.store(r, f64x2.sub(v128.load(a, 48), v128.load(b, 48)), 48);
  v128.store(r, f64x2.sub(v128.load(a, 64), v128.load(b, 64)), 64);
}

/** Two lanes of two stored elements. */
export function gather(r: usize, p: usize, q: usize): void {
  v128.store(r, v128.load_lane<u64>(q, v128.load64_zero(p), 1));
  v128.store(r, v128.load_lane<u64>(q, v128.load64_zero(p, 8), 1, 8), 16);
  v128.store(r, v128.load_lane<u64>(q, v128.load64_zero(p, 16), 1, 16), 32);
  v128.store(r, v128.load_lane<u64>(q, v128.load64_zero(p, 24), 1, 24), 48);
  v128.store(r, v128.load_lane<u64>(q, v128.load64_zero(p, 32), 1, 32), 64);
}

/** Two stored elements less two others. */
export function differences(r: usize, p1: usize, p2: usize, q1: usize, q2: usize): void {
  v128.store(r, Lane.difference(p1, p2, q1, q2, 0));
  v128.store(r, Lane.difference(p1, p2, q1, q2, 8), 16);
  v128.store(r, Lane.difference(p1, p2, q1, q2, 16), 32);
  v128.store(r, Lane.difference(p1, p2, q1, q2, 24), 48);
  v128.store(r, Lane.difference(p1, p2, q1, q2, 32), 64);
}

class Lane {
  @inline static both(p: usize, q: usize, k: usize): v128 {
    return v128.load_lane<u64>(q + k, v128.load64_zero(p + k), 1);
  }
  @inline static difference(p1: usize, p2: usize, q1: usize, q2: usize, k: usize): v128 {
    return f64x2.sub(Lane.both(q1, q2, k), Lane.both(p1, p2, k));
  }
}

/** The sign bits to flip of two lanes: those whose reference is odd. */
function signMask(p: u32, q: u32): v128 {
  return i64x2.replace_lane(i64x2.splat((<i64>p) << 63), 1, (<i64>q) << 63);
}

/** y = (a, b) and t = (c, d) − y of stored elements, each negated before where its reference is odd. */
export function signedDifferences(
  t: usize,
  y: usize,
  a: usize,
  b: usize,
  c: usize,
  d: usize,
  p1: u32,
  p2: u32,
  q1: u32,
  q2: u32,
): void {
  const first = signMask(p1, p2),
    second = signMask(q1, q2);
  for (let k: usize = 0; k < 40; k += 8) {
    const x = v128.xor(Lane.both(a, b, k), first);
    v128.store(y + 2 * k, x);
    v128.store(t + 2 * k, f64x2.sub(v128.xor(Lane.both(c, d, k), second), x));
  }
}

/** r = s − 2·x − d. */
export function subTwiceAnd(r: usize, s: usize, x: usize, d: usize): void {
  for (let k: usize = 0; k < 80; k += 16) {
    const a = v128.load(x + k);
    v128.store(r + k, f64x2.sub(f64x2.sub(v128.load(s + k), f64x2.add(a, a)), v128.load(d + k)));
  }
}

/** Two lanes to two stored elements. */
export function scatter(p: usize, q: usize, a: usize): void {
  for (let k: usize = 0; k < 5; k++) {
    const x = v128.load(a + 16 * k);
    v128.store_lane<u64>(p + 8 * k, x, 0);
    v128.store_lane<u64>(q + 8 * k, x, 1);
  }
}

/** Negates a lane if its sign is 1. */
export function signs(r: usize, s: u32, t: u32): void {
  const mask = signMask(s, t);
  v128.store(r, v128.xor(v128.load(r), mask));
  v128.store(r, v128.xor(v128.load(r, 16), mask), 16);
  v128.store(r, v128.xor(v128.load(r, 32), mask), 32);
  v128.store(r, v128.xor(v128.load(r, 48), mask), 48);
  v128.store(r, v128.xor(v128.load(r, 64), mask), 64);
}

/** The same value with |r| at most about p/2 and limbs of at most 2^50: for |r| below 8·p, limbs below 2^53. */
export function reduce(r: usize, f: usize): void {
  let x0 = v128.load(r),
    x1 = v128.load(r, 16),
    x2 = v128.load(r, 32),
    x3 = v128.load(r, 48),
    x4 = v128.load(r, 64);
  const k = f64x2.nearest(f64x2.mul(x4, v128.load(f, 352))),
    round = v128.load(f, 256),
    shift = v128.load(f, 368);
  x0 = f64x2.relaxed_nmadd(k, v128.load(f), x0);
  x1 = f64x2.relaxed_nmadd(k, v128.load(f, 16), x1);
  x2 = f64x2.relaxed_nmadd(k, v128.load(f, 32), x2);
  x3 = f64x2.relaxed_nmadd(k, v128.load(f, 48), x3);
  x4 = f64x2.relaxed_nmadd(k, v128.load(f, 64), x4);
  let c = f64x2.sub(f64x2.add(x0, round), round);
  v128.store(r, f64x2.sub(x0, c));
  x1 = f64x2.relaxed_madd(c, shift, x1);
  c = f64x2.sub(f64x2.add(x1, round), round);
  v128.store(r, f64x2.sub(x1, c), 16);
  x2 = f64x2.relaxed_madd(c, shift, x2);
  c = f64x2.sub(f64x2.add(x2, round), round);
  v128.store(r, f64x2.sub(x2, c), 32);
  x3 = f64x2.relaxed_madd(c, shift, x3);
  c = f64x2.sub(f64x2.add(x3, round), round);
  v128.store(r, f64x2.sub(x3, c), 48);
  v128.store(r, f64x2.relaxed_madd(c, shift, x4), 64);
}

/** Of a reduced element: bit 0 if the first lane is 0, bit 1 if the second is. */
export function zeros(a: usize): u32 {
  const all = v128.or(
    v128.or(v128.or(v128.load(a), v128.load(a, 16)), v128.or(v128.load(a, 32), v128.load(a, 48))),
    v128.load(a, 64),
  );
  const x = v128.and(all, i64x2.splat(0x7fffffffffffffff));
  return u32(i64x2.extract_lane(x, 0) === 0) | (u32(i64x2.extract_lane(x, 1) === 0) << 1);
}

/** A stored element from a number below 2^256 as four words of 64 bits; only its form changes. */
export function fromWords(r: usize, w: usize): void {
  const m: u64 = 0x7ffffffffffff;
  const w0 = load<u64>(w),
    w1 = load<u64>(w, 8),
    w2 = load<u64>(w, 16),
    w3 = load<u64>(w, 24);
  let c = balanced(r, w0 & m, 0);
  c = balanced(r + 8, ((w0 >> 51) | (w1 << 13)) & m, c);
  c = balanced(r + 16, ((w1 >> 38) | (w2 << 26)) & m, c);
  c = balanced(r + 24, ((w2 >> 25) | (w3 << 39)) & m, c);
  store<f64>(r, <f64>((w3 >> 12) + c), 32);
}

function balanced(r: usize, limb: u64, carry: u64): u64 {
  const x = limb + carry;
  const over = u64(x >= 0x4000000000000);
  store<f64>(r, <f64>(<i64>x - <i64>(over << 51)));
  return over;
}

/** Words of x + p, 0 < x + p < 2^256, of a stored reduced element. */
export function toWords(w: usize, a: usize, p: usize): void {
  const m: i64 = 0x7ffffffffffff;
  let x = limb(a, 0) + limb(p, 0);
  const x0 = x & m;
  x = (x >> 51) + limb(a, 1) + limb(p, 1);
  const x1 = x & m;
  x = (x >> 51) + limb(a, 2) + limb(p, 2);
  const x2 = x & m;
  x = (x >> 51) + limb(a, 3) + limb(p, 3);
  const x3 = x & m;
  const x4 = (x >> 51) + limb(a, 4) + limb(p, 4);
  store<i64>(w, x0 | (x1 << 51));
  store<i64>(w, (x1 >> 13) | (x2 << 38), 8);
  store<i64>(w, (x2 >> 26) | (x3 << 25), 16);
  store<i64>(w, (x3 >> 39) | (x4 << 12), 24);
}

function limb(a: usize, k: usize): i64 {
  return <i64>load<f64>(a + 8 * k);
}
