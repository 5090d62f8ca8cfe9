import type { Order } from './order.ts';
import { indexPerLot } from './params.ts';
import type { Prices } from './prices.ts';
import { max, min, ppmUp } from './rounding.ts';

/** Prices at which an auction may clear, units per lot, both included. */
export interface Band {
  readonly low: bigint;
  readonly high: bigint;
}

/** centre ± half, and ≥ 1. Never empty, for centres are ≥ 1. */
const around = (centre: bigint, half: bigint): Band => ({ low: max(1n, centre - half), high: centre + half });

/** centre(1 ± b): [max(1, centre − ⌈centre·b/10⁶⌉), centre + ⌈centre·b/10⁶⌉]. */
export const bandOf = (centre: bigint, bandPpm: bigint): Band => around(centre, ppmUp(centre, bandPpm));

/**
 * The band of each instrument: reference(1 ± b) of a perpetual; of an option mark(1 ± b) or mark ± ⌈S·bandIndexPpm/10⁶⌉, S the index per lot,
 * the wider one: b of an option that is worth nearly nothing is nothing.
 * @param references units per lot, one per instrument
 */
export function bandsOf(
  { params, index }: Pick<Prices, 'params' | 'index'>,
  references: readonly bigint[],
): Band[] {
  return params.instruments.map((instrument, i) => {
    const centre = references[i]!;
    const half = ppmUp(centre, params.bandPpm);
    if (instrument.kind === 'perp') return around(centre, half);
    return around(centre, max(half, ppmUp(indexPerLot(instrument, index), params.bandIndexPpm)));
  });
}

/** Whether some price of the band satisfies the limit. */
export const canFill = ({ side, price }: Order, band: Band): boolean =>
  side === 'buy' ? price >= band.low : price <= band.high;

/** p: the worst price of the band at which an order that `canFill` may fill. */
export const worstPrice = ({ side, price }: Order, band: Band): bigint =>
  side === 'buy' ? min(price, band.high) : max(price, band.low);
