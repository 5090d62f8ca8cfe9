import { isDeepStrictEqual } from 'node:util';
import { toHex } from '../../src/base/bytes.ts';
import type { SettlementState } from '../../src/ledger/settlement-state.ts';
import type { OpenedBatch, OpenedItem, Settlement, SettlementInput } from '../../src/ledger/transition.ts';
import type { Account } from '../../src/market/account.ts';
import type { MarketParams } from '../../src/market/params.ts';

/**
 * A second set of books. From the state before a height, its items and the events it published, the accounts are added up anew, and
 * the invariants of src/ledger/README.md are read off both. Nothing here calls the market or the ledger: types and bytes only.
 */

const ZEROS = new Uint8Array(32);

const sum = <T>(rows: Iterable<T>, of: (row: T) => bigint): bigint => {
  let total = 0n;
  for (const row of rows) total += of(row);
  return total;
};

/** What an account is worth to the books: money = cash + Σ quotes, and its lots. */
interface Book {
  money: bigint;
  readonly lots: Map<number, bigint>;
}

const bookOf = ({ cash, positions }: Account): Book => ({
  money: cash + sum(positions.values(), ({ quote }) => quote),
  lots: new Map([...positions].map(([i, { lots }]) => [i, lots])),
});
const worth = ({ money, lots }: Book, marks: readonly bigint[]): bigint =>
  money + sum(lots, ([i, q]) => q * marks[i]!);
const booksOf = (state: SettlementState): Map<string, Book> =>
  new Map([...state.accounts].map(([id, account]) => [id as string, bookOf(account)]));

function bookIn(books: Map<string, Book>, id: string): Book {
  const book = books.get(id) ?? { money: 0n, lots: new Map() };
  books.set(id, book);
  return book;
}

function trade(book: Book, instrument: number, signed: bigint, price: bigint): void {
  book.money -= signed * price;
  const lots = (book.lots.get(instrument) ?? 0n) + signed;
  if (lots === 0n) book.lots.delete(instrument);
  else book.lots.set(instrument, lots);
}

const signed = ({ side, lots }: { side: string; lots: bigint }): bigint => (side === 'buy' ? lots : -lots);

/** Steps 2 and 3: what funding and expiries do to everybody. */
function openBooks(before: SettlementState, { events }: Settlement): Map<string, Book> {
  const books = booksOf(before);
  for (const book of books.values()) {
    for (const { instrument, perLot } of events.funding)
      book.money -= (book.lots.get(instrument) ?? 0n) * perLot;
    for (const { instrument, payout } of events.expiries) {
      book.money += (book.lots.get(instrument) ?? 0n) * payout;
      book.lots.delete(instrument);
    }
  }
  return books;
}

/** Items of a height that no receipt refused as a whole. */
const takenItems = (input: SettlementInput, { receipts }: Settlement): OpenedItem[] =>
  input.items.filter(({ id }) => !receipts.some((row) => row.id === id && row.leg === undefined));

/** What actions paid that were refused. */
const refusedActions = ({ transfers }: Settlement) => transfers.filter(({ kind }) => kind === 'refused');

const isBatch = (item: OpenedItem): item is OpenedBatch => item.kind === 'batch';
const hexOf = (A: bigint): string => A.toString(16).padStart(64, '0');

/** Accounts with E < 0 at this height's marks, before anything is done about it. */
export function bankruptIn(before: SettlementState, _: SettlementInput, result: Settlement): number {
  if (result.events.isHalted) return 0;
  const { marks } = result.state.market;
  return [...openBooks(before, result).values()].filter((book) => worth(book, marks) < 0n).length;
}

/** The accounts after a height, added up from what it published. */
function closedBooks(
  { batchFee }: MarketParams,
  before: SettlementState,
  input: SettlementInput,
  result: Settlement,
): Map<string, Book> {
  const books = openBooks(before, result);
  const { liquidations, deleverages, insured, cover } = result.events;
  // An action, also a refused one, opens its account: the sequence number is used.
  for (const item of input.items) if (item.kind === 'action') bookIn(books, hexOf(item.account));
  for (const item of takenItems(input, result)) {
    if (item.kind === 'deposit') bookIn(books, hexOf(item.account)).money += item.amount;
    else if (item.kind === 'action') bookIn(books, hexOf(item.account)).money -= item.amount + batchFee;
    else bookIn(books, hexOf(item.content!.account)).money += item.content!.deposit;
  }
  for (const { account, fee } of refusedActions(result)) bookIn(books, account).money -= fee;
  for (const fill of [...result.fills, ...liquidations]) {
    const book = bookIn(books, fill.account);
    trade(book, fill.instrument, signed(fill), fill.price);
    book.money -= fill.fee;
  }
  for (const { account, penalty, insured: paid } of liquidations)
    bookIn(books, account).money += paid - penalty;
  for (const { account, amount } of insured) bookIn(books, account).money += amount;
  for (const match of deleverages) {
    trade(bookIn(books, match.account), match.instrument, signed(match), match.price);
    trade(bookIn(books, match.counterparty), match.instrument, -signed(match), match.price);
  }
  for (const { account, amount } of cover.deficits) bookIn(books, account).money += amount;
  for (const { account, amount } of cover.haircuts) bookIn(books, account).money -= amount;
  return books;
}

