/** What the loader calls: see kernels.ts for the meaning of each. */
import { alloc, mark, release } from './arena.ts';
import { edwards, edwardsSums } from './babyjub.ts';
import { loadBases } from './bases.ts';
import { initBatchAdd } from './batch-add.ts';
import { tripleB } from './complete.ts';
import * as field from './field.ts';
import { fq, fr } from './field.ts';
import { finalPower } from './final-power.ts';
import { split } from './lattice.ts';
import { millerProduct } from './miller.ts';
import { msm } from './msm.ts';
import { addTwoMultiples } from './multiple.ts';
import { poseidon } from './poseidon.ts';
import { halvesToCoset, loadTimes, loadWords, products, quotientScalars, toCoset } from './quotient.ts';
import { countRows, evaluateRows, fillRows } from './rows.ts';
import { cosetPowers, powersOf } from './transform.ts';

export {
  alloc,
  cosetPowers,
  countRows,
  edwards,
  edwardsSums,
  evaluateRows,
  fillRows,
  finalPower,
  fq,
  fr,
  halvesToCoset,
  loadTimes,
  loadWords,
  mark,
  millerProduct,
  poseidon,
  powersOf,
  products,
  quotientScalars,
  release,
  split,
  toCoset,
  tripleB,
};

/** Room that every computation shares; after the constants are written. */
export function init(): void {
  initBatchAdd();
}

export function loadBasesG1(
  points: usize,
  indexes: usize,
  words: usize,
  n: u32,
  first: u32,
  beta: usize,
  b: usize,
): i32 {
  return loadBases<u32>(points, indexes, words, n, first, beta, b);
}
export function loadBasesG2(
  points: usize,
  indexes: usize,
  words: usize,
  n: u32,
  first: u32,
  beta: usize,
  b: usize,
): i32 {
  return loadBases<u64>(points, indexes, words, n, first, beta, b);
}
export function msmG1(
  points: usize,
  indexes: usize,
  count: u32,
  parts: usize,
  bits: u32,
  c: u32,
  out: usize,
): u32 {
  return msm<u32>(points, indexes, count, parts, bits, c, out);
}
export function msmG2(
  points: usize,
  indexes: usize,
  count: u32,
  parts: usize,
  bits: u32,
  c: u32,
  out: usize,
): u32 {
  return msm<u64>(points, indexes, count, parts, bits, c, out);
}

/** For the self-test: r = a·b, s = c·d and r = a² of two lanes; canonical words of a stored element. */
export function product(r: usize, a: usize, b: usize, s: usize, c: usize, d: usize, f: usize): void {
  field.mul2(r, a, b, s, c, d, f);
}
export function squares(r: usize, a: usize, s: usize, c: usize, f: usize): void {
  field.sqr2(r, a, s, c, f);
}
export function inverses(r: usize, a: usize, f: usize): void {
  field.invert(r, a, f);
}
export function productFq2(r: usize, a: usize, b: usize): void {
  field.mulFq2(r, a, b);
}
export function reduceLanes(r: usize, f: usize): void {
  field.reduce(r, f);
}
export function gatherLanes(r: usize, p: usize, q: usize): void {
  field.gather(r, p, q);
}
export function scatterLanes(p: usize, q: usize, a: usize): void {
  field.scatter(p, q, a);
}
export function words(to: usize, a: usize, f: usize): void {
  field.toWords(to, a, f);
}
/** Of two affine points in snarkjs' form and two scalars: the words of [s]P + [t]Q; 0 if it is infinity. */
export function twoTimes(out: usize, points: usize, scalars: usize): u32 {
  return addTwoMultiples(out, points, scalars);
}
