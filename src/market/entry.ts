import type { InstrumentIndex } from '../params/ids.ts';
import { type Account, equity, type Holdings, longOptionValue } from './account.ts';
import { type Band, canFill, worstPrice } from './band.ts';
import { positionRequirement, withLongOptions } from './margin.ts';
import type { Order } from './order.ts';
import type { Prices } from './prices.ts';
import { thatOnlyReduce } from './reducing.ts';
import { abs, max, min, ppmUp } from './rounding.ts';

/** Why an order did not enter the auction. */
export const ENTRY_CODES = {
  ENTRY_HALTED: 'The market is halted: the oracle prices are too old.',
  ENTRY_INSTRUMENT: 'The market has no instrument of that number.',
  ENTRY_EXPIRED: 'The option has expired.',
  ENTRY_CLAMPED:
    'The oracle moved further than prices follow in one height: until they have caught up, nothing is opened at them.',
  ENTRY_LIQUIDATION: 'The account is under liquidation: only its reducing orders enter.',
  ENTRY_REDUCE_ONLY: 'Reduce-only, but nothing is left of an opposite position to reduce.',
  ENTRY_MARGIN:
    'With the orders filled, or a part of them, at their worst limits the equity would not cover the requirement.',
  ENTRY_OPEN_INTEREST: 'Open interest is so large that the equity does not cover the raised initial margin.',
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

/** An account that wants to enter, and what the height does to it besides. */
export interface EntryInput {
  /** At base rates. */
  readonly prices: Prices;
  /** Of this height, by instrument. */
  readonly bands: readonly Band[];
  /** Its deposits of this height already in its cash. */
  readonly account: Account;
  /** Its orders of the height in id order, each of an instrument that trades. */
  readonly orders: readonly Order[];
  /** Lots that its liquidation offers in this height's auctions. */
  readonly liquidating: ReadonlyMap<InstrumentIndex, bigint>;
}

/**
 * Decides which of an account's orders of a height enter the auctions. Together with its reducing orders, all its opening orders enter
 * if `carriesAll`; if not, they are all dropped, and of the reducing ones enter those `thatOnlyReduce`.
 */
export function checkEntry(input: EntryInput): Entry {
  const opening = input.orders.some(({ reduceOnly }) => !reduceOnly);
  if (opening) {
    const all = cutReducing(input);
    if (carriesAll(input, input.prices, all.kept)) return entryOf(all.kept, all.dropped);
  }
  return withoutOpening(input, 'ENTRY_MARGIN');
}

/**
 * The second check of those that passed, at this height's open interest; one pass, so nobody enters because another was dropped.
 * @param loaded the prices at that open interest
 */
export function checkOpenInterest(input: EntryInput, first: Entry, loaded: Prices): Entry {
  if (first.entered.every(({ reduceOnly }) => reduceOnly)) return first;
  return carriesAll(input, loaded, first.entered) ? first : withoutOpening(input, 'ENTRY_OPEN_INTEREST');
}

/** All opening orders dropped with a code, the reducing ones judged by themselves. */
function withoutOpening(input: EntryInput, code: EntryCode): Entry {
  const opening = input.orders.flatMap(({ reduceOnly }, leg) => (reduceOnly ? [] : [{ leg, code }]));
  const { kept, dropped } = cutReducing(input, false);
  if (carriesAll(input, input.prices, kept)) return entryOf(kept, [...opening, ...dropped]);
  const entered = thatOnlyReduce(input, kept);
  const short = kept.filter((order) => !entered.includes(order));
  return entryOf(entered, [
    ...opening,
    ...dropped,
    ...short.map(({ leg }) => ({ leg, code: 'ENTRY_MARGIN' as const })),
  ]);
}

const entryOf = (entered: readonly EnteredOrder[], dropped: Entry['dropped']): Entry => ({
  entered,
  dropped: [...dropped].sort((a, b) => a.leg - b.leg),
});

/**
 * Reduce-only lots are cut to what the position leaves: |position| less the lots that its liquidation offers, less the account's opening orders of
 * that side, less earlier reduce-only ones. So no fill flips a position that was only to be reduced.
 * @param withOpening whether the opening orders are still in
 */
function cutReducing(
  { account, orders, liquidating }: EntryInput,
  withOpening = true,
): { kept: EnteredOrder[]; dropped: { leg: number; code: EntryCode }[] } {
  const left = new Map<InstrumentIndex, bigint>();
  for (const [i, { lots }] of account.positions) left.set(i, abs(lots) - (liquidating.get(i) ?? 0n));
  const reduces = ({ side, instrument }: Order): boolean => {
    const held = account.positions.get(instrument)?.lots ?? 0n;
    return held !== 0n && held > 0n === (side === 'sell');
  };
  if (withOpening) {
    for (const order of orders)
      if (!order.reduceOnly && reduces(order))
        left.set(order.instrument, left.get(order.instrument)! - order.lots);
  }
  const kept: EnteredOrder[] = [];
  const dropped: { leg: number; code: EntryCode }[] = [];
  orders.forEach((order, leg) => {
    if (!order.reduceOnly) {
      if (withOpening) kept.push({ ...order, leg });
      return;
    }
    const room = reduces(order) ? max(0n, left.get(order.instrument)!) : 0n;
    const lots = min(order.lots, room);
    if (lots === 0n) dropped.push({ leg, code: 'ENTRY_REDUCE_ONLY' });
    else {
      left.set(order.instrument, room - lots);
      kept.push({ ...order, lots, leg });
    }
  });
  return { kept, dropped };
}

/**
 * What a leg may cost at worst, units ≥ 0: lots·p + fee of a bought option, max(0, loss against the mark) + fee of any other; a leg that
 * cannot fill costs nothing.
 */
function legCost({ prices: { params, marks }, bands }: EntryInput, order: Order): bigint {
  const band = bands[order.instrument]!;
  if (!canFill(order, band)) return 0n;
  const price = worstPrice(order, band);
  const fee = ppmUp(order.lots * price, params.feePpm);
  const isBought = order.side === 'buy' && params.instruments[order.instrument]!.kind === 'option';
  if (isBought) return order.lots * price + fee;
  const mark = marks[order.instrument]!;
  return max(0n, order.lots * (order.side === 'buy' ? price - mark : mark - price)) + fee;
}

/**
 * E − Σ cost ≥ IM(worst): one check that covers every subset and every part of the orders, at any prices that they accept. Worst is what is held with
 * every option sale and no option purchase filled, and each perpetual at the larger of |lots + Σ opening buys| and |lots − Σ opening sells|.
 * Long options stand in for cash as they are held before their sale: a sale that does not fill leaves them.
 * @param at base rates, or the height's open interest
 */
function carriesAll(input: EntryInput, at: Prices, orders: readonly Order[]): boolean {
  if (orders.length === 0) return true;
  const { account } = input;
  const cost = orders.reduce((sum, order) => sum + legCost(input, order), 0n);
  const free = equity(account, at.marks) - cost;
  const base = positionRequirement(at, worstHoldings(input, orders));
  const L = longOptionValue(at.params, account.positions, at.marks);
  return free >= withLongOptions(at, base, free, L).initial;
}

function worstHoldings(
  { prices: { params }, bands, account }: EntryInput,
  orders: readonly Order[],
): Holdings {
  const bought = new Map<InstrumentIndex, bigint>();
  const sold = new Map<InstrumentIndex, bigint>();
  for (const order of orders) {
    const { side, instrument, lots, reduceOnly } = order;
    if (!canFill(order, bands[instrument]!)) continue;
    const isOption = params.instruments[instrument]!.kind === 'option';
    if (isOption ? side === 'buy' : reduceOnly) continue;
    const sums = side === 'buy' ? bought : sold;
    sums.set(instrument, (sums.get(instrument) ?? 0n) + lots);
  }
  const worst = new Map<InstrumentIndex, { readonly lots: bigint }>(account.positions);
  for (const i of new Set([...bought.keys(), ...sold.keys()])) {
    const held = account.positions.get(i)?.lots ?? 0n;
    const [most, least] = [held + (bought.get(i) ?? 0n), held - (sold.get(i) ?? 0n)];
    const isOption = params.instruments[i]!.kind === 'option';
    const lots = !isOption && abs(most) > abs(least) ? most : least;
    if (lots === 0n) worst.delete(i);
    else worst.set(i, { lots });
  }
  return worst;
}
