import type { AccountId, InstrumentIndex } from '../params/ids.ts';
import { applyFill } from './fill.ts';
import { bankruptcyPrice, sharesOf } from './liquidation.ts';
import { type Account, equity } from './margin.ts';
import type { Prices } from './marks.ts';
import type { Side } from './order.ts';
import { indexPerLot, strikePerLot } from './params.ts';
import { abs, clamp, max, min } from './rounding.ts';

/** Lots of a bankrupt position that a counterparty had to give back its side of. */
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

/**
 * Closes every position of the accounts that are due, at bankruptcy prices (within what a lot can be worth) against the
 * ranked other side. A counterparty whose equity falls below 0 by it is due as well: the chain ends because each step
 * leaves one more account without positions and opens none. Σ lots = 0, so the other side always suffices.
 * @param due accounts with positions, in the order in which they are to be closed
 */
export function deleverage(
  prices: Prices,
  accounts: ReadonlyMap<AccountId, Account>,
  due: readonly AccountId[],
): { accounts: Map<AccountId, Account>; matches: Deleverage[] } {
  const after = new Map(accounts);
  const matches: Deleverage[] = [];
  const queue = [...due];
  for (const id of queue) {
    for (const match of closeAccount(prices, after, id)) {
      matches.push(match);
      const counterparty = after.get(match.counterparty)!;
      const isDue = counterparty.positions.size > 0 && equity(counterparty, prices.marks) < 0n;
      if (isDue && !queue.includes(match.counterparty)) queue.push(match.counterparty);
    }
  }
  return { accounts: after, matches };
}

/** Largest requirement first, ties by instrument; the shares are taken anew after each position, so the last one takes all that is left. */
function closeAccount(prices: Prices, accounts: Map<AccountId, Account>, id: AccountId): Deleverage[] {
  const matches: Deleverage[] = [];
  for (;;) {
    const rows = sharesOf(prices, accounts.get(id)!);
    const next = rows.reduce((a, b) => (b.weight > a.weight ? b : a), rows[0]!);
    if (next === undefined) return matches;
    const { instrument, position, share } = next;
    const side: Side = position.lots > 0n ? 'sell' : 'buy';
    const exact = bankruptcyPrice(side, abs(position.lots), prices.marks[instrument]!, share);
    const price = clamp(exact, 0n, highestPrice(prices, instrument));
    let left = abs(position.lots);
    for (const { id: counterparty, lots: held } of deleverageRanking(prices, accounts, instrument, side)) {
      const lots = min(left, held);
      if (lots === 0n) break;
      const other: Side = side === 'sell' ? 'buy' : 'sell';
      const fill = (who: AccountId, way: Side): void => {
        accounts.set(who, applyFill(accounts.get(who)!, instrument, way, lots, price, 0n).account);
      };
      fill(id, side);
      fill(counterparty, other);
      matches.push({ account: id, counterparty, instrument, side, lots, price });
      left -= lots;
    }
  }
}
