import type { InstrumentIndex } from '../params/ids.ts';
import { LOTS_BITS, PRICE_BITS } from '../params/sizes.ts';

export type Side = 'buy' | 'sell';

/** A limit order for the one auction of its height; what does not fill is gone. */
export interface Order {
  readonly side: Side;
  readonly instrument: InstrumentIndex;
  /** Limit, units per lot, 1 … MAX_PRICE. */
  readonly price: bigint;
  /** 1 … MAX_LOTS. */
  readonly lots: bigint;
  /** May only bring the account's position closer to zero; such an order reserves nothing. */
  readonly reduceOnly: boolean;
}

/** Highest limit: price − 1 has 32 bits in a sealed order. */
export const MAX_PRICE = 1n << BigInt(PRICE_BITS);
/** Most lots of an order: lots − 1 has 32 bits. */
export const MAX_LOTS = 1n << BigInt(LOTS_BITS);
