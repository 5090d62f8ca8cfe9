/**
 * Field elements as nine balanced limbs of 29 bits in i32: one lane is 40 bytes, two lanes 80, limb k of a lane at 4·k,
 * the tenth word 0. No sum of products overflows while the limbs' bounds multiply to at most 12·2^56.
 */
import { mulFq2Lane, mulLane, sqrLane } from './scalar.gen.ts';

export function mul(r: usize, a: usize, b: usize, f: usize): void {
  mulLane(r, a, b, f);
  mulLane(r + 40, a + 40, b + 40, f);
}

export function sqr(r: usize, a: usize, f: usize): void {
  sqrLane(r, a, f);
  sqrLane(r + 40, a + 40, f);
}

export function mulFq2(r: usize, a: usize, b: usize, f: usize): void {
  mulFq2Lane(r, a, b, f);
  mulFq2Lane(r + 40, a + 40, b + 40, f);
}

export function add(r: usize, a: usize, b: usize): void {
  v128.store(r, i32x4.add(v128.load(a), v128.load(b)));
  v128.store(r, i32x4.add(v128.load(a, 16), v128.load(b, 16)), 16);
  v128.store(r, i32x4.add(v128.load(a, 32), v128.load(b, 32)), 32);
  v128.store(r, i32x4.add(v128.load(a, 48), v128.load(b, 48)), 48);
  v128.store(r, i32x4.add(v128.load(a, 64), v128.load(b, 64)), 64);
}

export function sub(r: usize, a: usize, b: usize): void {
  v128.store(r, i32x4.sub(v128.load(a), v128.load(b)));
  v128.store(r, i32x4.sub(v128.load(a, 16), v128.load(b, 16)), 16);
  v128.store(r, i32x4.sub(v128.load(a, 32), v128.load(b, 32)), 32);
  v128.store(r, i32x4.sub(v128.load(a, 48), v128.load(b, 48)), 48);
  v128.store(r, i32x4.sub(v128.load(a, 64), v128.load(b, 64)), 64);
}

export function gather(r: usize, p: usize, q: usize): void {
  for (let k: usize = 0; k < 40; k += 8) {
    const x = load<u64>(p + k),
      y = load<u64>(q + k);
    store<u64>(r + k, x);
    store<u64>(r + k, y, 40);
  }
}

/** Two stored elements less two others. */
export function differences(r: usize, p1: usize, p2: usize, q1: usize, q2: usize): void {
  differenceLane(r, p1, q1);
  differenceLane(r + 40, p2, q2);
}

function differenceLane(r: usize, p: usize, q: usize): void {
  v128.store(r, i32x4.sub(v128.load(q), v128.load(p)));
  v128.store(r, i32x4.sub(v128.load(q, 16), v128.load(p, 16)), 16);
  v128.store_lane<u64>(r + 32, i32x4.sub(v128.load64_zero(q, 32), v128.load64_zero(p, 32)), 0);
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
  signedLane(t, y, a, c, p1, q1);
  signedLane(t + 40, y + 40, b, d, p2, q2);
}

function signedLane(t: usize, y: usize, a: usize, c: usize, p: u32, q: u32): void {
  const first = i32x4.splat(-(p & 1)),
    second = i32x4.splat(-(q & 1));
  let x = Sign.of(v128.load(a), first);
  v128.store(y, x);
  v128.store(t, i32x4.sub(Sign.of(v128.load(c), second), x));
  x = Sign.of(v128.load(a, 16), first);
  v128.store(y, x, 16);
  v128.store(t, i32x4.sub(Sign.of(v128.load(c, 16), second), x), 16);
  x = Sign.of(v128.load64_zero(a, 32), first);
  v128.store_lane<u64>(y + 32, x, 0);
  v128.store_lane<u64>(t + 32, i32x4.sub(Sign.of(v128.load64_zero(c, 32), second), x), 0);
}

class Sign {
  /** −x where the mask is −1, x where it is 0. */
  @inline static of(x: v128, mask: v128): v128 {
    return i32x4.sub(v128.xor(x, mask), mask);
  }
}

