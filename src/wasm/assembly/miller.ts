/**
 * Products of Miller loops of the optimal ate pairing, two lanes at a time, and whether the points of the twist lie in
 * the group of order r.
 * @see Vercauteren, "Optimal pairings", IEEE Trans. Inf. Theory 56 (2010), §IV; Costello, Lange, Naehrig, "Faster pairing
 *      computations on curves with high-degree twists", PKC 2010: the steps in projective coordinates
 */
import { TRIPLE_B } from './complete.ts';
import { gather, one, signs, zeros } from './coordinate.ts';
import * as field from './field.ts';
import { EL, FE, FQ } from './field.ts';
import { add2, double2, F2, F12, mul2, mulBy034, square12, sub2, triple2 } from './tower.ts';

/** Of two pairs: P = (x, y) on G1; Q = (x, y) on the twist; R = (x : y : z), a multiple of Q. */
const PX: usize = 0;
const PY: usize = FE;
const Q: usize = 2 * FE;
const R: usize = Q + 2 * F2;
const PAIRS: usize = R + 3 * F2;

const B: usize = memory.data(160, 16);
const C: usize = memory.data(160, 16);
const E: usize = memory.data(160, 16);
const F: usize = memory.data(160, 16);
const G: usize = memory.data(160, 16);
const H: usize = memory.data(160, 16);
/** A line a + (b + c·v)·w, without the coordinates of P. */
const LINE: usize = memory.data(480, 16);
const POINT: usize = memory.data(320, 16);

/** R = 2R, and the tangent: a = −2yz, b = 3x², c = e − y² with e = 3b'z². */
function double(pair: usize): void {
  const x = pair + R,
    y = x + F2,
    z = y + F2;
  mul2(B, y, y);
  mul2(C, z, z);
  mul2(E, C, TRIPLE_B);
  triple2(F, E);
  mul2(H, y, z);
  double2(H, H);
  mul2(G, x, y);
  double2(G, G);
  mul2(LINE + F2, x, x);
  triple2(LINE + F2, LINE + F2);
  sub2(LINE + 2 * F2, E, B);
  negate(LINE, H);
  // x = 2xy(y² − 3e), y = (y² + 3e)² − 12e², z = 4y²·2yz
  sub2(C, B, F);
  mul2(x, G, C);
  add2(F, F, B);
  mul2(F, F, F);
  mul2(E, E, E);
  triple2(E, E);
  double2(E, E);
  double2(E, E);
  sub2(y, F, E);
  mul2(z, B, H);
  double2(z, z);
  double2(z, z);
}

/** R = R + q, and the line through both: a = λ, b = −θ, c = θ·x_q − λ·y_q with θ = y − y_q·z, λ = x − x_q·z. */
function addPoint(pair: usize, q: usize): void {
  const x = pair + R,
    y = x + F2,
    z = y + F2,
    lambda = LINE,
    theta = H;
  mul2(theta, q + F2, z);
  sub2(theta, y, theta);
  mul2(lambda, q, z);
  sub2(lambda, x, lambda);
  negate(LINE + F2, theta);
  mul2(B, theta, q);
  mul2(C, lambda, q + F2);
  sub2(LINE + 2 * F2, B, C);
  mul2(C, theta, theta);
  mul2(B, lambda, lambda);
  mul2(E, lambda, B);
  mul2(F, z, C);
  mul2(G, x, B);
  // h = λ³ + zθ² − 2xλ²; x = λh, y = θ(xλ² − h) − λ³y, z = zλ³
  add2(C, E, F);
  sub2(C, C, G);
  sub2(C, C, G);
  mul2(x, lambda, C);
  sub2(G, G, C);
  mul2(G, theta, G);
  mul2(F, E, y);
  sub2(y, G, F);
  mul2(z, z, E);
}

function negate(r: usize, a: usize): void {
  memory.copy(r, a, F2);
  signs<u64>(r, 1, 1);
}

/** f = f·line(P) */
function multiplyLine(f: usize, pair: usize): void {
  field.mul2(LINE, LINE, pair + PY, LINE + FE, LINE + FE, pair + PY, FQ);
  field.mul2(LINE + F2, LINE + F2, pair + PX, LINE + F2 + FE, LINE + F2 + FE, pair + PX, FQ);
  mulBy034(f, LINE, LINE + F2, LINE + 2 * F2);
}

