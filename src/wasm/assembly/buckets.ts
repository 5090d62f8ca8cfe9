/**
 * Sums of points by buckets. A bucket is the address of a reference: the point that waits there, or 0. A second point
 * that comes makes a pair of batch-add.ts with it, and their sum, when it is made, comes to the same bucket. Sums are
 * written one behind the other and read in that order, so only the first point of a pair lies anywhere.
 */

import { enqueue, flush, pairsWaiting } from './batch-add.ts';
import { Co } from './coordinate.ts';
import * as field from './field.ts';
import { EL } from './field.ts';

/** The sums, and of each its bucket, or 0 if it is infinity. */
let sums: usize = 0;
let owners: usize = 0;
/** Sums that have come to their buckets, and sums asked for. */
let head: u32 = 0;
let tail: u32 = 0;

/** Bytes for the sums of so many points. */
export function roomForSums<T>(points: u32): usize {
  return points * (Co.point<T>() + 4) + 64;
}

/** Begins with no sums. @param room of `roomForSums`, for all points that will be put */
export function beginSums<T>(room: usize, points: u32): void {
  sums = room;
  owners = room + ((points * Co.point<T>() + 15) & ~15);
  head = 0;
  tail = 0;
}

/** A point comes to a bucket. */
export function put<T>(reference: u32, bucket: usize): void {
  join<T>(reference, bucket);
  advance<T>();
}

/** Afterwards each bucket has the sum of what was put there, or 0. */
export function settle<T>(): void {
  for (flush<T>(); head < tail; flush<T>()) advance<T>();
}

function advance<T>(): void {
  for (; head < tail - pairsWaiting; head++) {
    const bucket = load<u32>(owners + (head << 2));
    if (bucket) join<T>(<u32>(sums + head * Co.point<T>()), bucket);
  }
}

function join<T>(reference: u32, bucket: usize): void {
  const first = load<u32>(bucket);
  if (!first) {
    store<u32>(bucket, reference);
    return;
  }
  store<u32>(bucket, 0);
  const owner = owners + (tail << 2);
  store<u32>(owner, <u32>bucket);
  enqueue<T>(first, reference, sums + tail++ * Co.point<T>(), owner);
}

/** The point of a reference, its sign carried out. */
export function copySigned<T>(target: usize, reference: u32): void {
  const from = <usize>(reference & ~1),
    half = Co.stored<T>();
  for (let k: usize = 0; k < half; k += 8) store<u64>(target + k, load<u64>(from + k));
  for (let k: usize = half; k < 2 * half; k += EL) {
    field.gather(ROW, from + k, from + k);
    field.signs(ROW, reference & 1, reference & 1);
    field.scatter(target + k, target + k, ROW);
  }
}
const ROW: usize = memory.data(80, 16);
