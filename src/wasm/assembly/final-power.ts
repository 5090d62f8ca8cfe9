/**
 * The final exponentiation of a pairing over BN254, f^(c·(q¹² − 1)/r) with c prime to r, of two lanes.
 * @see Fuentes-Castañeda, Knapp, Rodríguez-Henríquez, "Faster hashing to G2", SAC 2011, §5.1: the exponent's hard part
 *      by three powers of u, and the order of the products
 */
import * as field from './field.ts';
import { EL, FE, FQ } from './field.ts';
import { F2, F6, F12, invert12, mul2, mul12, square12 } from './tower.ts';

/** r = f^(q^6), the conjugate: 1/f where f^(q^6 + 1) = 1. r may be f. */
function conjugate(r: usize, f: usize): void {
  memory.copy(r, f, F12);
  for (let k: usize = F6; k < F12; k += FE) field.signs(r + k, 1, 1);
}

/** r = f^q; r may be f. @param powers ξ^(i(q−1)/6), i = 1 … 5, F_q² in two lanes each */
function frobenius(r: usize, f: usize, powers: usize): void {
  memory.copy(r, f, F12);
  for (let i: usize = 0; i < 6; i++) {
    // The coefficient of wⁱ.
    const c = r + (i & 1) * F6 + (i >> 1) * F2;
    field.signs(c + FE, 1, 1);
    if (i > 0) mul2(c, c, powers + (i - 1) * F2);
  }
}

const MINUS: usize = memory.data(960, 16);
const P: usize = memory.data(960, 16);

/** r = f^−u, f^(q^6 + 1) = 1; r is not f. @param digits of u without its first, −1, 0 or 1 each, highest first */
function powerMinusU(r: usize, f: usize, digits: usize, count: u32): void {
  conjugate(MINUS, f);
  memory.copy(r, f, F12);
  for (let i: u32 = 0; i < count; i++) {
    square12(r);
    const digit = load<i8>(digits + i);
    if (digit !== 0) mul12(r, r, digit > 0 ? f : MINUS);
  }
  conjugate(r, r);
}

function gatherFactors(r: usize, from: usize): void {
  for (let k: usize = 0; k < 12; k++) field.gather(r + FE * k, from + EL * k, from + EL * (12 + k));
}

const F: usize = memory.data(960, 16);
const Y1: usize = memory.data(960, 16);
const Y2: usize = memory.data(960, 16);
const Y4: usize = memory.data(960, 16);
const Y8: usize = memory.data(960, 16);
const Y9: usize = memory.data(960, 16);

/**
 * @param out    12 words of 32 bytes in snarkjs' form for each lane
 * @param from   2n factors, none of them 0: 12 stored elements each; those at even places are in the first lane
 * @param digits of u without its first, −1, 0 or 1 each, highest first
 * @param powers ξ^(i(q−1)/6), i = 1 … 5, F_q² in two lanes each
 * @param stock  2^256 mod q in two lanes, as it is
 */
export function finalPower(
  out: usize,
  from: usize,
  n: u32,
  digits: usize,
  count: u32,
  powers: usize,
  stock: usize,
): void {
  gatherFactors(P, from);
  for (let i: u32 = 1; i < n; i++) {
    gatherFactors(F, from + i * 24 * EL);
    mul12(P, P, F);
  }
  // f^((q^6 − 1)(q² + 1))
  invert12(F, P);
  conjugate(P, P);
  mul12(P, P, F);
  frobenius(F, P, powers);
  frobenius(F, F, powers);
  mul12(F, F, P);
  // y₁ = f^−2u, y₂ = f^−6u, y₄ = f^6u², y₈ = f^(12u³ + 6u² + 6u)
  powerMinusU(Y1, F, digits, count);
  square12(Y1);
  memory.copy(Y2, Y1, F12);
  square12(Y2);
  mul12(Y2, Y2, Y1);
  powerMinusU(Y4, Y2, digits, count);
  memory.copy(Y9, Y4, F12);
  square12(Y9);
  powerMinusU(Y8, Y9, digits, count);
  conjugate(Y8, Y8);
  mul12(Y8, Y8, Y4);
  conjugate(Y2, Y2);
  mul12(Y8, Y8, Y2);
  // y₉ = y₈y₁; f^λ = y₈y₄f · y₉^q · y₈^q² · (y₉/f)^q³
  mul12(Y9, Y8, Y1);
  mul12(Y4, Y4, Y8);
  mul12(Y4, Y4, F);
  frobenius(P, Y9, powers);
  mul12(Y4, Y4, P);
  frobenius(P, Y8, powers);
  frobenius(P, P, powers);
  mul12(Y4, Y4, P);
  conjugate(F, F);
  mul12(P, F, Y9);
  for (let k = 0; k < 3; k++) frobenius(P, P, powers);
  mul12(Y4, Y4, P);
  for (let k: usize = 0; k < 12; k++) {
    field.mul(MINUS, Y4 + FE * k, stock, FQ);
    field.scatter(P, P + EL, MINUS);
    field.toWords(out + 32 * k, P, FQ);
    field.toWords(out + 32 * (12 + k), P + EL, FQ);
  }
}
