/**
 * Σ kᵢ·Pᵢ by buckets (Pippenger) over the parts of scalars that an endomorphism splits: each base is Pᵢ and
 * φ(Pᵢ), each scalar two parts of half of its length.
 *
 * Parts are cut into windows of c bits with digits −2^(c−1) … 2^(c−1) − 1: with Σ 2^(c−1)·2^(cj) added to the part, digit
 * j is the j-th window less 2^(c−1), without carries. Buckets k = u·2^h + v, 1 ≤ k ≤ 2^(c−1), are summed over rows u and
 * columns v, these over the bits of u and v: what is left are c points a window, point b of window w at 2^(cw + b), and
 * one chain of doublings. All sums but that chain share inversions.
 * @see Bernstein, Doumen, Lange, Oosterwijk, "Faster batch forgery identification", INDOCRYPT 2012, §4, for signed
 *      digits in buckets; batch-add.ts and lattice.ts for the rest
 */
import { mark, need, release } from './arena.ts';
import { beginSums, copySigned, put, roomForSums, settle } from './buckets.ts';
import { addComplete, fromAffine, infinity } from './complete.ts';
import { Co, invert, mul2, zeros } from './coordinate.ts';
import * as field from './field.ts';
import { Constant, EL, FQ } from './field.ts';

/** Bytes of a part: 160 bits in two's complement. */
const PART: usize = 20;
/** Sums of one round over windows, about: fewer rounds share more inversions, and more sums take more memory. */
const SUMS: u32 = 32768;

/** Writes the coordinates of the sum, 32 bytes little-endian each; answers 0 if it is infinity. */
export function msm<T>(
  points: usize,
  indexes: usize,
  count: u32,
  parts: usize,
  bits: u32,
  c: u32,
  out: usize,
): u32 {
  const from = mark(),
    windows = (bits + c) / c,
    items = 2 * count;
  const shifted = shiftParts(indexes, count, parts, windows, c);
  const tops = need(4 * windows * c),
    topSums = need(windows * c * Co.point<T>());
  const most = items + Line.puts(c);
  const together = max<u32>(1, min<u32>(windows, SUMS / most));
  const room = need(roomForSums<T>(together * most));
  for (let first: u32 = 0; first < windows; first += together) {
    const now = min(together, windows - first);
    beginSums<T>(room, together * most);
    windowSums<T>(points, shifted, items, first, now, c, tops, topSums);
  }
  const result = chain<T>(tops, windows * c, out);
  release(from);
  return result;
}

/** The parts of the scalars in use, in the order of the bases, so that no digit needs a carry. */
function shiftParts(indexes: usize, count: u32, parts: usize, windows: u32, c: u32): usize {
  const bytes: usize = 2 * PART,
    out = need(count * bytes + 8);
  memory.fill(SHIFT, 0, 24);
  for (let j: u32 = 0; j < windows; j++) {
    const bit = j * c + c - 1;
    store<u32>(SHIFT + 4 * (bit >> 5), load<u32>(SHIFT + 4 * (bit >> 5)) | (1 << (bit & 31)));
  }
  for (let i: u32 = 0; i < count; i++) {
    const part = parts + load<u32>(indexes + 4 * i) * bytes,
      to = out + i * bytes;
    for (let m: usize = 0; m < bytes; m += PART) {
      let carry: u64 = 0;
      for (let k: usize = 0; k < PART; k += 4) {
        carry += <u64>load<u32>(part + m + k) + <u64>load<u32>(SHIFT + k);
        store<u32>(to + m + k, <u32>carry);
        carry >>= 32;
      }
    }
  }
  return out;
}
const SHIFT: usize = memory.data(24, 16);

/** Rows u and columns v of the buckets k = u·2^h + v of a window: rows 1 … 2^(c−1−h), then columns 1 … 2^h − 1. */
class Line {
  @inline static h(c: u32): u32 {
    return (c - 1) >> 1;
  }
  @inline static rows(c: u32): u32 {
    return 1 << (c - 1 - Line.h(c));
  }
  @inline static count(c: u32): u32 {
    return Line.rows(c) + (1 << Line.h(c)) - 1;
  }
  /** Points that come to the lines of a window, and from there to its bits, at most. */
  @inline static puts(c: u32): u32 {
    return (1 << c) + c * Line.count(c);
  }
}

