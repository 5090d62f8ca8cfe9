import type { InstrumentIndex } from '../params/ids.ts';
import { bandOf } from './band.ts';
import {
  type Account,
  equity,
  initialMargin,
  legInitialMargin,
  maintenanceMargin,
  openingEquity,
} from './margin.ts';
import type { Prices } from './marks.ts';
import type { Order } from './order.ts';
import type { MarketParams } from './params.ts';
import { abs, max, min, ppmUp } from './rounding.ts';

/** Why an order did not enter the auction. */
export const ENTRY_CODES = {
  ENTRY_HALTED: 'The market is halted: the oracle prices are too old.',
  ENTRY_LIQUIDATION: 'The account is under liquidation.',
  ENTRY_INSTRUMENT: 'The market has no instrument of that number.',
  ENTRY_EXPIRED: 'The option has expired.',
  ENTRY_REDUCE_ONLY: 'Reduce-only, but nothing is left of an opposite position to reduce.',
  ENTRY_MARGIN: 'With the orders filled at their worst limits the equity would not cover the requirement.',
} as const;
export type EntryCode = keyof typeof ENTRY_CODES;

/** An order in the auction, its lots cut if it is reduce-only. */
export interface EnteredOrder extends Order {
  /** Its place in the list given to `checkEntry`. */
  readonly leg: number;
}

export interface Entry {
  readonly entered: readonly EnteredOrder[];
  readonly dropped: readonly { readonly leg: number; readonly code: EntryCode }[];
}

/**
 * Decides which of an account's orders of a height enter the auctions. Reduce-only orders are cut to what is left
 * of the opposite position; then all that remain enter together or not at all:
 * openingEquity − Σ need(leg) ≥ max(IM held, IM held without the long options being sold), or, if the orders only
 * reduce, E − Σ need(leg) ≥ 0, with
 * need(leg) = max(0, loss against the mark at the worst price + fee + the leg's own IM unless reduce-only).
 * Deviation D1 (stricter than margin needs): a leg whose limit is better than the mark by more than its IM counts as 0,
 * not as a gain: it may not fill, while the others do.
 * @param input.orders the account's orders of the height in id order, its deposits already in its cash
 */
export function checkEntry(
  input: Prices & { readonly account: Account; readonly orders: readonly Order[] },
): Entry {
  const { account, orders } = input;
  const dropped: { leg: number; code: EntryCode }[] = [];
  const kept: EnteredOrder[] = [];
  const reducible = new Map([...account.positions].map(([i, { lots }]) => [i, abs(lots)]));
  orders.forEach((order, leg) => {
    const lots = order.reduceOnly ? reducibleLots(account, reducible, order) : order.lots;
    if (order.instrument >= input.params.instruments.length) dropped.push({ leg, code: 'ENTRY_INSTRUMENT' });
    else if (lots === 0n) dropped.push({ leg, code: 'ENTRY_REDUCE_ONLY' });
    else kept.push({ ...order, lots, leg });
  });

  const reaches = reachOf(account, kept);
  const need = kept.reduce((sum, order) => sum + legNeed(input, order, reaches), 0n);
  if (available(input, account, kept) >= need) return { entered: kept, dropped };
  for (const { leg } of kept) dropped.push({ leg, code: 'ENTRY_MARGIN' });
  return { entered: [], dropped: dropped.sort((a, b) => a.leg - b.leg) };
}

/** How many lots each position may come to have, whichever of the opening orders fill. */
function reachOf(account: Account, orders: readonly Order[]): Map<InstrumentIndex, bigint> {
  const reaches = new Map<InstrumentIndex, bigint>();
  for (const { instrument, lots, reduceOnly } of orders) {
    if (reduceOnly) continue;
    const held = abs(account.positions.get(instrument)?.lots ?? 0n);
    reaches.set(instrument, (reaches.get(instrument) ?? held) + lots);
  }
  return reaches;
}

/** Takes up to `order.lots` from what is left of the opposite position; 0 if there is none. */
function reducibleLots(account: Account, left: Map<InstrumentIndex, bigint>, order: Order): bigint {
  const held = account.positions.get(order.instrument)?.lots ?? 0n;
  if (held === 0n || held > 0n === (order.side === 'buy')) return 0n;
  const remaining = left.get(order.instrument)!;
  const taken = min(order.lots, remaining);
  left.set(order.instrument, remaining - taken);
  return taken;
}

/**
 * What a leg may cost at worst, units ≥ 0: filled at its limit, or at the band's edge if the limit is beyond it.
 * A leg that no price of the band satisfies cannot fill and needs nothing. Loss + fee grows with every unit that the
 * price is worse, so the worst limit is the worst price.
 */
function legNeed(
  { params, marks, index }: Prices,
  order: Order,
  reaches: ReadonlyMap<InstrumentIndex, bigint>,
): bigint {
  const mark = marks[order.instrument]!;
  const band = bandOf(mark, params.bandPpm);
  if (order.side === 'buy' ? order.price < band.low : order.price > band.high) return 0n;
  const price = order.side === 'buy' ? min(order.price, band.high) : max(order.price, band.low);
  const loss = order.lots * (order.side === 'buy' ? price - mark : mark - price);
  const fee = ppmUp(order.lots * price, params.feePpm);
  const leg = { ...order, reach: reaches.get(order.instrument) ?? 0n };
  const margin = order.reduceOnly ? 0n : legInitialMargin(params, leg, marks, index);
  return max(0n, loss + fee + margin);
}

/**
 * What the needs of all legs may use up, units, signed. Orders only reduce when all are reduce-only and the sales of
 * held long options take no cover away, that is, do not raise MM: a hedge that is sold is exposure that is opened.
 */
function available({ params, marks, index }: Prices, account: Account, orders: readonly Order[]): bigint {
  const uncovered = withoutSoldOptions(params, account, orders);
  const opens =
    orders.some(({ reduceOnly }) => !reduceOnly) ||
    maintenanceMargin(params, uncovered, marks, index) > maintenanceMargin(params, account, marks, index);
  if (!opens) return equity(account, marks);
  const required = max(
    initialMargin(params, account, marks, index),
    initialMargin(params, uncovered, marks, index),
  );
  return openingEquity(params, account, marks) - required;
}

/** The account without the long option lots that the orders would sell. */
function withoutSoldOptions(params: MarketParams, account: Account, orders: readonly Order[]): Account {
  const positions = new Map(account.positions);
  for (const { side, instrument, lots } of orders) {
    const position = positions.get(instrument);
    if (side === 'buy' || position === undefined || params.instruments[instrument]!.kind !== 'option')
      continue;
    if (position.lots > lots) positions.set(instrument, { ...position, lots: position.lots - lots });
    else if (position.lots > 0n) positions.delete(instrument);
  }
  return { ...account, positions };
}
