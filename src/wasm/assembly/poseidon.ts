/**
 * Poseidon over F_r with circomlib's parameters, two hashes at a time: x⁵, four full rounds, partial ones, four full ones,
 * each after its constants and before its matrix. The matrices of the partial rounds are the same function in another form:
 * all but the last have one row, one column and ones on the diagonal (poseidon-table.ts).
 *
 * `table`, written by the loader: width t and number of partial rounds (two words of 32 bits, 16 bytes), where the columns of
 * t products begin (160 bytes), then 80 bytes a number: the constants of round after round, the full matrix by rows, of each
 * partial round but the last its first row and the rest of its first column, the matrix of the last one by rows.
 * @see Grassi, Khovratovich, Rechberger, Roy, Schofnegger, "Poseidon", USENIX Security '21, appendix B
 */
import * as field from './field.ts';
import { Constant, copy, EL, FE, FR } from './field.ts';

const MAX_WIDTH: usize = 8;
const STATE: usize = memory.data(640, 16);
const NEXT: usize = memory.data(640, 16);
const SQUARE: usize = memory.data(80, 16);
const SQUARE_2: usize = memory.data(80, 16);
const STORED: usize = memory.data(80, 16);
const SPARE: usize = memory.data(80, 16);

/**
 * @param out    `outputs` numbers a hash, 32 bytes little-endian each
 * @param inputs t − 1 numbers a hash, likewise; the state's first word is 0
 */
export function poseidon(out: usize, outputs: u32, inputs: usize, n: u32, table: usize): void {
  const t = load<u32>(table);
  if (t > <u32>MAX_WIDTH) return;
  for (let i: u32 = 0; i < n; i += 2) {
    // The last of an odd number is computed twice.
    const other = i + 1 < n ? i + 1 : i;
    memory.fill(STATE, 0, FE);
    for (let k: u32 = 1; k < t; k++) {
      field.fromWords(STORED, inputs + 32 * (i * (t - 1) + k - 1));
      field.fromWords(STORED + EL, inputs + 32 * (other * (t - 1) + k - 1));
      field.gather(STATE + k * FE, STORED, STORED + EL);
      field.mul(STATE + k * FE, STATE + k * FE, Constant.squareOfR(FR), FR);
    }
    permute(t, load<u32>(table, 4), table + 16);
    for (let k: u32 = 0; k < outputs; k++) {
      field.mul(SQUARE, STATE + k * FE, Constant.plainOne(FR), FR);
      field.scatter(STORED, STORED + EL, SQUARE);
      field.toWords(out + 32 * (i * outputs + k), STORED, FR);
      field.toWords(out + 32 * (other * outputs + k), STORED + EL, FR);
    }
  }
}

function permute(t: u32, partial: u32, table: usize): void {
  const constants = table + 160,
    rounds = partial + 8,
    matrix = constants + rounds * t * FE,
    last = matrix + (t * t + (partial - 1) * (2 * t - 1)) * FE;
  let sparse = matrix + t * t * FE;
  for (let round: u32 = 0; round < rounds; round++) {
    for (let k: u32 = 0; k < t; k++) {
      const word = STATE + k * FE;
      field.add(word, word, constants + (round * t + k) * FE);
      field.reduce(word, FR);
    }
    if (round < 4 || round >= partial + 4) {
      for (let k: u32 = 0; k < t; k += 2) {
        if (k + 1 < t) fifthPowers(STATE + k * FE, STATE + (k + 1) * FE);
        else fifthPowers(STATE + k * FE, SPARE);
      }
      multiply(t, matrix, table);
      continue;
    }
    field.mul(SQUARE, STATE, STATE, FR);
    field.mul(SQUARE, SQUARE, SQUARE, FR);
    field.mul(STATE, STATE, SQUARE, FR);
    if (round === partial + 3) multiply(t, last, table);
    else {
      multiplySparse(t, sparse, table);
      sparse += (2 * t - 1) * FE;
    }
  }
}

function multiply(t: u32, matrix: usize, start: usize): void {
  for (let k: u32 = 0; k < t; k++) field.dot(NEXT + k * FE, STATE, matrix + k * t * FE, t, start, FR);
  for (let k: u32 = 0; k < t; k++) copy(STATE + k * FE, NEXT + k * FE);
}

/** First word: the row times the state; each other one: plus the first times its number of the column. */
function multiplySparse(t: u32, row: usize, start: usize): void {
  const column = row + t * FE;
  field.dot(NEXT, STATE, row, t, start, FR);
  for (let k: u32 = 1; k < t; k += 2) {
    const word = STATE + k * FE,
      factor = column + (k - 1) * FE;
    field.mul2(SQUARE, STATE, factor, SQUARE_2, STATE, k + 1 < t ? factor + FE : factor, FR);
    field.add(word, word, SQUARE);
    if (k + 1 < t) field.add(word + FE, word + FE, SQUARE_2);
  }
  copy(STATE, NEXT);
}

function fifthPowers(a: usize, b: usize): void {
  field.sqr2(SQUARE, a, SQUARE_2, b, FR);
  field.sqr2(SQUARE, SQUARE, SQUARE_2, SQUARE_2, FR);
  field.mul2(a, a, SQUARE, b, b, SQUARE_2, FR);
}
