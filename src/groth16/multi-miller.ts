import type { Curve } from 'ffjavascript';

/** 6u + 2, the length of BN254's Miller loop, highest bit first and without it. */
const LOOP_BITS = 29793968203157093288n.toString(2).slice(1);
const F1_BYTES = 32;
const F2_BYTES = 2 * F1_BYTES;
const F12_BYTES = 6 * F2_BYTES;
/** A line: ξ·…, the coefficient of P's y, the one of its x. */
const LINE_BYTES = 3 * F2_BYTES;
/** Before the lines stands the point itself. */
const POINT_BYTES = 3 * F2_BYTES;

/** Points prepared for a pairing, in G1 and in G2. */
export interface PreparedPair {
  readonly P: Uint8Array;
  readonly Q: Uint8Array;
}

/**
 * The product of the Miller loops of all pairs, with one squaring a step for all of them together:
 * f ← f²·∏ lᵢ(Pᵢ) instead of ∏ (fᵢ²·lᵢ(Pᵢ)). A loop spends a quarter of its time squaring.
 *
 * ffjavascript has the parts (squaring in F_q¹², multiplication by a line) and not the whole, so this is its `millerLoop`
 * over its WebAssembly's exports; a test compares the two.
 * @param pairs each takes 18 kB of the curve's 1.6 MB of memory: not more than 32
 * @see wasmcurves 0.2.2, src/bn128/build_bn128.js: millerLoop; Costello, Stebila, "Fixed argument pairings",
 *      LATINCRYPT 2010, §5: products of pairings
 */
export function multiMiller({ tm }: Curve, pairs: readonly PreparedPair[]): Uint8Array {
  const { ftm_one, ftm_square, f2m_mul1, bn128__mulBy024 } = tm.instance.exports;
  // Memory is taken until endSyncOp; nothing else runs in between.
  tm.startSyncOp();
  try {
    const f = tm.alloc(F12_BYTES);
    const byY = tm.alloc(F2_BYTES);
    const byX = tm.alloc(F2_BYTES);
    const loaded = pairs.map(({ P, Q }) => ({ P: tm.allocBuff(P), line: tm.allocBuff(Q) + POINT_BYTES }));
    const multiplyLines = (): void => {
      for (const pair of loaded) {
        f2m_mul1(pair.line + F2_BYTES, pair.P + F1_BYTES, byY);
        f2m_mul1(pair.line + 2 * F2_BYTES, pair.P, byX);
        bn128__mulBy024(pair.line, byY, byX, f);
        pair.line += LINE_BYTES;
      }
    };
    ftm_one(f);
    for (const bit of LOOP_BITS) {
      ftm_square(f, f);
      multiplyLines();
      if (bit === '1') multiplyLines();
    }
    // The lines through ψ(Q) and −ψ²(Q).
    multiplyLines();
    multiplyLines();
    return tm.getBuff(f, F12_BYTES);
  } finally {
    tm.endSyncOp();
  }
}
