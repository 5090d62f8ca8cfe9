import { bn254 } from '@noble/curves/bn254.js';
import { q, r } from '../../src/params/fields.ts';

export type TwistPoint = [[bigint, bigint], [bigint, bigint]];

/** #E'(F_q²) / r = 2q − r, and its smallest prime factor. */
export const COFACTOR = 2n * q - r;
export const SMALL_ORDER = 10069n;

/** A point of the twist y² = x³ + 3/(9 + u), by trying x; one in COFACTOR ≈ 2^254 of them lies in the subgroup. */
export function offSubgroup(): TwistPoint {
  const { Fp2 } = bn254.fields;
  const b = Fp2.div(Fp2.fromBigTuple([3n, 0n]), Fp2.fromBigTuple([9n, 1n]));
  for (let x0 = 1n; ; x0++) {
    const x = Fp2.fromBigTuple([x0, 1n]);
    try {
      const y = Fp2.sqrt(Fp2.add(Fp2.mul(Fp2.sqr(x), x), b));
      return [
        [x.c0, x.c1],
        [y.c0, y.c1],
      ];
    } catch {
      // Not a square: the next x.
    }
  }
}
