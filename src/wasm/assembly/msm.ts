/**
 * Σ kᵢ·Pᵢ by buckets (Pippenger) over the parts of scalars that an endomorphism splits: each base has `images`
 * Pᵢ, φ(Pᵢ), …, each scalar as many parts of half (a quarter) of its length.
 *
 * Parts are cut into windows of c bits with digits −2^(c−1) … 2^(c−1) − 1: with Σ 2^(c−1)·2^(cj) added to the part, digit
 * j is the j-th window less 2^(c−1), without carries. Buckets k = u·2^h + v, 1 ≤ k ≤ 2^(c−1), are summed over rows u and
 * columns v, these over the bits of u and v: what is left are c points a window, point b of window w at 2^(cw + b), and
 * one chain of doublings. All sums but that chain share inversions.
 * @see Bernstein, Doumen, Lange, Oosterwijk, "Faster batch forgery identification", INDOCRYPT 2012, §4, for signed
 *      digits in buckets; batch-add.ts and lattice.ts for the rest
 */
import { mark, need, release } from './arena.ts';
import { sumGroups } from './buckets.ts';
import { addComplete, fromAffine, infinity } from './complete.ts';
import { Co, invert, mul2, zeros } from './coordinate.ts';
import * as field from './field.ts';
import { Constant, EL, FQ } from './field.ts';

/** Bytes of a part: 160 bits in two's complement. */
const PART: usize = 20;
/** References that are bucketed at once, about: their sums stay in a core's own cache. */
const REFERENCES: u32 = 32768;

/** Writes the coordinates of the sum, 32 bytes little-endian each; answers 0 if it is infinity. */
export function msm<T>(
  points: usize,
  indexes: usize,
  count: u32,
  images: u32,
  parts: usize,
  bits: u32,
  c: u32,
  out: usize,
): u32 {
  const from = mark(),
    windows = (bits + c) / c,
    items = count * images,
    half: u32 = 1 << (c - 1);
  const shifted = shiftParts(indexes, count, images, parts, windows, c);
  const refs = need(4 * windows * half),
    sums = need(windows * half * Co.point<T>());
  bucketSums<T>(points, shifted, items, windows, c, refs, sums);
  const result = combine<T>(refs, windows, c, out);
  release(from);
  return result;
}