/** r = s − 2·x − d. */
export function subTwiceAnd(r: usize, s: usize, x: usize, d: usize): void {
  for (let k: usize = 0; k < 80; k += 16) {
    const a = v128.load(x + k);
    v128.store(r + k, i32x4.sub(i32x4.sub(v128.load(s + k), i32x4.add(a, a)), v128.load(d + k)));
  }
}

export function scatter(p: usize, q: usize, a: usize): void {
  for (let k: usize = 0; k < 40; k += 8) {
    store<u64>(p + k, load<u64>(a + k));
    store<u64>(q + k, load<u64>(a + k, 40));
  }
}

export function signs(r: usize, s: u32, t: u32): void {
  const first = i32x4.splat(-s),
    second = i32x4.splat(-t),
    both = i64x2.replace_lane(first, 1, -(<i64>t));
  negate(r, first);
  negate(r + 16, first);
  negate(r + 32, both);
  negate(r + 48, second);
  negate(r + 64, second);
}

function negate(r: usize, mask: v128): void {
  v128.store(r, Sign.of(v128.load(r), mask));
}

export function reduce(r: usize, f: usize): void {
  reduceLane(r, f);
  reduceLane(r + 40, f);
}

function reduceLane(r: usize, f: usize): void {
  const k = <i64>nearest(<f64>load<i32>(r, 32) * load<f64>(f, 80));
  let s = Limb.less(r, f, k, 0, 0);
  s = Limb.less(r, f, k, 1, s);
  s = Limb.less(r, f, k, 2, s);
  s = Limb.less(r, f, k, 3, s);
  s = Limb.less(r, f, k, 4, s);
  s = Limb.less(r, f, k, 5, s);
  s = Limb.less(r, f, k, 6, s);
  s = Limb.less(r, f, k, 7, s);
  store<i32>(r, <i32>(s + <i64>load<i32>(r, 32) - k * load<i64>(f, 64)), 32);
}

class Limb {
  /** Limb i less that of k·p, balanced; answers the carry. */
  @inline static less(r: usize, f: usize, k: i64, i: usize, carry: i64): i64 {
    const s = carry + <i64>load<i32>(r + 4 * i) - k * load<i64>(f + 8 * i);
    store<i32>(r + 4 * i, ((<i32>s) << 3) >> 3);
    return (s + 0x10000000) >> 29;
  }
}

export function zeros(a: usize): u32 {
  return u32(isZeroLane(a)) | (u32(isZeroLane(a + 40)) << 1);
}

function isZeroLane(a: usize): bool {
  return (load<u64>(a) | load<u64>(a, 8) | load<u64>(a, 16) | load<u64>(a, 24) | load<u64>(a, 32)) === 0;
}

export function fromWords(r: usize, w: usize): void {
  let carry: i32 = 0;
  for (let k: usize = 0; k < 9; k++) {
    const bit = 29 * k,
      word = bit >> 5,
      shift = <u64>(bit & 31);
    const low = <u64>load<u32>(w + 4 * word),
      high = word < 7 ? <u64>load<u32>(w + 4 * word, 4) : 0;
    let x = <i32>(((low | (high << 32)) >> shift) & 0x1fffffff) + carry;
    carry = i32(k < 8 && x >= 0x10000000);
    x -= carry << 29;
    store<i32>(r + 4 * k, x);
  }
  store<i32>(r, 0, 36);
}

/** Words of x + p, 0 < x + p < 2^256, of a stored reduced element; p likewise a stored element. */
export function toWords(w: usize, a: usize, p: usize): void {
  let s: i64 = 0,
    held: u64 = 0;
  let bits: u32 = 0;
  for (let k: usize = 0; k < 9; k++) {
    s += <i64>load<i32>(a + 4 * k) + <i64>load<i32>(p + 4 * k);
    held |= (<u64>(s & 0x1fffffff)) << bits;
    bits += 29;
    s >>= 29;
    // Of 261 bits the last five are 0 and are not stored.
    if (bits >= 32) {
      store<u32>(w, <u32>held);
      w += 4;
      held >>= 32;
      bits -= 32;
    }
  }
}