/** Whether every account is what its events make of it, to the unit. */
function unexplained(books: ReadonlyMap<string, Book>, { accounts }: SettlementState): string | undefined {
  for (const [id, account] of accounts) {
    const [told, added] = [bookOf(account), books.get(id)];
    if (added === undefined || added.money !== told.money) return `${id}: ${told.money}, not ${added?.money}`;
    for (const i of new Set([...told.lots.keys(), ...added.lots.keys()]))
      if (told.lots.get(i) !== added.lots.get(i)) return `${id}: lots of ${i}`;
    if ([...told.lots.values()].includes(0n)) return `${id}: an empty position`;
  }
  return books.size === accounts.size ? undefined : `${accounts.size} accounts, not ${books.size}`;
}

/** I5 and I7: what was paid to some was paid by others, and no option is paid twice. */
function brokenPayments(before: SettlementState, { events, state }: Settlement): string | undefined {
  const held = (i: number): bigint =>
    sum(before.accounts.values(), ({ positions }) => positions.get(i as never)?.lots ?? 0n);
  const paid = (i: number, perLot: bigint): bigint =>
    sum(before.accounts.values(), ({ positions }) => (positions.get(i as never)?.lots ?? 0n) * perLot);
  for (const { instrument, payout } of events.expiries) {
    if (paid(instrument, payout) !== 0n || payout < 0n) return `I5: ${held(instrument)} lots are paid`;
    if (before.market.settled[instrument] !== undefined) return 'I5: paid twice';
  }
  for (const { positions } of state.accounts.values())
    for (const i of positions.keys())
      if (state.market.settled[i] !== undefined) return 'I5: an expired option is held';
  for (const { instrument, perLot } of events.funding)
    if (paid(instrument, perLot) !== 0n) return `I7: ${held(instrument)} lots are paid`;
  return undefined;
}

/** I6, the limits of the orders and the band. */
function brokenAuction(
  { bandPpm, bandIndexPpm, markClampPpm, feePpm, instruments }: MarketParams,
  input: SettlementInput,
  { auctions, fills, events, state }: Settlement,
): string | undefined {
  for (const { instrument, price, volume } of auctions) {
    const own = [...fills, ...events.liquidations].filter((fill) => fill.instrument === instrument);
    if (sum(own, signed) !== 0n) return `I6: lots of ${instrument}`;
    if (sum(own, ({ lots }) => lots) !== 2n * volume) return `I6: volume of ${instrument}`;
    if (own.some((fill) => fill.price !== price)) return `I6: price of ${instrument}`;
    const money = sum(own, (fill) => -signed(fill) * fill.price - fill.fee);
    if (money !== -sum(own, ({ fee }) => fee)) return `I6: cash and quotes of ${instrument}`;
    if (own.some(({ lots, price: p, fee }) => fee * 1_000_000n - lots * p * feePpm >= 1_000_000n))
      return 'I6: a fee is more than rounded up';
    if (own.some(({ lots, price: p, fee }) => fee * 1_000_000n < lots * p * feePpm))
      return 'I6: a fee too low';
    const mark = state.market.marks[instrument]!;
    const off = price === null ? 0n : price > mark ? price - mark : mark - price;
    const { kind, lotPpm } = instruments[instrument]!;
    // A perpetual's band is centred within β of its mark, the index.
    const far =
      kind === 'perp'
        ? mark * (bandPpm + markClampPpm) + (mark * bandPpm * markClampPpm) / 1_000_000n
        : mark * bandPpm;
    const least = kind === 'perp' ? 0n : ((state.market.medians[0]! * lotPpm) / 1_000_000n) * bandIndexPpm;
    if (off * 1_000_000n > (far > least ? far : least) + 999_999n)
      return `the auction of ${instrument} leaves its band`;
  }
  for (const { id, leg, lots, price, side } of fills) {
    const order = input.items.filter(isBatch).find((item) => item.id === id)?.content?.orders[leg];
    if (order === undefined || order.side !== side || lots > order.lots) return 'a fill that nobody ordered';
    if (side === 'buy' ? price > order.price : price < order.price) return 'a fill beyond its limit';
  }
  return undefined;
}

