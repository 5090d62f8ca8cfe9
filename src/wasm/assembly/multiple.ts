/** [s]P + [t]Q of affine points known only now: both multiples at once, a lane each, bit by bit. */
import { addComplete, fromAffine, infinity } from './complete.ts';
import { Co, gather, scatter } from './coordinate.ts';
import * as field from './field.ts';
import { Constant, EL, FQ } from './field.ts';
import { affineWords } from './msm.ts';

const POINTS: usize = memory.data(160, 16);
const NONE: usize = memory.data(240, 16);
const BASE: usize = memory.data(240, 16);
const TERM: usize = memory.data(240, 16);
const SUM: usize = memory.data(240, 16);
const STORED: usize = memory.data(240, 16);
const ROW: usize = memory.data(80, 16);

/**
 * @param points  P and Q on G1, x ‖ y of each, 32 bytes little-endian a coordinate
 * @param scalars s and t, 32 bytes little-endian each
 * @returns       0 if the sum is infinity
 */
export function addTwoMultiples(out: usize, points: usize, scalars: usize): u32 {
  for (let k: usize = 0; k < 4; k++) {
    field.fromWords(STORED, points + 32 * k);
    field.gather(ROW, STORED, STORED);
    field.mul(ROW, ROW, Constant.squareOfR(FQ), FQ);
    field.reduce(ROW, FQ);
    field.scatter(POINTS + EL * k, POINTS + EL * k, ROW);
  }
  fromAffine<u32>(BASE, POINTS, POINTS + 2 * EL);
  infinity<u32>(NONE);
  infinity<u32>(SUM);
  for (let bit: i32 = 255; bit >= 0; bit--) {
    addComplete<u32>(SUM, SUM, SUM);
    const s = (<u32>load<u8>(scalars + (bit >> 3)) >> (bit & 7)) & 1,
      t = (<u32>load<u8>(scalars + (bit >> 3), 32) >> (bit & 7)) & 1;
    if (s | t) {
      choose(s, t);
      addComplete<u32>(SUM, SUM, TERM);
    }
  }
  // The second lane in both, then the sum of the two.
  const n = Co.lanes<u32>();
  for (let k: usize = 0; k < 3 * n; k += n) {
    scatter<u32>(STORED, STORED + EL, SUM + k);
    gather<u32>(TERM + k, STORED + EL, STORED + EL);
  }
  addComplete<u32>(SUM, SUM, TERM);
  return affineWords<u32>(out, SUM);
}

/** TERM = (P or infinity, Q or infinity). */
function choose(s: u32, t: u32): void {
  for (let k: usize = 0; k < 240; k += 80) {
    scatter<u32>(STORED, STORED + EL, BASE + k);
    scatter<u32>(STORED + 2 * EL, STORED + 3 * EL, NONE + k);
    gather<u32>(TERM + k, s ? STORED : STORED + 2 * EL, t ? STORED + EL : STORED + 3 * EL);
  }
}
