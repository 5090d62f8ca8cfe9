import { concatBytes, fromHex } from '../base/bytes.ts';
import { assert } from '../base/errors.ts';
import { hashBytes } from '../crypto/hash.ts';
import { type BookOrder, clearAuction } from '../market/auction.ts';
import { checkEntry } from '../market/entry.ts';
import { applyFill } from '../market/fill.ts';
import type { Account } from '../market/margin.ts';
import { computeMarks } from '../market/marks.ts';
import type { Order } from '../market/order.ts';
import { INDEX_FEED, type MarketParams } from '../market/params.ts';
import { reserveTable } from '../market/reserve.ts';
import { nextMarketState } from '../market/state.ts';
import { type AccountId, type Height, type ItemId, instrumentIndex } from '../params/ids.ts';
import type { BatchContent } from './batch-words.ts';
import type { RefusedItem } from './ordering-state.ts';
import { type AuctionOutcome, type Fill, type Receipt, type Receipts, receiptsRoot } from './receipts.ts';
import { accountIdOf, type SettlementState, stateRoot, withTable } from './settlement-state.ts';

/** An accepted item after its decryption. */
export interface OpenedItem {
  readonly id: ItemId;
  /** Units, from its public signals. */
  readonly fee: bigint;
  /** undefined: what the seal held is no batch. */
  readonly content: BatchContent | undefined;
}

/** What a height brings to its settlement. */
export interface SettlementInput {
  readonly height: Height;
  /** Block time, unix seconds. */
  readonly timeS: bigint;
  /** One for each oracle feed. */
  readonly medians: readonly bigint[];
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
}

/** One order on its way through a height. */
interface Entrant {
  readonly id: ItemId;
  readonly leg: number;
  readonly account: AccountId;
  readonly order: Order;
}

/** Accounts, money and receipts of the height in progress; copies, so the state before stays as it is. */
interface Ledger {
  readonly accounts: Map<AccountId, Account>;
  fees: bigint;
  pool: bigint;
  readonly receipts: Receipt[];
}

/**
 * Settles a height: a pure function of its arguments, in MARKET's order (sections without items yet — funding,
 * expiries, liquidations, insurance — have nothing to do here).
 * 1 medians, marks, reserve table · 5 items in id order: deposit credited, fee taken, turnstile · 6 entry checks, an
 * account at a time · 7 one auction an instrument · 8 fills and fees · 10 roots.
 * Whatever an item says, the answer is a receipt; the order in which items are handed in has no effect.
 * @throws ASSERTION if the height does not follow the state's, or ids or the number of medians are wrong: our bug
 */
export function settle(params: MarketParams, before: SettlementState, input: SettlementInput): Settlement {
  const { height, timeS, medians, beacon } = input;
  assert(height === before.height + 1, 'heights settle one after the other');
  assert(medians.length === before.market.medians.length, 'there is a median for each oracle feed');

  const marks = computeMarks(params, before.market, medians, timeS);
  const index = medians[INDEX_FEED]!;

  const ledger: Ledger = {
    accounts: new Map(before.accounts),
    fees: before.fees,
    pool: before.pool,
    receipts: input.refused.map(({ id, code }) => ({ id, leg: undefined, code })),
  };
  const entrants = enter(params, ledger, takeItems(ledger, byId(input.items)), marks, index);

  const auctions: AuctionOutcome[] = [];
  const fills: Fill[] = [];
  params.instruments.forEach((_, i) => {
    const rows = entrants.filter(({ order }) => order.instrument === i);
    const book = rows.map((entrant) => bookOrder(entrant, beacon));
    const mark = marks[i]!;
    const {
      price,
      volume,
      fills: lots,
    } = clearAuction({ book, mark, bandPpm: params.bandPpm, reference: mark });
    auctions.push({ instrument: instrumentIndex(i), price, volume });
    if (price === null) return;
    for (const [k, row] of rows.entries()) fills.push(...fill(params, ledger, row, lots[k]!, price));
  });

  const clears = auctions.map(({ price }) => price);
  const market = nextMarketState(params, before.market, { timeS, medians, marks, clears });
  const { accounts, fees, pool, receipts } = ledger;
  const table = reserveTable(params, marks, index);
  const tables = withTable(before.tables, height, table);
  const state: SettlementState = { ...before, height, beacon, accounts, market, fees, pool, tables };
  const outcome = { height, receipts: byId(receipts), auctions, fills: byId(fills) };
  return { ...outcome, state, stateRoot: stateRoot(state), receiptsRoot: receiptsRoot(outcome) };
}