/**
 * I11: who was not below 0 at this height's marks loses nothing by deleverages and haircuts while the fund has money left; what all of them
 * lose is no more than what the bankrupt ones were missing and insurance did not pay, but for a unit a lot that prices are rounded by.
 */
function brokenLosses(before: SettlementState, result: Settlement): string | undefined {
  const { events, state } = result;
  if (events.isHalted) return undefined;
  const { marks } = state.market;
  const opened = openBooks(before, result);
  const lost = new Map<string, bigint>();
  const lose = (id: string, amount: bigint): unknown => lost.set(id, (lost.get(id) ?? 0n) + amount);
  let rounding = 0n;
  for (const match of events.deleverages) {
    // What the one who is closed gains against the mark, its counterparty loses.
    const away = signed(match) * (marks[match.instrument]! - match.price);
    lose(match.account, -away);
    lose(match.counterparty, away);
    rounding += match.lots;
  }
  for (const { account, amount } of events.cover.haircuts) lose(account, amount);
  const isSolvent = (id: string): boolean => {
    const book = opened.get(id);
    return book === undefined || worth(book, marks) >= 0n;
  };
  const losses = [...lost].filter(([id, amount]) => amount > 0n && isSolvent(id));
  if (losses.length === 0) return undefined;
  if (state.insurance > events.cover.leftOver) return `I11: ${losses[0]![0]} loses while the fund has money`;
  const missing = sum(opened.values(), (book) => {
    const E = worth(book, marks);
    return E < 0n ? -E : 0n;
  });
  const owed = sum(events.cover.deficits, ({ amount }) => amount);
  const fees = sum(events.liquidations, ({ fee }) => fee);
  const spread = sum(events.liquidations, (fill) => {
    const off = signed(fill) * (fill.price - marks[fill.instrument]!);
    return off > 0n ? off : 0n;
  });
  const total = sum(losses, ([, amount]) => amount);
  return total > missing + owed + fees + spread + rounding
    ? `I11: ${total} are lost for ${missing}`
    : undefined;
}

/** A halted market moves nothing but what items pay in and take out of accounts without positions; one with fresh prices is not halted. */
function brokenHalt(
  { oracle }: MarketParams,
  before: SettlementState,
  input: SettlementInput,
  result: Settlement,
): string | undefined {
  const { events, fills, state } = result;
  const isStale = input.timeS - input.oracleTimeS > oracle.staleAfterS;
  if (events.isHalted !== isStale) return 'halted without need, or not halted';
  if (!isStale) return undefined;
  const moved = [events.funding, events.expiries, events.liquidations, events.deleverages, fills];
  if (moved.some((rows) => rows.length > 0)) return 'a halted market trades, pays or liquidates';
  const left = takenItems(input, result).filter((item) => item.kind === 'action');
  if (left.some(({ account }) => (before.accounts.get(hexOf(account) as never)?.positions.size ?? 0) > 0))
    return 'money leaves an account with positions while the market is halted';
  return state.market.marks.every((mark, i) => mark === before.market.marks[i]) ? undefined : 'marks move';
}

/** What was published of deposits and actions is what the items say, and sequence numbers count the actions, refused or not. */
function brokenTransfers(
  { batchFee }: MarketParams,
  before: SettlementState,
  input: SettlementInput,
  result: Settlement,
): string | undefined {
  const expected = takenItems(input, result).flatMap((item) => {
    if (item.kind === 'batch') return [];
    const { id, amount } = item;
    const isShield = item.kind === 'action' && item.action === 'shield';
    const kind = item.kind === 'deposit' ? 'deposit' : item.action;
    const to = isShield ? hexOf(item.commitment) : toHex('destination' in item ? item.destination : ZEROS);
    const fee = item.kind === 'deposit' ? 0n : batchFee;
    return [{ id, kind, account: hexOf(item.account), amount, fee, to }];
  });
  const paying = refusedActions(result);
  const isPaid = paying.every(({ id, amount, fee, to, account }) => {
    const item = input.items.find((each) => each.id === id);
    const isOwn = item?.kind === 'action' && hexOf(item.account) === account;
    return isOwn && amount === 0n && fee > 0n && fee <= batchFee && toHex(to) === toHex(ZEROS);
  });
  if (!isPaid || paying.some(({ id }) => takenItems(input, result).some((item) => item.id === id)))
    return 'what refused actions pay';
  const told = result.transfers
    .filter(({ kind }) => kind !== 'refused')
    .map((row) => ({ ...row, to: toHex(row.to) }));
  const sorted = <T extends { id: string }>(rows: T[]): T[] => rows.sort((a, b) => (a.id < b.id ? -1 : 1));
  if (!isDeepStrictEqual(told, sorted(expected))) return 'transfers are not those of the items';
  for (const [id, { sequence }] of result.state.accounts) {
    const actions = input.items.filter((item) => item.kind === 'action' && hexOf(item.account) === id);
    if (sequence !== (before.accounts.get(id)?.sequence ?? 0n) + BigInt(actions.length)) return 'sequences';
  }
  return undefined;
}

