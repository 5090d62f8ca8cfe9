/**
 * Sums of multiples of points of BabyJubJub, many at a time, by the complete addition of a twisted Edwards curve: right for
 * every point, in or out of the subgroup. x is scaled by √168700, so that the curve is x² + y² = 1 + d·x²y².
 *
 * A sum of m terms goes through windows of four bits: the same steps whatever the scalars; which entries of a table are
 * read depends on them, so whoever shares a core's caches could learn of a secret one.
 * @see Hisil, Wong, Carter, Dawson, "Twisted Edwards curves revisited", ASIACRYPT 2008, §3.1 and §4.3
 */
import { mark, need, release } from './arena.ts';
import * as field from './field.ts';
import { Constant, copy, EL, FE, FR } from './field.ts';

/** Two lanes each, written by the loader: √a, 1/√a, d. */
const CURVE: usize = memory.data(240, 16);
export function edwards(): usize {
  return CURVE;
}

/** X : Y : Z : T of two lanes, T = XY/Z. */
const POINT: usize = 320;
const STORED_POINT: usize = 160;
const SUM: usize = memory.data(320, 16);
const TERM: usize = memory.data(320, 16);
const BASE: usize = memory.data(320, 16);
const A: usize = memory.data(80, 16);
const B: usize = memory.data(80, 16);
const C: usize = memory.data(80, 16);
const D: usize = memory.data(80, 16);
const E: usize = memory.data(80, 16);
const F: usize = memory.data(80, 16);
const G: usize = memory.data(80, 16);
const STORED: usize = memory.data(160, 16);

/**
 * Σⱼ kᵢⱼ·Pᵢⱼ of each of n rows of m terms.
 * @param out     x ‖ y of each row, 32 bytes little-endian each
 * @param points  x ‖ y of each term, row by row, likewise; each on the curve
 * @param scalars 32 bytes little-endian a term, below 2^bits
 * @param isOneRow whether all rows have the scalars of the first
 */
export function edwardsSums(
  out: usize,
  points: usize,
  scalars: usize,
  n: u32,
  m: u32,
  bits: u32,
  isOneRow: u32,
): void {
  const from = mark(),
    tables = need(2 * 16 * m * STORED_POINT),
    even = n + (n & 1),
    results = need(even * STORED_POINT);
  for (let i: u32 = 0; i < n; i += 2) {
    const other = i + 1 < n ? i + 1 : i;
    for (let j: u32 = 0; j < m; j++) {
      readPoint(BASE, points + 64 * (i * m + j), points + 64 * (other * m + j));
      fillTable(tables + 2 * 16 * j * STORED_POINT);
    }
    const first = scalars + (isOneRow ? 0 : 32 * i * m),
      second = scalars + (isOneRow ? 0 : 32 * other * m);
    setIdentity(SUM);
    for (let window = <i32>((bits + 3) / 4) - 1; window >= 0; window--) {
      for (let k = 0; k < 4; k++) double();
      for (let j: u32 = 0; j < m; j++) {
        choose(
          tables + 2 * 16 * j * STORED_POINT,
          digit(first + 32 * j, window),
          digit(second + 32 * j, window),
        );
        addTerm();
      }
    }
    for (let k: usize = 0; k < 3; k++)
      field.scatter(
        results + i * STORED_POINT + k * EL,
        results + (i + 1) * STORED_POINT + k * EL,
        SUM + k * FE,
      );
  }
  writeAffine(out, results, n, even);
  release(from);
}

function digit(scalar: usize, window: i32): u32 {
  const byte = <u32>load<u8>(scalar + (window >> 1));
  return window & 1 ? byte >> 4 : byte & 15;
}

function readPoint(r: usize, p: usize, q: usize): void {
  for (let k: usize = 0; k < 2; k++) {
    field.fromWords(STORED, p + 32 * k);
    field.fromWords(STORED + EL, q + 32 * k);
    field.gather(r + k * FE, STORED, STORED + EL);
    field.mul(r + k * FE, r + k * FE, Constant.squareOfR(FR), FR);
  }
  field.mul(r, r, CURVE, FR);
  copy(r + 2 * FE, Constant.one(FR));
  field.mul(r + 3 * FE, r, r + FE, FR);
  for (let k: usize = 0; k < 4; k++) field.reduce(r + k * FE, FR);
}

function setIdentity(r: usize): void {
  memory.fill(r, 0, POINT);
  copy(r + FE, Constant.one(FR));
  copy(r + 2 * FE, Constant.one(FR));
}

