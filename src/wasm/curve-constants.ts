import { q, r } from '../params/fields.ts';
import { inverse } from './field-constants.ts';

/** A cube root of unity in F_r: φ(P) = [λ]P for the endomorphism φ(x, y) = (βx, y) of either group. */
export const LAMBDA = 4407920970296243842393367215006156084916469457145843978461n;

/** The cube root of unity in F_q that belongs to λ on G1, and the other one, which does on G2. */
const BETA_G1 = 2203960485148121921418603742825762020974279258880205651966n;
export const BETA = { g1: BETA_G1, g2: q - 1n - BETA_G1 } as const;

/** b of y² = x³ + b: on G1, and on the twist 3/(9 + u) over F_q². */
export const G1_B = 3n;
export const G2_B: readonly [bigint, bigint] = [
  (27n * inverse(82n, q)) % q,
  ((q - 3n) * inverse(82n, q)) % q,
];

/** BabyJubJub, 168700·x² + y² = 1 + 168696·x²·y²: the kernels scale x by √168700, which makes the first factor 1. */
const [A, D] = [168700n, 168696n];
export const ROOT_OF_A = squareRoot(A);
export const SCALED_D = (D * inverse(A, r)) % r;

/** A square root in F_r, by Tonelli and Shanks: r − 1 = 2^28·odd. @param a a square */
function squareRoot(a: bigint): bigint {
  const power = (base: bigint, exponent: bigint): bigint => {
    let [b, out] = [base, 1n];
    for (let e = exponent; e > 0n; e >>= 1n, b = (b * b) % r) if (e & 1n) out = (out * b) % r;
    return out;
  };
  const odd = (r - 1n) >> 28n;
  // 5 generates F_r*, so it is no square.
  let [c, t, root] = [power(5n, odd), power(a, odd), power(a, (odd + 1n) / 2n)];
  for (let m = 28; t !== 1n; ) {
    let i = 0;
    for (let square = t; square !== 1n; square = (square * square) % r) i++;
    const b = power(c, 1n << BigInt(m - i - 1));
    [m, c] = [i, (b * b) % r];
    [t, root] = [(t * c) % r, (root * b) % r];
  }
  return root;
}
