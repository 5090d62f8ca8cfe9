/** Sums and powers of what a verification key holds fixed, by tables made once a key. */
import type { Curve } from './curve-types.ts';

const WINDOW_BITS = 4;
/** 1·P … 15·P */
const MULTIPLES = (1 << WINDOW_BITS) - 1;
const POINT_BYTES = 64;
const JACOBIAN_BYTES = 96;

/**
 * Σ sᵢ·Pᵢ of fixed points: fifteen multiples of each are kept, and all scalars share their doublings. A small scalar costs
 * little, as a digit 0 costs nothing: public signals often are small. ffjavascript's own multi-exponentiation makes its
 * tables anew each time.
 * @param bases affine points of G1, at most 1024, none at infinity
 * @returns     takes as many scalars of 32 bytes little-endian; gives a Jacobian point
 * @see Straus, "Addition chains of vectors", American Mathematical Monthly 71 (1964)
 */
export function fixedSum(curve: Curve, bases: Uint8Array): (scalars: Uint8Array) => Uint8Array {
  const { tm } = curve;
  const count = bases.length / POINT_BYTES;
  const table = new Uint8Array(MULTIPLES * bases.length);
  for (let i = 0; i < count; i++) {
    const base = bases.subarray(POINT_BYTES * i, POINT_BYTES * (i + 1));
    table.set(multiplesOf(curve, base), MULTIPLES * POINT_BYTES * i);
  }
  const { g1m_zero, g1m_double, g1m_addMixed } = tm.instance.exports;
  return (scalars) => {
    tm.startSyncOp();
    try {
      const points = tm.allocBuff(table);
      const sum = tm.alloc(JACOBIAN_BYTES);
      g1m_zero(sum);
      for (let nibble = 63; nibble >= 0; nibble--) {
        if (nibble < 63) for (let i = 0; i < WINDOW_BITS; i++) g1m_double(sum, sum);
        for (let i = 0; i < count; i++) {
          const digit = (scalars[32 * i + (nibble >> 1)]! >> (WINDOW_BITS * (nibble & 1))) & MULTIPLES;
          if (digit !== 0) g1m_addMixed(sum, points + POINT_BYTES * (MULTIPLES * i + digit - 1), sum);
        }
      }
      return tm.getBuff(sum, JACOBIAN_BYTES);
    } finally {
      tm.endSyncOp();
    }
  };
}

/** P, 2P … 15P, affine, of an affine point of order r. */
function multiplesOf({ tm }: Curve, base: Uint8Array): Uint8Array {
  const { g1m_zero, g1m_addMixed, g1m_batchToAffine } = tm.instance.exports;
  tm.startSyncOp();
  try {
    const point = tm.allocBuff(base);
    const multiples = tm.alloc((MULTIPLES + 1) * JACOBIAN_BYTES);
    const affine = tm.alloc(MULTIPLES * POINT_BYTES);
    g1m_zero(multiples);
    for (let i = 0; i < MULTIPLES; i++) {
      const at = multiples + JACOBIAN_BYTES * i;
      g1m_addMixed(at, point, at + JACOBIAN_BYTES);
    }
    g1m_batchToAffine(multiples + JACOBIAN_BYTES, MULTIPLES, affine);
    return tm.getBuff(affine, MULTIPLES * POINT_BYTES);
  } finally {
    tm.endSyncOp();
  }
}

/**
 * g^e of a fixed g in Gt: fifteen powers of each g^(16^i) are kept, so that nothing is squared.
 * @returns takes 0 ≤ e < 2^bits
 */
export function fixedPower({ Gt }: Curve, g: Uint8Array, bits: number): (exponent: bigint) => Uint8Array {
  const table: Uint8Array[][] = [];
  let next = g;
  for (let i = 0; i < Math.ceil(bits / WINDOW_BITS); i++) {
    const powers = [next];
    for (let j = 1; j < MULTIPLES; j++) powers.push(Gt.mul(powers[j - 1]!, next));
    table.push(powers);
    next = Gt.mul(powers[MULTIPLES - 1]!, next);
  }
  return (exponent) => {
    let power = Gt.one;
    let rest = exponent;
    for (const powers of table) {
      const digit = Number(rest & BigInt(MULTIPLES));
      if (digit !== 0) power = Gt.mul(power, powers[digit - 1]!);
      rest >>= BigInt(WINDOW_BITS);
    }
    return power;
  };
}
