import { parseDecimal } from '../../formats/decimal.ts';
import type { OrderWish } from '../worker/messages.ts';

/** One order as somebody types it. */
export interface LegText {
  readonly side: 'buy' | 'sell';
  readonly lots: string;
  readonly instrument: number;
  readonly limit: string;
  readonly reduceOnly: boolean;
}

export const EMPTY_LEG: LegText = { side: 'buy', lots: '', instrument: 0, limit: '', reduceOnly: false };

/** What is typed, as numbers: what the market says of them the wallet tells. @returns a sentence about the first that is none */
export function wishesOf(legs: readonly LegText[]): readonly OrderWish[] | string {
  const wishes: OrderWish[] = [];
  for (const [i, { side, instrument, reduceOnly, ...leg }] of legs.entries()) {
    const lots = parseDecimal(leg.lots.trim(), 0);
    if (lots === undefined) return `Leg ${i + 1}: a whole number of lots is expected.`;
    const price = parseDecimal(leg.limit.trim());
    if (price === undefined) return `Leg ${i + 1}: a limit in USDC a lot such as 62.5 is expected.`;
    wishes.push({ side, lots, instrument, price, reduceOnly });
  }
  return wishes;
}
