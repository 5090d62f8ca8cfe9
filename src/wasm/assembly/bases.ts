/**
 * Bases of a multi-scalar multiplication, from affine points in snarkjs' form: coordinates times 2^256, little-endian,
 * zeros for infinity. Infinite ones are left out; each other one is followed by its image (βx, y).
 */
import { Co, gather, mul, mul2, reduce, sub, zeros } from './coordinate.ts';
import * as field from './field.ts';
import { Constant, EL, FE, FQ } from './field.ts';

const X: usize = memory.data(160, 16);
const Y: usize = memory.data(160, 16);
const Z: usize = memory.data(160, 16);
const IMAGE: usize = memory.data(160, 16);

/**
 * @param indexes of the scalar of each point kept: base i has scalar first + i
 * @param b       two lanes of the curve's constant
 * @returns       how many are kept, or −1 − i if base i has a coordinate ≥ q or is not on the curve
 */
export function loadBases<T>(
  points: usize,
  indexes: usize,
  words: usize,
  n: u32,
  first: u32,
  beta: usize,
  b: usize,
): i32 {
  const bytes: usize = Co.isG2<T>() ? 128 : 64,
    size = Co.point<T>();
  let kept: u32 = 0;
  for (let i: u32 = 0; i < n; i++, words += bytes) {
    if (isZero(words, bytes)) continue;
    const to = points + 2 * kept * size,
      coordinate = Co.stored<T>();
    for (let k: usize = 0; k < bytes; k += 32) if (!isBelow(words + k)) return -1 - <i32>i;
    for (let k: usize = 0, at = to; k < bytes; k += 32, at += EL) loadOne(at, words + k);
    gather<T>(X, to, to);
    gather<T>(Y, to + coordinate, to + coordinate);
    mul2<T>(Z, X, X, IMAGE, Y, Y);
    reduce<T>(Z);
    mul<T>(Z, Z, X);
    sub<T>(IMAGE, IMAGE, Z);
    sub<T>(IMAGE, IMAGE, b);
    reduce<T>(IMAGE);
    if (!zeros<T>(IMAGE)) return -1 - <i32>i;
    memory.copy(to + size, to, size);
    for (let k: usize = 0; k < Co.lanes<T>(); k += FE) {
      field.mul(IMAGE, X + k, beta, FQ);
      field.reduce(IMAGE, FQ);
      field.scatter(to + size + (k >> 1), to + size + (k >> 1), IMAGE);
    }
    store<u32>(indexes + 4 * kept, first + i);
    kept++;
  }
  return kept;
}

function loadOne(to: usize, words: usize): void {
  field.fromWords(STORED, words);
  field.gather(IMAGE, STORED, STORED);
  field.mul(IMAGE, IMAGE, Constant.fromStock(FQ), FQ);
  field.reduce(IMAGE, FQ);
  field.scatter(to, to, IMAGE);
}
const STORED: usize = memory.data(40, 16);

function isZero(words: usize, bytes: usize): bool {
  let all: u64 = 0;
  for (let k: usize = 0; k < bytes; k += 8) all |= load<u64>(words + k);
  return all === 0;
}

/** Whether 32 bytes are a number below q. */
function isBelow(words: usize): bool {
  for (let k: i32 = 24; k >= 0; k -= 8) {
    const x = load<u64>(words + k),
      p = load<u64>(Constant.words(FQ) + k);
    if (x !== p) return x < p;
  }
  return false;
}