/** I1, I4, I8: money. */
function brokenMoney(
  { batchFee }: MarketParams,
  before: SettlementState,
  input: SettlementInput,
  result: Settlement,
  books: ReadonlyMap<string, Book>,
): string | undefined {
  const { state, fills, events } = result;
  const { cover, liquidations } = events;
  const held = sum(books.values(), ({ money }) => money);
  const money = held + state.insurance + state.fees + state.pool;
  if (money !== state.deposits - state.withdrawals) return `I1: ${money}`;
  const items = takenItems(input, result);
  const batches = items.filter(isBatch);
  const actions = items.filter((item) => item.kind === 'action');
  const amounts = (rows: readonly { amount: bigint }[]): bigint => sum(rows, ({ amount }) => amount);
  const shielded = amounts(actions.filter(({ action }) => action === 'shield'));
  const withdrawn = amounts(actions.filter(({ action }) => action === 'withdraw'));
  const batchFees = sum(batches, ({ fee }) => fee);
  const spent = batchFees + sum(batches, ({ content }) => content!.deposit);
  if (state.pool < 0n || state.pool !== before.pool + shielded - spent) return 'I8: pool';
  if (state.deposits !== before.deposits + amounts(items.filter((item) => item.kind === 'deposit')))
    return 'I1: deposits';
  if (state.withdrawals !== before.withdrawals + withdrawn) return 'I1: withdrawals';
  const refusedFees = sum(refusedActions(result), ({ fee }) => fee);
  const itemFees = batchFees + batchFee * BigInt(actions.length) + refusedFees;
  const fees = before.fees + itemFees + sum([...fills, ...liquidations], ({ fee }) => fee) - cover.fromFees;
  if (state.fees !== fees) return `I1: fees ${state.fees}, not ${fees}`;
  const moved = sum(liquidations, ({ penalty, insured }) => penalty - insured);
  const rescued = amounts(events.insured);
  const insurance = before.insurance + moved - rescued + cover.leftOver - cover.fromInsurance;
  if (state.insurance < 0n || state.insurance !== insurance) return 'I4: insurance';
  for (const [id, book] of books) {
    const E = worth(book, state.market.marks);
    if (E < 0n) return `I4: ${id} has ${E}`;
  }
  return undefined;
}

/**
 * @param again the same height settled once more, from maps and items in another order
 * @returns what is broken, by its number in src/ledger/README.md
 */
export function brokenInvariant(
  params: MarketParams,
  before: SettlementState,
  input: SettlementInput,
  result: Settlement,
  again: Settlement,
): string | undefined {
  const { state } = result;
  const books = closedBooks(params, before, input, result);
  const unlike = unexplained(books, state);
  if (unlike !== undefined) return `the events do not explain ${unlike}`;
  for (let i = 0; i < params.instruments.length; i++)
    if (sum(books.values(), ({ lots }) => lots.get(i) ?? 0n) !== 0n) return `I2: instrument ${i}`;
  const otherMarks = state.market.marks.map((mark, i) => 3n * mark + BigInt(i));
  const total = (marks: readonly bigint[]): bigint => sum(books.values(), (book) => worth(book, marks));
  if (total(otherMarks) !== total(state.market.marks)) return 'I3';
  const broken =
    brokenMoney(params, before, input, result, books) ??
    brokenTransfers(params, before, input, result) ??
    brokenPayments(before, result) ??
    brokenAuction(params, input, result) ??
    brokenLosses(before, result) ??
    brokenHalt(params, before, input, result);
  if (broken !== undefined) return broken;
  const isSame =
    toHex(again.stateRoot) === toHex(result.stateRoot) &&
    toHex(again.receiptsRoot) === toHex(result.receiptsRoot);
  return isSame ? undefined : 'I9, I10: items or maps in another order settle to other bytes';
}