/** Ascending ids; within one item, the whole item first and then its legs. */
function byId<T extends { readonly id: ItemId; readonly leg?: number | undefined }>(rows: readonly T[]): T[] {
  return [...rows].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : (a.leg ?? -1) - (b.leg ?? -1)));
}

/**
 * Step 5. Turnstile: what leaves the notes must be in the pool, whatever a forged proof may have claimed.
 * @param items in id order
 * @returns the orders of the items that count, in id order, then by leg
 */
function takeItems(ledger: Ledger, items: readonly OpenedItem[]): Entrant[] {
  const entrants: Entrant[] = [];
  items.forEach(({ id, fee, content }, i) => {
    assert(i === 0 || items[i - 1]!.id !== id, 'the items of a height have distinct ids');
    if (content === undefined) {
      ledger.receipts.push({ id, leg: undefined, code: 'SETTLE_UNREADABLE' });
      return;
    }
    if (content.deposit + fee > ledger.pool) {
      ledger.receipts.push({ id, leg: undefined, code: 'SETTLE_POOL_EXCEEDED' });
      return;
    }
    ledger.pool -= content.deposit + fee;
    ledger.fees += fee;
    const name = accountIdOf(content.account);
    const account = ledger.accounts.get(name) ?? { cash: 0n, sequence: 0n, positions: new Map() };
    ledger.accounts.set(name, { ...account, cash: account.cash + content.deposit });
    content.orders.forEach((order, leg) => {
      if (order !== undefined) entrants.push({ id, leg, account: name, order });
    });
  });
  return entrants;
}

/** Step 6. All orders of an account are judged together, after all deposits of the height. */
function enter(
  params: MarketParams,
  ledger: Ledger,
  wishes: readonly Entrant[],
  marks: readonly bigint[],
  index: bigint,
): Entrant[] {
  const wishesOf = new Map<AccountId, Entrant[]>();
  for (const wish of wishes) wishesOf.set(wish.account, [...(wishesOf.get(wish.account) ?? []), wish]);
  const entrants: Entrant[] = [];
  for (const [name, rows] of wishesOf) {
    const account = ledger.accounts.get(name)!;
    const orders = rows.map(({ order }) => order);
    const { entered, dropped } = checkEntry({ params, account, orders, marks, index });
    for (const { leg, ...order } of entered) entrants.push({ ...rows[leg]!, order });
    for (const { leg, code } of dropped) {
      const { id, leg: place } = rows[leg]!;
      ledger.receipts.push({ id, leg: place, code });
    }
  }
  return entrants;
}

/** Step 7. The tie key is H(fillOrder; item id ‖ leg ‖ beacon): nobody knew the beacon when the id was made. */
function bookOrder({ id, leg, order: { side, price, lots } }: Entrant, beacon: Uint8Array): BookOrder {
  const tieKey = hashBytes('fillOrder', concatBytes(fromHex(id)!, Uint8Array.of(leg), beacon));
  return { side, price, lots, tieKey };
}

/** Step 8. @returns the fill, or nothing if the order got no lots */
function fill(
  params: MarketParams,
  ledger: Ledger,
  { id, leg, account, order: { instrument, side } }: Entrant,
  lots: bigint,
  price: bigint,
): Fill[] {
  if (lots === 0n) return [];
  const before = ledger.accounts.get(account)!;
  const { account: after, fee } = applyFill(before, instrument, side, lots, price, params.feePpm);
  ledger.accounts.set(account, after);
  ledger.fees += fee;
  return [{ id, leg, account, instrument, side, lots, price, fee }];
}
