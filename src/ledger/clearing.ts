import { type BookOrder, clearWithin } from '../market/auction.ts';
import type { Band } from '../market/band.ts';
import type { RestingOrder } from '../market/funding.ts';
import type { LiquidationOrder } from '../market/liquidation.ts';
import type { Prices } from '../market/prices.ts';
import { instrumentIndex } from '../params/ids.ts';
import type { Entrant } from './entering.ts';
import { bookFill, type HeightLedger, tieKeyOf } from './height-ledger.ts';
import type { AuctionOutcome, Fill, LiquidationFill } from './receipts.ts';
import { bookLiquidation } from './solvency.ts';

/** Steps 7 and 8 of a height: one auction an instrument, over the traders' orders and the liquidation orders alike. */

/** What the auctions of a height gave. */
export interface Cleared {
  readonly auctions: AuctionOutcome[];
  readonly fills: Fill[];
  readonly liquidations: LiquidationFill[];
  /** What the auction of each instrument left over of the traders' opening orders. */
  readonly residual: RestingOrder[][];
}

/** In a tie key, the leg of a liquidation order is its instrument beyond this: items have fewer legs. */
const LIQUIDATION_LEG = 128;

/** @param centres bands and reference prices of the height, by instrument */
export function clear(
  prices: Prices,
  centres: { readonly bands: readonly Band[]; readonly references: readonly bigint[] },
  entrants: readonly Entrant[],
  liquidating: readonly LiquidationOrder[],
  beacon: Uint8Array,
  ledger: HeightLedger,
): Cleared {
  const cleared: Cleared = { auctions: [], fills: [], liquidations: [], residual: [] };
  prices.params.instruments.forEach((_, i) => {
    const rows = entrants.filter(({ order }) => order.instrument === i);
    const forced = liquidating.filter((order) => order.instrument === i);
    const book: BookOrder[] = [
      ...rows.map(({ id, leg, order }) => bookOrder(order, tieKeyOf(id, leg, beacon))),
      ...forced.map((order) => bookOrder(order, tieKeyOf(order.account, LIQUIDATION_LEG + i, beacon))),
    ];
    const { price, volume, fills: lots } = clearWithin(book, centres.bands[i]!, centres.references[i]!);
    cleared.auctions.push({ instrument: instrumentIndex(i), price, volume });
    cleared.residual.push(
      rows.flatMap(({ order: { side, price, lots: wanted, reduceOnly } }, k) =>
        reduceOnly ? [] : [{ side, price, lots: wanted - lots[k]! }],
      ),
    );
    if (price === null) return;
    for (const [k, row] of rows.entries()) cleared.fills.push(...fill(prices, ledger, row, lots[k]!, price));
    for (const [k, order] of forced.entries()) {
      const own = lots[rows.length + k]!;
      cleared.liquidations.push(...bookLiquidation(prices, ledger, order, own, price));
    }
  });
  return cleared;
}

const bookOrder = (
  { side, price, lots }: Pick<BookOrder, 'side' | 'price' | 'lots'>,
  tieKey: Uint8Array,
): BookOrder => ({ side, price, lots, tieKey });

/** @returns the fill, or nothing if the order got no lots */
function fill(
  { params }: Prices,
  ledger: HeightLedger,
  { id, leg, account, order: { instrument, side } }: Entrant,
  lots: bigint,
  price: bigint,
): Fill[] {
  if (lots === 0n) return [];
  const fee = bookFill(ledger, account, { instrument, side, lots, price }, params.feePpm);
  return [{ id, leg, account, instrument, side, lots, price, fee }];
}
