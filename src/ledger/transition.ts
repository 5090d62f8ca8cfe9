import { assert } from '../base/errors.ts';
import { type BookOrder, clearAuction } from '../market/auction.ts';
import { checkEntry, type EntryCode } from '../market/entry.ts';
import type { RestingOrder } from '../market/funding.ts';
import type { Prices } from '../market/marks.ts';
import type { Order } from '../market/order.ts';
import { INDEX_FEED, type MarketParams } from '../market/params.ts';
import { openTable } from '../market/reserve.ts';
import { type MarketState, nextMarketState, withPremiums } from '../market/state.ts';
import { type AccountId, type Height, type ItemId, instrumentIndex } from '../params/ids.ts';
import type { BatchContent } from './batch-words.ts';
import { bookFill, type HeightLedger, openLedger, payIn, tieKeyOf } from './height-ledger.ts';
import { type OracleInput, openMarket } from './market-opening.ts';
import type { RefusedItem } from './ordering-state.ts';
import {
  type AuctionOutcome,
  type Fill,
  type LiquidationFill,
  NO_COVER,
  type Receipts,
  receiptsRoot,
} from './receipts.ts';
import { accountIdOf, type SettlementState, stateRoot, withTable } from './settlement-state.ts';
import {
  bookLiquidation,
  checkMargins,
  type MarginCheck,
  NOTHING_BELOW,
  restoreSolvency,
} from './solvency.ts';
import { type NamedAction, type NamedDeposit, takeAction, takeDeposit } from './transfers.ts';
import { auditTurnstile, type Turnstile } from './turnstile.ts';

/** An accepted batch after its decryption. */
export interface OpenedBatch {
  readonly kind: 'batch';
  readonly id: ItemId;
  /** Units, from its public signals. */
  readonly fee: bigint;
  /** undefined: what the seal held is no batch. */
  readonly content: BatchContent | undefined;
}

/** An accepted item after the decryption of the height's batches. */
export type OpenedItem = OpenedBatch | NamedAction | NamedDeposit;

/** What a height brings to its settlement. */
export interface SettlementInput extends OracleInput {
  readonly height: Height;
  /** Of this height, 64 bytes: known only after the items were ordered. */
  readonly beacon: Uint8Array;
  /** Accepted items, distinct ids, any order. */
  readonly items: readonly OpenedItem[];
  /** Items that lost at the re-check, any order: they get their receipts here. */
  readonly refused: readonly RefusedItem[];
}

export interface Settlement extends Receipts {
  readonly state: SettlementState;
  readonly stateRoot: Uint8Array;
  readonly receiptsRoot: Uint8Array;
  /** Follows from the states and the receipts. */
  readonly turnstile: Turnstile;
}

/** One order on its way through a height. */
interface Entrant {
  readonly id: ItemId;
  readonly leg: number;
  readonly account: AccountId;
  readonly order: Order;
}

/**
 * Settles a height: a pure function of its arguments, in the order of src/market/README.md.
 * 1 medians, marks, reserve table · 2 funding · 3 expiries · 4 margin check and liquidation orders · 5 deposits,
 * account actions, then batches, each in id order: turnstile · 6 entry checks, an account at a time · 7 one auction an instrument · 8 fills and
 * fees · 9 auto-deleverage, insurance, haircut · 10 audit of the turnstile, roots. In a halted market only 5 and 10 happen.
 * Whatever an item says, the answer is a receipt; the order in which items are handed in has no effect.
 * @throws ASSERTION if the height does not follow the state's, or ids or the number of medians are wrong: our bug
 */
export function settle(params: MarketParams, before: SettlementState, input: SettlementInput): Settlement {
  const { height, beacon } = input;
  assert(height === before.height + 1, 'heights settle one after the other');
  assert(input.medians.length === before.market.medians.length, 'there is a median for each oracle feed');

  const ledger = openLedger(before);
  ledger.receipts.push(...input.refused.map(({ id, code }) => ({ id, leg: undefined, code })));
  const { isHalted, market: opened, funding, expiries } = openMarket(params, before.market, input, ledger);
  const { marks, medians } = opened;
  const prices: Prices = { params, marks, index: medians[INDEX_FEED]! };
  const check = isHalted ? NOTHING_BELOW : checkMargins(prices, ledger);

  const items = byId(input.items);
  items.forEach(({ id }, i) => {
    assert(i === 0 || items[i - 1]!.id !== id, 'the items of a height have distinct ids');
  });
  for (const item of items) if (item.kind === 'deposit') takeDeposit(ledger, item);
  for (const item of items) if (item.kind === 'action') takeAction(prices, before, isHalted, ledger, item);
  const batches = items.filter((item) => item.kind === 'batch');
  const wishes = takeBatches(ledger, batches);
  const entrants = enter(prices, ledger, admit(opened, isHalted, check, wishes, ledger));
  const { auctions, fills, liquidations, residual } = clear(prices, ledger, entrants, check, beacon);
  const solvency = isHalted
    ? { deleverages: [], cover: NO_COVER, distress: before.distress }
    : restoreSolvency(prices, before, ledger, check);

  const clears = auctions.map(({ price }) => price);
  const sampled = isHalted ? opened : withPremiums(params, opened, residual);
  const market = nextMarketState(params, sampled, { timeS: opened.timeS, medians, marks, clears });
  const { accounts, fees, insurance, pool, deposits, withdrawals, receipts, transfers } = ledger;
  const tables = withTable(before.tables, height, openTable(params, market));
  const { distress, deleverages, cover } = solvency;
  const state: SettlementState = {
    ...before,
    height,
    beacon,
    accounts,
    distress,
    market,
    fees,
    insurance,
    pool,
    deposits,
    withdrawals,
    tables,
  };
  const events = { isHalted, funding, expiries, liquidations, deleverages, cover };
  const outcome = {
    height,
    receipts: byId(receipts),
    transfers: byId(transfers),
    auctions,
    fills: byId(fills),
    events,
  };
  const turnstile = auditTurnstile(
    before,
    state,
    outcome,
    batches.map(({ id, fee, content }) => ({ id, amount: fee + (content?.deposit ?? 0n) })),
  );
  return { ...outcome, state, stateRoot: stateRoot(state), receiptsRoot: receiptsRoot(outcome), turnstile };
}