/** Multiples 0 … 15 of BASE: of the first lanes, then of the second ones; T times d, as additions take it. */
function fillTable(table: usize): void {
  setIdentity(SUM);
  storeEntry(table, 0, SUM);
  copyPoint(SUM, BASE);
  storeEntry(table, 1, SUM);
  copyPoint(TERM, BASE);
  field.mul(TERM + 3 * FE, TERM + 3 * FE, CURVE + 2 * FE, FR);
  for (let k: usize = 2; k < 16; k++) {
    addTerm();
    storeEntry(table, k, SUM);
  }
}

function copyPoint(to: usize, from: usize): void {
  for (let k: usize = 0; k < POINT; k += FE) copy(to + k, from + k);
}

function storeEntry(table: usize, k: usize, p: usize): void {
  const first = table + k * STORED_POINT,
    second = first + 16 * STORED_POINT;
  for (let c: usize = 0; c < 3; c++) field.scatter(first + c * EL, second + c * EL, p + c * FE);
  field.mul(A, p + 3 * FE, CURVE + 2 * FE, FR);
  field.scatter(first + 3 * EL, second + 3 * EL, A);
}

/** TERM = (entry s of the first lane, entry t of the second). */
function choose(table: usize, s: u32, t: u32): void {
  const p = table + s * STORED_POINT,
    q = table + (16 + t) * STORED_POINT;
  for (let k: usize = 0; k < 4; k++) field.gather(TERM + k * FE, p + k * EL, q + k * EL);
}

/** SUM += TERM, whose T is times d. */
function addTerm(): void {
  field.mul2(A, SUM, TERM, B, SUM + FE, TERM + FE, FR);
  field.mul2(C, SUM + 3 * FE, TERM + 3 * FE, D, SUM + 2 * FE, TERM + 2 * FE, FR);
  field.add(E, SUM, SUM + FE);
  field.add(F, TERM, TERM + FE);
  field.reduce(E, FR);
  field.reduce(F, FR);
  field.mul(E, E, F, FR);
  field.sub(E, E, A);
  field.sub(E, E, B);
  field.reduce(E, FR);
  field.sub(F, D, C);
  field.add(G, D, C);
  field.sub(D, B, A);
  field.reduce(F, FR);
  field.reduce(G, FR);
  field.reduce(D, FR);
  products();
}

/** SUM = 2·SUM. */
function double(): void {
  field.sqr2(A, SUM, B, SUM + FE, FR);
  field.add(E, SUM, SUM + FE);
  field.reduce(E, FR);
  field.sqr2(C, SUM + 2 * FE, E, E, FR);
  field.add(G, A, B);
  field.sub(E, E, G);
  field.add(C, C, C);
  field.sub(D, A, B);
  field.reduce(E, FR);
  field.reduce(G, FR);
  field.sub(F, G, C);
  field.reduce(F, FR);
  field.reduce(D, FR);
  products();
}

/** X = EF, Y = GD, Z = FG, T = ED. */
function products(): void {
  field.mul2(SUM, E, F, SUM + FE, G, D, FR);
  field.mul2(SUM + 2 * FE, F, G, SUM + 3 * FE, E, D, FR);
}

/** Affine coordinates by one inversion (Montgomery's trick), two lanes at a time; Z is never 0 on a complete curve. */
function writeAffine(out: usize, results: usize, n: u32, even: u32): void {
  const prefixes = need((even / 2 + 1) * FE);
  copy(prefixes, Constant.one(FR));
  for (let i: u32 = 0; i < even; i += 2) {
    const p = results + i * STORED_POINT,
      e = prefixes + (i >> 1) * FE;
    field.gather(A, p + 2 * EL, p + STORED_POINT + 2 * EL);
    field.mul(e + FE, e, A, FR);
  }
  field.invert(E, prefixes + (even >> 1) * FE, FR);
  for (let i = <i32>even - 2; i >= 0; i -= 2) {
    const p = results + i * STORED_POINT,
      q = p + STORED_POINT;
    field.gather(A, p + 2 * EL, q + 2 * EL);
    field.mul2(B, E, prefixes + (i >> 1) * FE, E, E, A, FR);
    field.gather(C, p, q);
    field.gather(D, p + EL, q + EL);
    field.mul2(C, C, B, D, D, B, FR);
    field.mul(C, C, CURVE + FE, FR);
    write(out + 64 * i, C, i + 1 < <i32>n);
    write(out + 64 * i + 32, D, i + 1 < <i32>n);
  }
}

function write(to: usize, a: usize, isPair: bool): void {
  field.mul(G, a, Constant.plainOne(FR), FR);
  field.scatter(STORED, STORED + EL, G);
  field.toWords(to, STORED, FR);
  if (isPair) field.toWords(to + 64, STORED + EL, FR);
}
