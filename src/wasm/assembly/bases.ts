/**
 * Bases of a multi-scalar multiplication, from affine points in snarkjs' form: coordinates times 2^256, little-endian,
 * zeros for infinity. Infinite ones are left out; each other one is followed by its image (βx, y).
 */
import { Co, gather, mul, mul2, reduce, sub, zeros } from './coordinate.ts';
import * as field from './field.ts';
import { Constant, EL, FQ } from './field.ts';

const X: usize = memory.data(160, 16);
const Y: usize = memory.data(160, 16);
const Z: usize = memory.data(160, 16);
const W: usize = memory.data(160, 16);

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
    const to = points + 2 * kept * size;
    for (let k: usize = 0; k < bytes; k += 32) if (!isBelow(words + k)) return -1 - <i32>i;
    for (let k: usize = 0, at = to; k < bytes; k += 64, at += 2 * EL) loadTwo(at, words + k);
    if (Co.isG2<T>() ? !imageG2(to, beta, b) : !imageG1(to, beta, b)) return -1 - <i32>i;
    store<u32>(indexes + 4 * kept, first + i);
    kept++;
  }
  return kept;
}

/** Two stored elements of 64 bytes. */
function loadTwo(to: usize, words: usize): void {
  field.fromWords(STORED, words);
  field.fromWords(STORED + EL, words + 32);
  field.gather(X, STORED, STORED + EL);
  field.mul(X, X, Constant.fromStock(FQ), FQ);
  field.reduce(X, FQ);
  field.scatter(to, to + EL, X);
}
const STORED: usize = memory.data(160, 16);

/** Writes the image of a stored point behind it; false if y² is not x³ + b. x and y are lanes of one product, as are x³ and βx. */
function imageG1(to: usize, beta: usize, b: usize): bool {
  const image = to + 2 * EL;
  field.gather(X, to, to + EL);
  field.mul(X, X, X, FQ);
  field.scatter(STORED, STORED + EL, X);
  field.scatter(STORED + 2 * EL, STORED + 3 * EL, beta);
  field.gather(X, STORED, to);
  field.gather(Y, to, STORED + 2 * EL);
  field.mul(Z, X, Y, FQ);
  field.reduce(Z, FQ);
  field.scatter(STORED, image, Z);
  memory.copy(image + EL, to + EL, EL);
  field.differences(X, STORED, STORED, STORED + EL, STORED + EL);
  field.sub(X, X, b);
  field.reduce(X, FQ);
  return field.zeros(X) !== 0;
}

function imageG2(to: usize, beta: usize, b: usize): bool {
  gather<u64>(X, to, to);
  gather<u64>(Y, to + 2 * EL, to + 2 * EL);
  mul2<u64>(Z, X, X, W, Y, Y);
  reduce<u64>(Z);
  mul<u64>(Z, Z, X);
  sub<u64>(W, W, Z);
  sub<u64>(W, W, b);
  reduce<u64>(W);
  if (!zeros<u64>(W)) return false;
  // The two parts of x are lanes of one product.
  const image = to + 4 * EL;
  field.gather(X, to, to + EL);
  field.mul(X, X, beta, FQ);
  field.reduce(X, FQ);
  field.scatter(image, image + EL, X);
  memory.copy(image + 2 * EL, to + 2 * EL, 2 * EL);
  return true;
}

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
