import type { Account } from '../market/account.ts';
import { type Band, canFill } from '../market/band.ts';
import {
  checkEntry,
  checkOpenInterest,
  type Entry,
  type EntryCode,
  type EntryInput,
} from '../market/entry.ts';
import { openInterestLoads } from '../market/open-interest.ts';
import type { Order } from '../market/order.ts';
import { loadedPrices, type Prices } from '../market/prices.ts';
import type { AccountId, InstrumentIndex, ItemId } from '../params/ids.ts';
import type { HeightLedger } from './height-ledger.ts';
import { isClampedFor, type OpenedMarket } from './market-opening.ts';
import type { MarginCheck } from './solvency.ts';

/** Step 6 of a height: which orders enter its auctions. */

/** One order on its way through a height. */
export interface Entrant {
  readonly id: ItemId;
  readonly leg: number;
  readonly account: AccountId;
  readonly order: Order;
}

/** Orders that no margin could let in are dropped, each with its code. */
export function admit(
  { isHalted, clamped, market: { settled } }: OpenedMarket,
  { below }: MarginCheck,
  wishes: readonly Entrant[],
  ledger: HeightLedger,
): Entrant[] {
  const codeOf = ({ account, order }: Entrant): EntryCode | undefined => {
    const { instrument, reduceOnly } = order;
    if (isHalted) return 'ENTRY_HALTED';
    if (instrument >= settled.length) return 'ENTRY_INSTRUMENT';
    if (settled[instrument] !== undefined) return 'ENTRY_EXPIRED';
    if (reduceOnly) return undefined;
    const held = ledger.accounts.get(account)!;
    if (clamped.instruments[instrument] || isClampedFor(clamped, held)) return 'ENTRY_CLAMPED';
    return below.has(account) ? 'ENTRY_LIQUIDATION' : undefined;
  };
  return wishes.filter((wish) => {
    const code = codeOf(wish);
    if (code !== undefined) ledger.receipts.push({ id: wish.id, leg: wish.leg, code });
    return code === undefined;
  });
}

/** An account's orders and what its first check said. */
interface Judged {
  readonly rows: readonly Entrant[];
  readonly input: EntryInput;
  readonly entry: Entry;
}

/**
 * All orders of an account are judged together, after all deposits of the height: first at base rates, then, once, at the open interest that the
 * opening orders which passed could make.
 * @param held open interest at the end of the last height, lots
 */
export function enter(
  prices: Prices,
  bands: readonly Band[],
  held: readonly bigint[],
  { orders: offers }: MarginCheck,
  wishes: readonly Entrant[],
  ledger: HeightLedger,
): Entrant[] {
  const liquidating = new Map<AccountId, Map<InstrumentIndex, bigint>>();
  for (const { account, instrument, lots } of offers) {
    const own = liquidating.get(account) ?? new Map<InstrumentIndex, bigint>();
    liquidating.set(account, own.set(instrument, lots));
  }
  const wishesOf = new Map<AccountId, Entrant[]>();
  for (const wish of wishes) {
    const rows = wishesOf.get(wish.account);
    if (rows === undefined) wishesOf.set(wish.account, [wish]);
    else rows.push(wish);
  }
  const judged = [...wishesOf].map(([name, rows]): Judged => {
    const account: Account = ledger.accounts.get(name)!;
    const orders = rows.map(({ order }) => order);
    const input = { prices, bands, account, orders, liquidating: liquidating.get(name) ?? new Map() };
    return { rows, input, entry: checkEntry(input) };
  });
  const loads = openInterestLoads(prices, held, openingLots(prices, bands, judged));
  const isLoaded = loads.some((load) => load > 0n);
  const loaded = isLoaded ? loadedPrices(prices, loads) : prices;
  return judged.flatMap(({ rows, input, entry }) => {
    const { entered, dropped } = isLoaded ? checkOpenInterest(input, entry, loaded) : entry;
    for (const { leg, code } of dropped)
      ledger.receipts.push({ id: rows[leg]!.id, leg: rows[leg]!.leg, code });
    return entered.map(({ leg, ...order }) => ({ ...rows[leg]!, order }));
  });
}

/** B and S of each instrument: opening lots that passed and that some price of the band could fill. */
function openingLots({ params }: Prices, bands: readonly Band[], judged: readonly Judged[]) {
  const buys = params.instruments.map(() => 0n);
  const sells = params.instruments.map(() => 0n);
  for (const { entry } of judged) {
    for (const order of entry.entered) {
      if (order.reduceOnly || !canFill(order, bands[order.instrument]!)) continue;
      (order.side === 'buy' ? buys : sells)[order.instrument]! += order.lots;
    }
  }
  return { buys, sells };
}
