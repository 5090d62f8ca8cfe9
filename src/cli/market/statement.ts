import { formatUsdc } from '../../formats/decimal.ts';
import { accountIdOf } from '../../ledger/settlement-state.ts';
import type { Settlement } from '../../ledger/transition.ts';
import { type Account, equity } from '../../market/account.ts';
import { applyFill } from '../../market/fill.ts';
import type { Order, Side } from '../../market/order.ts';
import type { MarketParams } from '../../market/params.ts';
import type { AccountId, InstrumentIndex, ItemId } from '../../params/ids.ts';
import { type HeightStory, insuredDeficits } from './story.ts';

/** One line of a statement: what happened at a height, or from one to another, and what it did, units, signed. */
export interface Posting {
  readonly from: number;
  readonly height: number;
  readonly what: string;
  readonly cash: bigint;
  /** To what the positions are worth at the marks, Σ (quote + lots·mark); their sum with `cash` is the change of equity. */
  readonly positions: bigint;
}

/** Everything that moved an account in a run; the postings add up to its cash and to the worth of its positions. */
export interface AccountStatement {
  readonly account: AccountId;
  readonly postings: readonly Posting[];
}

const perLot = (price: bigint): string => formatUsdc(price);
const NOBODY: Account = { cash: 0n, sequence: 0n, positions: new Map() };
/** A line that no event of the height explains; it is there so that a statement adds up even so. */
export const UNEXPLAINED = 'of no event of this height';

/** Statements of all accounts of a run, in the order in which they appeared. */
export function statementsOf(params: MarketParams, stories: readonly HeightStory[]): AccountStatement[] {
  const books = new Map<AccountId, Posting[]>();
  for (const story of stories) {
    for (const id of story.settlement.state.accounts.keys()) {
      const postings = books.get(id) ?? [];
      books.set(id, postings);
      const keeper = new Keeper(params, story, id);
      for (const posting of keeper.postings()) {
        const last = postings.at(-1);
        // Marks move at every height: lines that say nothing else are one.
        if (last !== undefined && last.what === MARKS && posting.what === MARKS)
          postings[postings.length - 1] = {
            ...posting,
            from: last.from,
            positions: last.positions + posting.positions,
          };
        else postings.push(posting);
      }
    }
  }
  return [...books].map(([account, postings]) => ({ account, postings }));
}

const MARKS = 'the marks moved';

/** Books what one height did to one account, in the order in which the height did it. */
class Keeper {
  readonly #params: MarketParams;
  readonly #story: HeightStory;
  readonly #id: AccountId;
  readonly #postings: Posting[] = [];
  #account: Account;

  constructor(params: MarketParams, story: HeightStory, id: AccountId) {
    this.#params = params;
    this.#story = story;
    this.#id = id;
    this.#account = story.before.accounts.get(id) ?? NOBODY;
  }

