/**
 * The matrices A and B of a circuit by rows, from the entries of a snarkjs key, and their products with a witness. An
 * entry here is two lanes of factors (the k-th of a row of A, and of B; 0 for none) and two indexes of signals.
 */
import * as field from './field.ts';
import { EL, FE, FR } from './field.ts';

/** Bytes of an entry here, and of one in the file: matrix, row, signal and the value. */
const ENTRY: usize = 96;
const FILED: usize = 44;

const A: usize = memory.data(80, 16);
const B: usize = memory.data(80, 16);

/**
 * @param rows  gets where each row's entries begin, and the end
 * @param next  room for 2·n counts
 * @param file  entries inside the matrices
 * @returns     how many entries there will be
 */
export function countRows(rows: usize, next: usize, file: usize, count: u32, n: u32): u32 {
  memory.fill(next, 0, 8 * n);
  for (let i: u32 = 0; i < count; i++, file += FILED) {
    const slot = next + 8 * load<u32>(file, 4) + 4 * load<u32>(file);
    store<u32>(slot, load<u32>(slot) + 1);
  }
  let total: u32 = 0;
  for (let i: u32 = 0; i < n; i++) {
    store<u32>(rows + 4 * i, total);
    total += max(load<u32>(next + 8 * i), load<u32>(next + 8 * i, 4));
  }
  store<u32>(rows + 4 * n, total);
  return total;
}

/** @param factor two lanes, by which every value is multiplied */
export function fillRows(
  entries: usize,
  total: u32,
  rows: usize,
  next: usize,
  file: usize,
  count: u32,
  n: u32,
  factor: usize,
): void {
  memory.fill(next, 0, 8 * n);
  memory.fill(entries, 0, total * ENTRY);
  for (let i: u32 = 0; i < count; i += 2, file += 2 * FILED) {
    const other = i + 1 < count ? file + FILED : file;
    field.fromWords(STORED, file + 12);
    field.fromWords(STORED + EL, other + 12);
    field.gather(A, STORED, STORED + EL);
    field.mul(A, A, factor, FR);
    field.reduce(A, FR);
    field.scatter(STORED, STORED + EL, A);
    place(entries, rows, next, file, STORED);
    if (other !== file) place(entries, rows, next, other, STORED + EL);
  }
}
const STORED: usize = memory.data(80, 16);

function place(entries: usize, rows: usize, next: usize, file: usize, value: usize): void {
  const lane = load<u32>(file),
    row = load<u32>(file, 4),
    slot = next + 8 * row + 4 * lane,
    k = load<u32>(slot);
  store<u32>(slot, k + 1);
  const entry = entries + (load<u32>(rows + 4 * row) + k) * ENTRY;
  field.setLane(entry, lane, value);
  store<u32>(entry + 4 * lane, load<u32>(file, 8), 80);
}

/** A and B of a witness (stored elements) at each row. */
export function evaluateRows(x: usize, rows: usize, entries: usize, witness: usize, n: u32): void {
  for (let i: u32 = 0; i < n; i++, x += FE) {
    const end = load<u32>(rows + 4 * i, 4);
    let at = load<u32>(rows + 4 * i);
    memory.fill(x, 0, FE);
    for (; at + 1 < end; at += 2) {
      const e = entries + at * ENTRY;
      gatherSignals(A, e, witness);
      gatherSignals(B, e + ENTRY, witness);
      field.mul2(A, A, e, B, B, e + ENTRY, FR);
      field.add(A, A, B);
      field.add(x, x, A);
      field.reduce(x, FR);
    }
    if (at < end) {
      const e = entries + at * ENTRY;
      gatherSignals(A, e, witness);
      field.mul(A, A, e, FR);
      field.add(x, x, A);
      field.reduce(x, FR);
    }
  }
}

function gatherSignals(r: usize, entry: usize, witness: usize): void {
  field.gather(r, witness + EL * load<u32>(entry, 80), witness + EL * load<u32>(entry, 84));
}