/** r = ψ(q) = (x̄·ξ^((q−1)/3), ȳ·ξ^((q−1)/2)); r may be q. @param twist the two powers */
function psi(r: usize, q: usize, twist: usize): void {
  for (let k: usize = 0; k < 2 * F2; k += F2) {
    memory.copy(B, q + k, F2);
    field.signs(B + FE, 1, 1);
    mul2(r + k, B, twist + k);
  }
}

/**
 * @param out    12 words of 32 bytes in snarkjs' form for each lane: the two products; F_q¹² lowest coefficient first
 * @param pairs  stored elements: x, y of P, then x, y of Q, of one pair after the other
 * @param n      of pairs, even: those at even places are in the first lane
 * @param digits of 6u + 2 without its first, −1, 0 or 1 each, highest first
 * @param twist  ξ^((q−1)/3) and ξ^((q−1)/2), two lanes of F_q² each
 * @param stock  2^256 mod q in two lanes, as it is
 * @param inside a byte a pair: 1 if Q is in the group of order r, else 0, and then the product means nothing
 * @param room   PAIRS bytes for each two pairs, and for one value of F_q¹²
 */
export function millerProduct(
  out: usize,
  pairs: usize,
  n: u32,
  digits: usize,
  count: u32,
  twist: usize,
  stock: usize,
  inside: usize,
  room: usize,
): void {
  const f = room,
    first = room + F12,
    end = first + (n >> 1) * PAIRS;
  memory.fill(f, 0, F12);
  one<u64>(f);
  for (let pair = first, from = pairs; pair < end; pair += PAIRS, from += 12 * EL) {
    const other = from + 6 * EL;
    field.gather(pair + PX, from, other);
    field.gather(pair + PY, from + EL, other + EL);
    gather<u64>(pair + Q, from + 2 * EL, other + 2 * EL);
    gather<u64>(pair + Q + F2, from + 4 * EL, other + 4 * EL);
    memory.copy(pair + R, pair + Q, 2 * F2);
    one<u64>(pair + R + 2 * F2);
  }
  for (let i: u32 = 0; i < count; i++) {
    const digit = load<i8>(digits + i);
    square12(f);
    for (let pair = first; pair < end; pair += PAIRS) {
      double(pair);
      multiplyLine(f, pair);
      if (digit === 0) continue;
      memory.copy(POINT, pair + Q, 2 * F2);
      if (digit < 0) negate(POINT + F2, pair + Q + F2);
      addPoint(pair, POINT);
      multiplyLine(f, pair);
    }
  }
  for (let pair = first, i: usize = 0; pair < end; pair += PAIRS, i += 2) {
    psi(POINT, pair + Q, twist);
    addPoint(pair, POINT);
    multiplyLine(f, pair);
    psi(POINT, POINT, twist);
    negate(POINT + F2, POINT + F2);
    addPoint(pair, POINT);
    multiplyLine(f, pair);
    const mask = isNegativeOfPsi(pair, twist);
    store<u8>(inside + i, mask & 1);
    store<u8>(inside + i, mask >> 1, 1);
  }
  for (let k: usize = 0; k < 12; k++) {
    field.mul(B, f + FE * k, stock, FQ);
    field.scatter(C, C + EL, B);
    field.toWords(out + 32 * k, C, FQ);
    field.toWords(out + 32 * (12 + k), C + EL, FQ);
  }
}

/** Bits of the lanes in which R = [6u+2]Q + ψ(Q) − ψ²(Q) is −ψ³(Q) and was never infinite. POINT is −ψ²(Q). */
function isNegativeOfPsi(pair: usize, twist: usize): u32 {
  const x = pair + R,
    y = x + F2,
    z = y + F2;
  // ψ(−ψ²(Q)) = −ψ³(Q)
  psi(POINT, POINT, twist);
  mul2(E, POINT, z);
  sub2(E, x, E);
  mul2(F, POINT + F2, z);
  sub2(F, y, F);
  return zeros<u64>(E) & zeros<u64>(F) & ~zeros<u64>(z) & 3;
}