  postings(): readonly Posting[] {
    const { settlement } = this.#story;
    const { fills, events } = settlement;
    this.#open(settlement);
    this.#transfers(settlement);
    this.#batches(settlement);
    for (const fill of fills) if (fill.account === this.#id) this.#trade(fill, fill.fee, '');
    for (const fill of events.liquidations) {
      if (fill.account !== this.#id) continue;
      this.#trade(fill, fill.fee, ', liquidated');
      this.#pay('penalty of the liquidation, to the insurance fund', -fill.penalty);
      this.#pay('from the insurance fund, for a bankrupt position', fill.insured);
    }
    for (const { account, amount } of events.insured)
      if (account === this.#id) this.#pay('from the insurance fund, for its deficit', amount);
    for (const match of events.deleverages) {
      if (match.account === this.#id) this.#trade(match, 0n, ', deleveraged');
      const other: Side = match.side === 'buy' ? 'sell' : 'buy';
      if (match.counterparty === this.#id) this.#trade({ ...match, side: other }, 0n, ', for a deleverage');
    }
    const { deficits, haircuts } = events.cover;
    for (const { account, amount } of deficits)
      if (account === this.#id) this.#pay('what it still owed, made good', amount);
    for (const { account, amount } of haircuts)
      if (account === this.#id) this.#pay("haircut of this height's gain, for what others owed", -amount);
    this.#rest(settlement);
    return this.#postings;
  }

  #post(what: string, cash: bigint, positions: bigint): void {
    const { height } = this.#story.settlement;
    if (cash !== 0n || positions !== 0n) this.#postings.push({ from: height, height, what, cash, positions });
  }

  #pay(what: string, amount: bigint): void {
    this.#account = { ...this.#account, cash: this.#account.cash + amount };
    this.#post(what, amount, 0n);
  }

  /** Marks, funding, expiries. */
  #open({ events, state }: Settlement): void {
    const { before } = this.#story;
    const { marks } = state.market;
    const old = before.market.marks;
    const expiring = new Map(events.expiries.map(({ instrument, payout }) => [instrument, payout]));
    const positions = new Map(this.#account.positions);
    let moved = 0n;
    for (const [i, { lots }] of positions) if (!expiring.has(i)) moved += lots * (marks[i]! - old[i]!);
    this.#post(MARKS, 0n, moved);
    for (const { instrument, perLot } of events.funding) {
      const held = positions.get(instrument);
      if (held === undefined) continue;
      positions.set(instrument, { ...held, quote: held.quote - held.lots * perLot });
      this.#post(`funding of ${this.#lots(instrument, held.lots)}`, 0n, -held.lots * perLot);
    }
    let { cash } = this.#account;
    for (const [i, payout] of expiring) {
      const held = positions.get(i);
      if (held === undefined) continue;
      const realised = held.quote + held.lots * payout;
      const what = `${this.#lots(i, held.lots)} expired, ${perLot(payout)} a lot`;
      this.#post(what, realised, -(held.quote + held.lots * old[i]!));
      positions.delete(i);
      cash += realised;
    }
    this.#account = { ...this.#account, cash, positions };
  }

  #transfers({ transfers }: Settlement): void {
    for (const { id, kind, account, amount, fee } of transfers) {
      if (account !== this.#id) continue;
      this.#pay(`${kind} ${this.#named(id)}`, kind === 'deposit' ? amount : -amount);
      this.#pay(`fee of ${this.#named(id)}${kind === 'refused' ? ', refused' : ''}`, -fee);
    }
  }

  /** Deposits of its batches: what their notes brought. */
  #batches({ receipts }: Settlement): void {
    for (const { id, content } of this.#story.batches) {
      if (content === undefined || accountIdOf(content.account) !== this.#id) continue;
      if (receipts.some((row) => row.id === id && row.leg === undefined)) continue;
      this.#pay(`batch ${this.#named(id)} paid in`, content.deposit);
    }
  }

  #trade({ instrument, side, lots, price }: Omit<Order, 'reduceOnly'>, fee: bigint, how: string): void {
    const { height, state } = this.#story.settlement;
    const signed = side === 'buy' ? lots : -lots;
    const quote = (this.#account.positions.get(instrument)?.quote ?? 0n) - signed * price;
    const { account } = applyFill(this.#account, instrument, side, lots, price, 0n);
    this.#account = { ...account, cash: account.cash - fee };
    const deal = `${side === 'buy' ? 'bought' : 'sold'} ${this.#lots(instrument, lots)} at ${perLot(price)}`;
    const what = `${deal}${how}${fee === 0n ? '' : `, fee ${formatUsdc(fee)}`}`;
    const positions = signed * (state.market.marks[instrument]! - price);
    this.#postings.push({ from: height, height, what, cash: -fee, positions });
    if (!account.positions.has(instrument))
      this.#post(`closed ${this.#name(instrument)}: its result is cash`, quote, -quote);
  }

  /** Whatever is left to explain; nothing, unless the program that reads the events lags behind the rules. */
  #rest({ state }: Settlement): void {
    const { marks } = state.market;
    const now = state.accounts.get(this.#id)!;
    const worth = (account: Account): bigint => equity(account, marks) - account.cash;
    this.#post(UNEXPLAINED, now.cash - this.#account.cash, worth(now) - worth(this.#account));
  }

  #named(id: ItemId): string {
    return this.#story.names.get(id) ?? id;
  }

  #name(instrument: InstrumentIndex): string {
    return this.#params.instruments[instrument]!.name;
  }

  #lots(instrument: InstrumentIndex, lots: bigint): string {
    return lots < 0n ? `${-lots} ${this.#name(instrument)} short` : `${lots} ${this.#name(instrument)}`;
  }
}

/** What the insurance fund, the fee pool and the notes had before a run, and what moved them. */
export interface Fund {
  readonly name: string;
  readonly start: bigint;
  readonly postings: readonly Omit<Posting, 'positions'>[];
}

export function fundsOf(stories: readonly HeightStory[]): Fund[] {
  const [first] = stories;
  if (first === undefined) return [];
  const start = first.before;
  return [
    { name: 'Insurance fund', start: start.insurance, postings: stories.flatMap(insurancePostings) },
    { name: 'Fees', start: start.fees, postings: stories.flatMap(feePostings) },
    { name: 'Notes', start: start.pool, postings: stories.flatMap(notePostings) },
  ];
}

type Line = readonly [what: string, amount: bigint];

/** The lines of a height that say something, and one more if they do not add up to the change. */
function posted(height: number, lines: readonly Line[], change: bigint): Omit<Posting, 'positions'>[] {
  const rest = lines.reduce((left, [, amount]) => left - amount, change);
  const all: readonly Line[] = [...lines, [UNEXPLAINED, rest]];
  return all.flatMap(([what, cash]) => (cash === 0n ? [] : [{ from: height, height, what, cash }]));
}

const total = (amounts: readonly bigint[]): bigint => amounts.reduce((sum, amount) => sum + amount, 0n);

function insurancePostings({ before, settlement }: HeightStory): Omit<Posting, 'positions'>[] {
  const { events, state, height } = settlement;
  const { liquidations, insured, cover } = events;
  const paid = [
    ...liquidations.map((row) => row.insured),
    ...[...insured, ...insuredDeficits(settlement)].map(({ amount }) => amount),
  ];
  const lines: Line[] = [
    ['penalties of liquidations', total(liquidations.map(({ penalty }) => penalty))],
    ['paid for bankrupt accounts', -total(paid)],
    ['left over of haircuts', cover.leftOver],
  ];
  return posted(height, lines, state.insurance - before.insurance);
}

function feePostings({ before, settlement, batches }: HeightStory): Omit<Posting, 'positions'>[] {
  const { fills, events, transfers, receipts, state, height } = settlement;
  const counted = batches.filter(({ id }) => !receipts.some((row) => row.id === id && row.leg === undefined));
  const lines: Line[] = [
    [`fees of batches`, total(counted.map(({ fee }) => fee))],
    ['fees of fills', total([...fills, ...events.liquidations].map(({ fee }) => fee))],
    ['fees of actions', total(transfers.map(({ fee }) => fee))],
    ['paid for bankrupt accounts', -events.cover.fromFees],
  ];
  return posted(height, lines, state.fees - before.fees);
}

function notePostings({ before, settlement, batches, names }: HeightStory): Omit<Posting, 'positions'>[] {
  const { transfers, receipts, state, height } = settlement;
  const nameOf = (id: ItemId): string => names.get(id) ?? id;
  const lines: Line[] = [
    ...batches.flatMap(({ id, fee, content }): Line[] =>
      content === undefined || receipts.some((row) => row.id === id && row.leg === undefined)
        ? []
        : [[`spent by batch ${nameOf(id)}, its fee included`, -(content.deposit + fee)]],
    ),
    ...transfers.flatMap(({ id, kind, amount }): Line[] =>
      kind === 'shield' ? [[`shield ${nameOf(id)}`, amount]] : [],
    ),
  ];
  return posted(height, lines, state.pool - before.pool);
}
