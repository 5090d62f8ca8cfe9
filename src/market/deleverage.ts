import type { AccountId, InstrumentIndex } from '../params/ids.ts';
import { type Account, equity } from './account.ts';
import { applyFill } from './fill.ts';
import { type AccountAmount, addCash } from './insurance.ts';
import { bankruptcyPrice, sharesOf } from './liquidation.ts';
import type { Side } from './order.ts';
import { indexPerLot, strikePerLot } from './params.ts';
import type { Prices } from './prices.ts';
import { abs, clamp, max, min } from './rounding.ts';

/** Lots of a position that was closed against a counterparty without an auction. */
export interface Deleverage {
  readonly account: AccountId;
  readonly counterparty: AccountId;
  readonly instrument: InstrumentIndex;
  /** What the account did: a long position sells. */
  readonly side: Side;
  readonly lots: bigint;
  /** Units per lot, ≥ 0. No fee. */
  readonly price: bigint;
}

/** A counterparty and what ranks it. */
interface Ranked {
  readonly id: AccountId;
  readonly lots: bigint;
  readonly equity: bigint;
  /** |lots|·mark·(quote + lots·mark): leverage × profit, times the equity. */
  readonly score: bigint;
}

/** The worth of a lot has bounds: a call is worth at most S, a put at most K, a perpetual here at most twice its mark. */
function highestPrice({ params, marks, index }: Prices, i: InstrumentIndex): bigint {
  const instrument = params.instruments[i]!;
  if (instrument.kind === 'perp') return 2n * marks[i]!;
  const bound = instrument.type === 'call' ? indexPerLot(instrument, index) : strikePerLot(instrument);
  return max(bound, marks[i]!);
}

/**
 * Holders of the other side of a position by descending leverage × profit = (|lots|·mark/E)·(quote + lots·mark), ties by
 * id; accounts that have no equity themselves come last.
 * @param side of the position's owner: 'sell' looks for short positions
 */
export function deleverageRanking(
  { marks }: Prices,
  accounts: ReadonlyMap<AccountId, Account>,
  instrument: InstrumentIndex,
  side: Side,
): Ranked[] {
  const mark = marks[instrument]!;
  const ranked: Ranked[] = [];
  for (const [id, account] of accounts) {
    const position = account.positions.get(instrument);
    if (position === undefined || position.lots > 0n === (side === 'sell')) continue;
    const value = position.lots * mark;
    const score = abs(value) * (position.quote + value);
    ranked.push({ id, lots: abs(position.lots), equity: equity(account, marks), score });
  }
  return ranked.sort(compareRanked);
}

function compareRanked(a: Ranked, b: Ranked): number {
  const [solventA, solventB] = [a.equity > 0n, b.equity > 0n];
  if (solventA !== solventB) return solventA ? -1 : 1;
  if (solventA) {
    const [left, right] = [a.score * b.equity, b.score * a.equity];
    if (left !== right) return left > right ? -1 : 1;
  }
  return a.id < b.id ? -1 : 1;
}

/** What became of a height's bankrupt accounts and of those that nobody took over in time. */
export interface Deleveraged {
  readonly accounts: Map<AccountId, Account>;
  /** In the order in which they were made. */
  readonly matches: readonly Deleverage[];
  /** What the fund paid into accounts, units, in the order of its payments. */
  readonly insured: readonly AccountAmount[];
  /** What is left in the fund, units ≥ 0. */
  readonly insurance: bigint;
}

/**
 * Insurance first, winners last. Each bankrupt account in turn: the fund pays min(−E, fund) into its cash, then all its positions are closed at
 * their bankruptcy prices (within what a lot can be worth) against the ranked other side. If the fund sufficed these prices are the marks, and no winner
 * loses anything. A counterparty whose equity falls below 0 is bankrupt as well: the chain ends because each step leaves one more account without positions
 * and opens none. Σ lots = 0, so the other side always suffices.
 * @param bankrupt accounts with positions and E < 0, in the order in which they are closed
 */
export function deleverage(
  prices: Prices,
  accounts: ReadonlyMap<AccountId, Account>,
  bankrupt: readonly AccountId[],
  fund: bigint,
): Deleveraged {
  const after = new Map(accounts);
  const matches: Deleverage[] = [];
  const insured: AccountAmount[] = [];
  let insurance = fund;
  const queue = [...bankrupt];
  for (const id of queue) {
    const amount = min(-equity(after.get(id)!, prices.marks), insurance);
    if (amount > 0n) {
      after.set(id, addCash(after.get(id)!, amount));
      insured.push({ account: id, amount });
      insurance -= amount;
    }
    for (const match of closeAccount(prices, after, id)) {
      matches.push(match);
      const counterparty = after.get(match.counterparty)!;
      const isDue = counterparty.positions.size > 0 && equity(counterparty, prices.marks) < 0n;
      if (isDue && !queue.includes(match.counterparty)) queue.push(match.counterparty);
    }
  }
  return { accounts: after, matches, insured, insurance };
}

/**
 * Closes all positions of a solvent account at the marks against the ranked other side: no fee, no penalty, nobody's equity changes. Without this
 * last resort dust lingers below maintenance and the next move is everybody's.
 * @param accounts changed in place
 */
export function closeAtMarks(prices: Prices, accounts: Map<AccountId, Account>, id: AccountId): Deleverage[] {
  return [...accounts.get(id)!.positions.keys()]
    .sort((a, b) => a - b)
    .flatMap((instrument) => closePosition(prices, accounts, id, instrument, prices.marks[instrument]!));
}

/** Largest requirement first, ties by instrument; the shares are taken anew after each position, so the last one takes all that is left. */
function closeAccount(prices: Prices, accounts: Map<AccountId, Account>, id: AccountId): Deleverage[] {
  const matches: Deleverage[] = [];
  for (;;) {
    const rows = sharesOf(prices, accounts.get(id)!);
    const next = rows.reduce((a, b) => (b.weight > a.weight ? b : a), rows[0]!);
    if (next === undefined) return matches;
    const { instrument, lots, share } = next;
    const side: Side = lots > 0n ? 'sell' : 'buy';
    const exact = bankruptcyPrice(side, abs(lots), prices.marks[instrument]!, share);
    const price = clamp(exact, 0n, highestPrice(prices, instrument));
    matches.push(...closePosition(prices, accounts, id, instrument, price));
  }
}

/** Closes a whole position at a price against the ranked other side. */
function closePosition(
  prices: Prices,
  accounts: Map<AccountId, Account>,
  id: AccountId,
  instrument: InstrumentIndex,
  price: bigint,
): Deleverage[] {
  const matches: Deleverage[] = [];
  const { lots: held } = accounts.get(id)!.positions.get(instrument)!;
  const [side, other]: [Side, Side] = held > 0n ? ['sell', 'buy'] : ['buy', 'sell'];
  const fill = (who: AccountId, way: Side, lots: bigint): void => {
    accounts.set(who, applyFill(accounts.get(who)!, instrument, way, lots, price, 0n).account);
  };
  let left = abs(held);
  for (const { id: counterparty, lots: opposite } of deleverageRanking(prices, accounts, instrument, side)) {
    const lots = min(left, opposite);
    if (lots === 0n) break;
    fill(id, side, lots);
    fill(counterparty, other, lots);
    matches.push({ account: id, counterparty, instrument, side, lots, price });
    left -= lots;
  }
  return matches;
}