/** The parts of the scalars in use, in the order of the bases, so that no digit needs a carry. */
function shiftParts(indexes: usize, count: u32, images: u32, parts: usize, windows: u32, c: u32): usize {
  const bytes = images * PART,
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

/** Of window w and bucket k at w·2^(c−1) + k − 1: the sum as a point, and its reference or 0. */
function bucketSums<T>(
  points: usize,
  shifted: usize,
  items: u32,
  windows: u32,
  c: u32,
  sumRefs: usize,
  sums: usize,
): void {
  const from = mark(),
    half: u32 = 1 << (c - 1),
    size = Co.point<T>();
  let together = REFERENCES / (items + 1);
  together = together < 1 ? 1 : together > windows ? windows : together;
  const groups = together * half,
    refs = need(4 * together * items + 8),
    digits = need(4 * items),
    starts = need(4 * groups + 8),
    next = need(4 * groups + 8),
    even = need(((together * items) / 2 + groups + 1) * size),
    odd = need(((together * items) / 4 + groups + 1) * size);
  for (let first: u32 = 0; first < windows; first += together) {
    const now = min(together, windows - first);
    let at: u32 = 0;
    for (let w: u32 = 0; w < now; w++) {
      const own = starts + 4 * w * half;
      countDigits(shifted, items, (first + w) * c, half, digits, next);
      for (let b: u32 = 0; b < half; b++) {
        const n = load<u32>(next + 4 * b);
        store<u32>(own + 4 * b, at);
        store<u32>(next + 4 * b, at);
        at += n;
      }
      for (let i: u32 = 0; i < items; i++) {
        const d = load<i32>(digits + 4 * i);
        if (d === 0) continue;
        const slot = next + 4 * (abs(d) - 1),
          to = load<u32>(slot);
        store<u32>(slot, to + 1);
        store<u32>(refs + 4 * to, <u32>(points + i * size) | u32(d < 0));
      }
    }
    store<u32>(starts + 4 * now * half, at);
    sumGroups<T>(refs, starts, now * half, even, odd);
    for (let g: u32 = 0; g < now * half; g++) {
      const begin = load<u32>(starts + 4 * g),
        bucket = first * half + g,
        sum = sums + bucket * size;
      if (load<u32>(starts + 4 * g, 4) > begin) {
        memory.copy(sum, load<u32>(refs + 4 * begin), size);
        store<u32>(sumRefs + 4 * bucket, <u32>sum);
      } else store<u32>(sumRefs + 4 * bucket, 0);
    }
  }
  release(from);
}

function countDigits(shifted: usize, items: u32, bit: u32, half: u32, digits: usize, counts: usize): void {
  memory.fill(counts, 0, 4 * half);
  const mask = 2 * half - 1,
    shift = bit & 7;
  let at = shifted + (bit >> 3);
  for (let i: u32 = 0; i < items; i++, at += PART) {
    const d = <i32>((load<u32>(at) >> shift) & mask) - <i32>half;
    store<i32>(digits + 4 * i, d);
    if (d !== 0) {
      const slot = counts + 4 * (abs(d) - 1);
      store<u32>(slot, load<u32>(slot) + 1);
    }
  }
}

/** Rows and columns, their bits, then the chain. */
function combine<T>(buckets: usize, windows: u32, c: u32, out: usize): u32 {
  const half: u32 = 1 << (c - 1),
    h = (c - 1) >> 1,
    columns: u32 = 1 << h,
    rows = half >> h,
    lines = rows + columns - 1,
    size = Co.point<T>();
  const refs = need(8 * windows * half),
    starts = need(4 * windows * lines + 8);
  let to: u32 = 0,
    g: u32 = 0;
  for (let w: u32 = 0; w < windows; w++) {
    const own = buckets + 4 * (w * half - 1);
    for (let u: u32 = 1; u <= rows; u++) {
      store<u32>(starts + 4 * g++, to);
      for (let v: u32 = 0; v < columns; v++) to = take(refs, to, own, u * columns + v, half);
    }
    for (let v: u32 = 1; v < columns; v++) {
      store<u32>(starts + 4 * g++, to);
      for (let u: u32 = 0; u <= rows; u++) to = take(refs, to, own, u * columns + v, half);
    }
  }
  store<u32>(starts + 4 * g, to);
  sumGroups<T>(refs, starts, g, need((to / 2 + g + 1) * size), need((to / 4 + g + 1) * size));
  return chain<T>(refs, starts, windows, c, out);
}

/** Appends bucket k's reference if there is such a bucket and it is not empty. */
function take(refs: usize, to: u32, buckets: usize, k: u32, half: u32): u32 {
  if (k > half) return to;
  const reference = load<u32>(buckets + 4 * k);
  if (!reference) return to;
  store<u32>(refs + 4 * to, reference);
  return to + 1;
}

function chain<T>(lineRefs: usize, lineStarts: usize, windows: u32, c: u32, out: usize): u32 {
  const h = (c - 1) >> 1,
    columns: u32 = 1 << h,
    rows: u32 = 1 << (c - 1 - h),
    lines = rows + columns - 1,
    size = Co.point<T>();
  const refs = need(4 * windows * (rows + columns) * c),
    starts = need(4 * windows * c + 8);
  let to: u32 = 0;
  for (let w: u32 = 0; w < windows; w++)
    for (let b: u32 = 0; b < c; b++) {
      store<u32>(starts + 4 * (w * c + b), to);
      const isRow = b >= h,
        bit: u32 = isRow ? b - h : b,
        last = isRow ? rows : columns - 1,
        first = w * lines + (isRow ? 0 : rows);
      for (let k: u32 = 1; k <= last; k++) {
        const line = lineStarts + 4 * (first + k - 1),
          begin = load<u32>(line);
        if (((k >> bit) & 1) === 0 || load<u32>(line, 4) === begin) continue;
        store<u32>(refs + 4 * to++, load<u32>(lineRefs + 4 * begin));
      }
    }
  const groups = windows * c;
  store<u32>(starts + 4 * groups, to);
  sumGroups<T>(refs, starts, groups, need((to / 2 + groups + 1) * size), need((to / 4 + groups + 1) * size));
  infinity<T>(SUM);
  for (let g = <i32>groups - 1; g >= 0; g--) {
    addComplete<T>(SUM, SUM, SUM);
    const begin = load<u32>(starts + 4 * g);
    if (load<u32>(starts + 4 * g, 4) === begin) continue;
    const point = load<u32>(refs + 4 * begin);
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
