import { q } from '../params/fields.ts';
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
