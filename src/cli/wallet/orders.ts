import { formatDecimal, parseDecimal } from '../../formats/decimal.ts';
import { quote } from '../../formats/problems.ts';
import { MAX_LOTS, MAX_PRICE, type Order } from '../../market/order.ts';
import type { MarketParams } from '../../market/params.ts';
import { instrumentIndex } from '../../params/ids.ts';
import { ORDERS_PER_BATCH } from '../../params/sizes.ts';
import { CliError } from '../errors.ts';

/** What is written in a command line for an order. */
export const ORDER_FORM = '"buy 2 BTC-PERP 60000" or "sell 1 BTC-PERP 61000.5 reduce-only"';

/** @throws {CliError} USAGE naming the first order that is none */
export function parseOrders(texts: readonly string[], { instruments }: MarketParams): readonly Order[] {
  if (texts.length > ORDERS_PER_BATCH)
    throw new CliError('USAGE', `a batch has at most ${ORDERS_PER_BATCH} orders, found ${texts.length}`);
  return texts.map((text) => {
    const refuse = (why: string): never => {
      throw new CliError('USAGE', `order ${quote(text)}: ${why}; write ${ORDER_FORM}`);
    };
    const [side, lotsText = '', name = '', limit = '', reduce, ...more] = text.trim().split(/\s+/);
    if (side !== 'buy' && side !== 'sell') return refuse('buy or sell is expected first');
    const lots = parseDecimal(lotsText, 0);
    if (lots === undefined || lots < 1n || lots > MAX_LOTS)
      return refuse(`lots from 1 to ${MAX_LOTS} are expected second`);
    const index = instruments.findIndex((each) => each.name === name);
    if (index < 0) return refuse(`the market has ${instruments.map((each) => each.name).join(', ')}`);
    const price = parseDecimal(limit);
    if (price === undefined || price < 1n || price > MAX_PRICE)
      return refuse(`a limit in USDC a lot up to ${formatDecimal(MAX_PRICE)} is expected fourth`);
    if ((reduce !== undefined && reduce !== 'reduce-only') || more.length > 0)
      return refuse('nothing but reduce-only may follow');
    return { side, lots, instrument: instrumentIndex(index), price, reduceOnly: reduce !== undefined };
  });
}