/** Of windows first … first + now − 1: their c points each, and references or 0. */
function windowSums<T>(
  points: usize,
  shifted: usize,
  items: u32,
  first: u32,
  now: u32,
  c: u32,
  tops: usize,
  topSums: usize,
): void {
  const from = mark(),
    half: u32 = 1 << (c - 1),
    buckets = needZeros(4 * now * half),
    lines = needZeros(4 * now * Line.count(c)),
    bits = needZeros(4 * now * c);
  for (let w: u32 = 0; w < now; w++)
    putDigits<T>(points, shifted, items, (first + w) * c, half, buckets + 4 * w * half);
  settle<T>();
  for (let w: u32 = 0; w < now; w++) putLines<T>(buckets + 4 * w * half, lines + 4 * w * Line.count(c), c);
  settle<T>();
  for (let w: u32 = 0; w < now; w++) putBits<T>(lines + 4 * w * Line.count(c), bits + 4 * w * c, c);
  settle<T>();
  for (let b: u32 = 0; b < now * c; b++) {
    const reference = load<u32>(bits + 4 * b),
      top = first * c + b,
      sum = topSums + top * Co.point<T>();
    if (reference) copySigned<T>(sum, reference);
    store<u32>(tops + 4 * top, reference ? <u32>sum : 0);
  }
  release(from);
}

function needZeros(bytes: usize): usize {
  const at = need(bytes);
  memory.fill(at, 0, bytes);
  return at;
}

function putDigits<T>(points: usize, shifted: usize, items: u32, bit: u32, half: u32, buckets: usize): void {
  const mask = 2 * half - 1,
    shift = bit & 7;
  let at = shifted + (bit >> 3),
    point = points;
  for (let i: u32 = 0; i < items; i++, at += PART, point += Co.point<T>()) {
    const d = <i32>((load<u32>(at) >> shift) & mask) - <i32>half;
    if (d !== 0) put<T>(<u32>point | u32(d < 0), buckets + 4 * (abs(d) - 1));
  }
}

function putLines<T>(buckets: usize, lines: usize, c: u32): void {
  const h = Line.h(c),
    columns: u32 = 1 << h,
    half: u32 = 1 << (c - 1);
  for (let k: u32 = 1; k <= half; k++) {
    const reference = load<u32>(buckets + 4 * (k - 1)),
      u = k >> h,
      v = k & (columns - 1);
    if (!reference) continue;
    if (u) put<T>(reference, lines + 4 * (u - 1));
    if (v) put<T>(reference, lines + 4 * (Line.rows(c) + v - 1));
  }
}

/** Row u belongs to the bits of u·2^h, column v to those of v. */
function putBits<T>(lines: usize, bits: usize, c: u32): void {
  const rows = Line.rows(c);
  for (let i: u32 = 0; i < Line.count(c); i++) {
    const reference = load<u32>(lines + 4 * i),
      k: u32 = i < rows ? (i + 1) << Line.h(c) : i + 1 - rows;
    if (!reference) continue;
    for (let b: u32 = 0; b < c; b++) if ((k >> b) & 1) put<T>(reference, bits + 4 * b);
  }
}

/** Σ 2^i·topᵢ. */
function chain<T>(tops: usize, count: u32, out: usize): u32 {
  infinity<T>(SUM);
  for (let i = <i32>count - 1; i >= 0; i--) {
    addComplete<T>(SUM, SUM, SUM);
    const point = load<u32>(tops + 4 * i);
    if (!point) continue;
    fromAffine<T>(TERM, point, point);
    addComplete<T>(SUM, SUM, TERM);
  }
  return affineWords<T>(out, SUM);
}
const SUM: usize = memory.data(480, 16);
const TERM: usize = memory.data(480, 16);

/** The coordinates of the first lane's point, 32 bytes little-endian each; 0 if it is infinity. */
export function affineWords<T>(out: usize, p: usize): u32 {
  const n = Co.lanes<T>();
  if (zeros<T>(p + 2 * n) & 1) return 0;
  invert<T>(INVERSE, p + 2 * n);
  mul2<T>(AFFINE, p, INVERSE, AFFINE + n, p + n, INVERSE);
  for (let k: usize = 0; k < 2 * n; k += 80, out += 32) plainWords(out, AFFINE + k);
  return 1;
}
const INVERSE: usize = memory.data(160, 16);
const AFFINE: usize = memory.data(320, 16);

function plainWords(out: usize, a: usize): void {
  field.mul(PLAIN, a, Constant.plainOne(FQ), FQ);
  field.scatter(PLAIN + 80, PLAIN + 80 + EL, PLAIN);
  field.toWords(out, PLAIN + 80, FQ);
}
const PLAIN: usize = memory.data(160, 16);
