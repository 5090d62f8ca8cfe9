import { assert } from '../base/errors.ts';
import type { Words } from '../crypto/seal.ts';
import type { Order } from '../market/order.ts';
import { r } from '../params/fields.ts';
import { instrumentIndex } from '../params/ids.ts';
import { LOTS_BITS, ORDER_BITS, ORDERS_PER_BATCH, PRICE_BITS, VALUE_BITS } from '../params/sizes.ts';

/**
 * What a sealed batch says, and the three field elements that are encrypted.
 * m0 = A; m1 = deposit + order₀·2^64 + order₁·2^135; m2 = order₂ + order₃·2^71.
 * An order is 71 bits, lowest first: active 1, side 1 (0 buy, 1 sell), reduceOnly 1, instrument 4, price − 1 32,
 * lots − 1 32; an inactive one is all zero. @see circuits/README.md, S2 (d) and (f)
 */

/** A leg of a batch: an order, or nothing. */
export type Leg = Order | undefined;

export interface BatchContent {
  /** A in F_r: the account that gets the deposit and, if they fill, the positions. */
  readonly account: bigint;
  /** 0 ≤ deposit < 2^64, units. */
  readonly deposit: bigint;
  /** Exactly ORDERS_PER_BATCH legs; a leg's number is its place here. */
  readonly orders: readonly Leg[];
}

const INSTRUMENT_SHIFT = 3n;
const PRICE_SHIFT = 7n;
const LOTS_SHIFT = PRICE_SHIFT + BigInt(PRICE_BITS);
const ORDER_SHIFT = BigInt(ORDER_BITS);
const VALUE_SHIFT = BigInt(VALUE_BITS);
const mask = (bits: number | bigint): bigint => (1n << BigInt(bits)) - 1n;
const within = (x: bigint, bits: number): boolean => x >= 0n && x <= mask(bits);

/**
 * @param order secret until its batch is ordered; undefined for a leg without one
 * @returns     0 ≤ word < 2^71
 * @throws ASSERTION if instrument, price or lots exceed their bits
 */
export function packOrder(order: Leg): bigint {
  if (order === undefined) return 0n;
  assert(order.instrument >= 0 && order.instrument < 16, 'an instrument has 4 bits');
  assert(within(order.price - 1n, PRICE_BITS), 'a price is 1 … 2^32 units per lot');
  assert(within(order.lots - 1n, LOTS_BITS), 'an order is for 1 … 2^32 lots');
  return (
    1n |
    (order.side === 'sell' ? 2n : 0n) |
    (order.reduceOnly ? 4n : 0n) |
    (BigInt(order.instrument) << INSTRUMENT_SHIFT) |
    ((order.price - 1n) << PRICE_SHIFT) |
    ((order.lots - 1n) << LOTS_SHIFT)
  );
}

/** @returns the leg in a one-element holder (so that "no order" differs from "nonsense"), or undefined for nonsense. */
export function unpackOrder(word: bigint): { readonly leg: Leg } | undefined {
  if (word === 0n) return { leg: undefined };
  if (!within(word, ORDER_BITS) || (word & 1n) === 0n) return undefined;
  return {
    leg: {
      side: (word & 2n) === 0n ? 'buy' : 'sell',
      reduceOnly: (word & 4n) !== 0n,
      instrument: instrumentIndex(Number((word >> INSTRUMENT_SHIFT) & 15n)),
      price: ((word >> PRICE_SHIFT) & mask(PRICE_BITS)) + 1n,
      lots: (word >> LOTS_SHIFT) + 1n,
    },
  };
}

/**
 * @param content secret until its batch is ordered
 * @returns       the plaintext of the seal, three elements of F_r (m1 < 2^206, m2 < 2^142)
 * @throws ASSERTION if the account, the deposit, an order or the number of legs is out of range
 */
export function packBatch({ account, deposit, orders }: BatchContent): Words {
  assert(account >= 0n && account < r, 'an account is a field element');
  assert(within(deposit, VALUE_BITS), 'a deposit is less than 2^64 units');
  assert(orders.length === ORDERS_PER_BATCH, 'a batch has four legs');
  const [w0, w1, w2, w3] = orders.map(packOrder) as [bigint, bigint, bigint, bigint];
  return [
    account,
    deposit | (w0 << VALUE_SHIFT) | (w1 << (VALUE_SHIFT + ORDER_SHIFT)),
    w2 | (w3 << ORDER_SHIFT),
  ];
}

/**
 * Reads an opened seal. The proof guarantees the ranges; whoever settles checks them all the same.
 * @param words three elements of F_r
 * @returns     undefined if a word has bits beyond its layout or an inactive leg is not all zero
 */
export function unpackBatch([m0, m1, m2]: Words): BatchContent | undefined {
  const legs = [
    unpackOrder((m1 >> VALUE_SHIFT) & mask(ORDER_SHIFT)),
    unpackOrder(m1 >> (VALUE_SHIFT + ORDER_SHIFT)),
    unpackOrder(m2 & mask(ORDER_SHIFT)),
    unpackOrder(m2 >> ORDER_SHIFT),
  ];
  if (m0 < 0n || m0 >= r || m1 < 0n || m2 < 0n) return undefined;
  const orders: Leg[] = [];
  for (const holder of legs) {
    if (holder === undefined) return undefined;
    orders.push(holder.leg);
  }
  return { account: m0, deposit: m1 & mask(VALUE_SHIFT), orders };
}
