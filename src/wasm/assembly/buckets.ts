/**
 * Sums of groups of points by rounds of pairs: each round halves every group, and all pairs of a round share inversions.
 */

import { enqueue, flush, takeInfinities } from './batch-add.ts';
import { Co } from './coordinate.ts';
import * as field from './field.ts';
import { EL } from './field.ts';

/**
 * @param refs  references of all groups; afterwards refs[starts[g]] is the sum of group g
 * @param starts where each group begins, and the end; afterwards group g is empty or has one
 * @param even, odd room for half of all references and one a group; sums end in either
 */
export function sumGroups<T>(refs: usize, starts: usize, groups: u32, even: usize, odd: usize): void {
  for (;;) {
    let to: u32 = 0,
      isDone = true;
    for (let g: u32 = 0; g < groups; g++) {
      const end = load<u32>(starts + 4 * g, 4),
        begin = to;
      let from = load<u32>(starts + 4 * g);
      store<u32>(starts + 4 * g, begin);
      for (; from + 1 < end; from += 2, to++) {
        const target = even + to * Co.point<T>(),
          p = load<u32>(refs + 4 * from),
          q = load<u32>(refs + 4 * from, 4),
          reference = refs + 4 * to;
        store<u32>(reference, <u32>target);
        enqueue<T>(p, q, target, reference);
      }
      if (from < end) {
        const target = even + to * Co.point<T>();
        copySigned<T>(target, load<u32>(refs + 4 * from));
        store<u32>(refs + 4 * to, <u32>target);
        to++;
      }
      if (to - begin > 1) isDone = false;
    }
    store<u32>(starts + 4 * groups, to);
    flush<T>();
    if (takeInfinities()) isDone = dropInfinities(refs, starts, groups);
    if (isDone) return;
    const other = odd;
    odd = even;
    even = other;
  }
}

function dropInfinities(refs: usize, starts: usize, groups: u32): bool {
  let to: u32 = 0,
    isDone = true;
  for (let g: u32 = 0; g < groups; g++) {
    const end = load<u32>(starts + 4 * g, 4),
      begin = to;
    let from = load<u32>(starts + 4 * g);
    store<u32>(starts + 4 * g, begin);
    for (; from < end; from++) {
      const reference = load<u32>(refs + 4 * from);
      if (reference) store<u32>(refs + 4 * to++, reference);
    }
    if (to - begin > 1) isDone = false;
  }
  store<u32>(starts + 4 * groups, to);
  return isDone;
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
