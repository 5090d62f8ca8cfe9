import type { Side } from './order.ts';

/** A limit order as the auction sees it. */
export interface BookOrder {
  readonly side: Side;
  /** Limit, units per lot. */
  readonly price: bigint;
  readonly lots: bigint;
  /** Unique and unpredictable when the order was sealed: H(item id ‖ leg ‖ beacon). Lower wins a tie. */
  readonly tieKey: Uint8Array;
}
