/** What a circuit's inputs are checked against beyond F_r. */
import { l, SCALAR_BITS } from '../params/fields.ts';
import { LOTS_BITS, MAX_INSTRUMENTS, PRICE_BITS, VALUE_BITS } from '../params/sizes.ts';
import type { CircuitName } from './circuits.ts';
import { bits, FIELD, type Range } from './signals.ts';

const VALUE = bits(VALUE_BITS);
/** Price and lots reach 2^n: less one they have n bits. */
const upTo = (n: number): Range => ({ limit: (1n << BigInt(n)) + 1n, words: `of at most 2^${n}` });

const RANGES: Readonly<Record<CircuitName, Readonly<Record<string, Range>>>> = {
  ballot: {},
  orders: {
    table: VALUE,
    fee: VALUE,
    value: VALUE,
    deposit: VALUE,
    active: bits(1),
    side: bits(1),
    reduceOnly: bits(1),
    instrument: { limit: BigInt(MAX_INSTRUMENTS), words: `below ${MAX_INSTRUMENTS}` },
    price: upTo(PRICE_BITS),
    lots: upTo(LOTS_BITS),
    sealRandomness: { limit: l, words: 'of Z_l' },
  },
  account: { amount: VALUE },
  dealing: { t: bits(SCALAR_BITS), share: bits(SCALAR_BITS) },
};

export const rangeOf = (circuit: CircuitName, signal: string): Range => RANGES[circuit][signal] ?? FIELD;