/** Ascending ids; within one item, the whole item first and then its legs. */
function byId<T extends { readonly id: ItemId; readonly leg?: number | undefined }>(rows: readonly T[]): T[] {
  return [...rows].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : (a.leg ?? -1) - (b.leg ?? -1)));
}

/**
 * Step 5, batches. Turnstile: what leaves the notes must be in the pool, whatever a forged proof may have claimed.
 * @param batches in id order
 * @returns the orders of the batches that count, in id order, then by leg
 */
function takeBatches(ledger: HeightLedger, batches: readonly OpenedBatch[]): Entrant[] {
  const entrants: Entrant[] = [];
  for (const { id, fee, content } of batches) {
    if (content === undefined) {
      ledger.receipts.push({ id, leg: undefined, code: 'SETTLE_UNREADABLE' });
      continue;
    }
    if (content.deposit + fee > ledger.pool) {
      ledger.receipts.push({ id, leg: undefined, code: 'SETTLE_POOL_EXCEEDED' });
      continue;
    }
    ledger.pool -= content.deposit + fee;
    ledger.fees += fee;
    const name = accountIdOf(content.account);
    payIn(ledger, name, content.deposit);
    content.orders.forEach((order, leg) => {
      if (order !== undefined) entrants.push({ id, leg, account: name, order });
    });
  }
  return entrants;
}

/** Before step 6: orders that no margin could let in, each dropped with its code. */
function admit(
  { settled }: MarketState,
  isHalted: boolean,
  { below }: MarginCheck,
  wishes: readonly Entrant[],
  ledger: HeightLedger,
): Entrant[] {
  const codeOf = ({ account, order }: Entrant): EntryCode | undefined => {
    if (isHalted) return 'ENTRY_HALTED';
    if (below.has(account)) return 'ENTRY_LIQUIDATION';
    return settled[order.instrument] === undefined ? undefined : 'ENTRY_EXPIRED';
  };
  return wishes.filter((wish) => {
    const code = codeOf(wish);
    if (code !== undefined) ledger.receipts.push({ id: wish.id, leg: wish.leg, code });
    return code === undefined;
  });
}

/** Step 6. All orders of an account are judged together, after all deposits of the height. */
function enter(prices: Prices, ledger: HeightLedger, wishes: readonly Entrant[]): Entrant[] {
  const wishesOf = new Map<AccountId, Entrant[]>();
  for (const wish of wishes) {
    const rows = wishesOf.get(wish.account);
    if (rows === undefined) wishesOf.set(wish.account, [wish]);
    else rows.push(wish);
  }
  const entrants: Entrant[] = [];
  for (const [name, rows] of wishesOf) {
    const account = ledger.accounts.get(name)!;
    const orders = rows.map(({ order }) => order);
    const { entered, dropped } = checkEntry({ ...prices, account, orders });
    for (const { leg, ...order } of entered) entrants.push({ ...rows[leg]!, order });
    for (const { leg, code } of dropped) {
      const { id, leg: place } = rows[leg]!;
      ledger.receipts.push({ id, leg: place, code });
    }
  }
  return entrants;
}

/** What the auctions of a height gave. */
interface Cleared {
  readonly auctions: AuctionOutcome[];
  readonly fills: Fill[];
  readonly liquidations: LiquidationFill[];
  /** What the auction of each instrument left over of the traders' orders. */
  readonly residual: RestingOrder[][];
}

/** In a tie key, the leg of a liquidation order is its instrument beyond this: items have fewer legs. */
const LIQUIDATION_LEG = 128;

/** Steps 7 and 8: one auction an instrument, over the traders' orders and the liquidation orders alike. */
function clear(
  prices: Prices,
  ledger: HeightLedger,
  entrants: readonly Entrant[],
  { orders: liquidating }: MarginCheck,
  beacon: Uint8Array,
): Cleared {
  const { params, marks } = prices;
  const cleared: Cleared = { auctions: [], fills: [], liquidations: [], residual: [] };
  params.instruments.forEach((_, i) => {
    const rows = entrants.filter(({ order }) => order.instrument === i);
    const forced = liquidating.filter((order) => order.instrument === i);
    const book: BookOrder[] = [
      ...rows.map(({ id, leg, order }) => bookOrder(order, tieKeyOf(id, leg, beacon))),
      ...forced.map((order) => bookOrder(order, tieKeyOf(order.account, LIQUIDATION_LEG + i, beacon))),
    ];
    const mark = marks[i]!;
    const {
      price,
      volume,
      fills: lots,
    } = clearAuction({ book, mark, bandPpm: params.bandPpm, reference: mark });
    cleared.auctions.push({ instrument: instrumentIndex(i), price, volume });
    cleared.residual.push(
      rows.map(({ order: { side, price, lots: wanted } }, k) => ({ side, price, lots: wanted - lots[k]! })),
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

/** Step 8. @returns the fill, or nothing if the order got no lots */
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
