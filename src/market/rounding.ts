import { PPM } from '../params/sizes.ts';

/** ⌈a/b⌉ of a ≥ 0, b > 0. */
export const ceilDiv = (a: bigint, b: bigint): bigint => (a + b - 1n) / b;

/** ⌊a/b⌋ of any a, b > 0. */
export const floorDiv = (a: bigint, b: bigint): bigint => (a >= 0n ? a / b : -ceilDiv(-a, b));

/** ⌈amount·ppm/10⁶⌉ of non-negative numbers: requirements and fees are rounded up. */
export const ppmUp = (amount: bigint, ppm: bigint): bigint => ceilDiv(amount * ppm, PPM);

/** ⌊amount·ppm/10⁶⌋ of non-negative numbers: credits and allowances are rounded down. */
export const ppmDown = (amount: bigint, ppm: bigint): bigint => (amount * ppm) / PPM;

export const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
export const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
export const abs = (a: bigint): bigint => (a < 0n ? -a : a);

/** The nearest number to x in [low, high]; low ≤ high. */
export const clamp = (x: bigint, low: bigint, high: bigint): bigint => max(low, min(x, high));
