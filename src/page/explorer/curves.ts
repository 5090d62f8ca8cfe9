import type { AuctionView } from '../worker/messages.ts';

/** A corner of a step curve: so many lots at this price. */
export interface Corner {
  readonly lots: number;
  readonly price: number;
}

/**
 * Demand or supply of an auction as a step curve: for each price the lots that are bought at it or above, or sold at it or below.
 * @returns corners from no lots on; empty if nobody is on that side. Prices are units per lot.
 */
export function stepsOf(book: AuctionView['book'], side: 'buy' | 'sell'): Corner[] {
  const orders = book
    .filter((order) => order.side === side)
    .map(({ price, lots }) => ({ price: Number(price), lots: Number(lots) }))
    .sort((a, b) => (side === 'buy' ? b.price - a.price : a.price - b.price));
  const corners: Corner[] = [];
  let lots = 0;
  for (const order of orders) {
    corners.push({ lots, price: order.price }, { lots: lots + order.lots, price: order.price });
    lots += order.lots;
  }
  return corners;
}

/** Where a value of a range stands on an axis of a length. A range of one value stands in the middle. */
export const onAxis = (value: number, [low, high]: readonly [number, number], length: number): number =>
  high === low ? length / 2 : ((value - low) / (high - low)) * length;

/** The least and the largest; a little more on both sides, so that no line lies on the frame. */
export function axisOf(values: readonly number[]): readonly [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = (high - low) * 0.06;
  return [low - margin, high + margin];
}

/** What a picture of demand and supply has to say beside it; empty if it is exactly what was auctioned. */
export const bookNote = (book: AuctionView['book']): string =>
  book.some(({ reduceOnly }) => reduceOnly)
    ? 'Orders that only close a position stand here as they were sent: of each the auction took no more than there was to close.'
    : '';
