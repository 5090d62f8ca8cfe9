import { max, ppmUp } from './rounding.ts';

/** Prices at which an auction may clear, units per lot, both included. */
export interface Band {
  readonly low: bigint;
  readonly high: bigint;
}

/** ⌈mark·b/10⁶⌉: how far the band reaches on each side of the mark, units per lot, ≥ 1 for b ≥ 1. */
export const halfBand = (mark: bigint, bandPpm: bigint): bigint => ppmUp(mark, bandPpm);

/** mark(1 ± b): [max(1, mark − half), mark + half]. Never empty, for marks are ≥ 1. */
export function bandOf(mark: bigint, bandPpm: bigint): Band {
  const half = halfBand(mark, bandPpm);
  return { low: max(1n, mark - half), high: mark + half };
}
