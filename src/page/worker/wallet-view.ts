import { ClientError } from '../../client/errors.ts';
import type { Happening } from '../../client/history.ts';
import { batchTerms } from '../../client/terms.ts';
import type { Trader } from '../../client/trader.ts';
import { withdrawalPrices } from '../../ledger/transfers.ts';
import type { Account } from '../../market/account.ts';
import { withdrawable } from '../../market/margin.ts';
import { MAX_LOTS, MAX_PRICE, type Order } from '../../market/order.ts';
import { INDEX_FEED } from '../../market/params.ts';
import { reserveOf } from '../../market/reserve.ts';
import { height, instrumentIndex } from '../../params/ids.ts';
import { ORDERS_PER_BATCH } from '../../params/sizes.ts';
import type { HappeningView, HeldNote, OrderWish, PageProblem, PreviewView, WalletView } from './messages.ts';
import { instrumentsOf, shownAccount } from './shown.ts';

/** Things that happened that a page shows, at most: the last ones. */
const MAX_HISTORY = 200;

/** What a wallet holds, for the page. Values only: no key, no randomness. @param certified how far a node says that the chain is */
export function walletView(trader: Trader, certified: number): WalletView {
  const { replica, setAside, accounts, history } = trader;
  const { market } = replica.settlement;
  return {
    height: trader.height,
    timeS: market.timeS,
    certified,
    notes: notesOf(trader),
    setAside: setAside.map(({ value, toHeight }) => ({ value, toHeight })),
    open: trader.open,
    accounts: accounts.map(({ id, number, account, equity }) => ({
      ...shownAccount(id, account, equity),
      number: number ?? null,
      free: freeOf(trader, account),
    })),
    depositAccount: trader.lasting(0)!,
    batchFee: replica.chain.market.batchFee,
    instruments: instrumentsOf(replica.chain.market, market),
    history: history.slice(-MAX_HISTORY).map(happeningView),
  };
}

function notesOf({ notes, joined }: Trader): readonly HeldNote[] {
  return notes.map((value, i) => ({ value, isReady: joined[i]! }));
}

/** What may leave an account beside the fee of the action, at the marks of the last height. What it is when it settles may differ. */
export function freeOf({ replica }: Trader, account: Account): bigint {
  const params = replica.chain.market;
  const { marks, medians, openInterest } = replica.settlement.market;
  const prices = withdrawalPrices(params, marks, medians[INDEX_FEED]!, openInterest);
  const free = withdrawable(prices, account, 0n) - params.batchFee;
  return free > 0n ? free : 0n;
}

export const happeningView = (each: Happening): HappeningView => ({
  height: each.height,
  timeS: each.timeS,
  kind: each.kind,
  id: each.id,
  account: each.account ?? null,
  amount: each.amount ?? null,
  fee: each.fee ?? null,
  code: each.code ?? null,
  leg: each.leg ?? null,
  instrument: each.instrument ?? null,
  side: each.side ?? null,
  lots: each.lots ?? null,
  price: each.price ?? null,
});

/** Orders of a form as the market takes them. @returns what is wrong with the first that it does not */
export function marketOrdersOf(wishes: readonly OrderWish[], trader: Trader): readonly Order[] | PageProblem {
  const { instruments } = trader.replica.chain.market;
  const refuse = (text: string): PageProblem => ({ code: 'WALLET_INPUT', text });
  if (wishes.length < 1 || wishes.length > ORDERS_PER_BATCH)
    return refuse(`A batch has one to ${ORDERS_PER_BATCH} orders.`);
  const orders: Order[] = [];
  for (const [i, { instrument, side, lots, price, reduceOnly }] of wishes.entries()) {
    if (instruments[instrument] === undefined) return refuse(`Order ${i + 1}: choose an instrument.`);
    if (lots < 1n || lots > MAX_LOTS) return refuse(`Order ${i + 1}: lots are 1 to ${MAX_LOTS}.`);
    if (price < 1n || price > MAX_PRICE)
      return refuse(
        `Order ${i + 1}: a limit price above 0 and up to ${MAX_PRICE / 1_000_000n} USDC a lot is expected.`,
      );
    orders.push({ side, lots, instrument: instrumentIndex(instrument), price, reduceOnly });
  }
  return orders;
}

/** What orders would cost on the terms of the next height. */
export function previewOf(trader: Trader, wishes: readonly OrderWish[]): PreviewView {
  const orders = marketOrdersOf(wishes, trader);
  const { fee, table } = batchTerms(trader.replica, height(trader.height + 1));
  if ('code' in orders) return { deposit: 0n, fee, note: null, change: null, problem: orders };
  const deposit = reserveOf(table, orders);
  const note = notesOf(trader).find(({ value, isReady }) => isReady && value >= deposit + fee)?.value;
  if (note !== undefined) return { deposit, fee, note, change: note - deposit - fee, problem: null };
  const text =
    'No single note that can be spent holds reserve and fee: shield more cash, wait until a note can be spent, or order less.';
  return { deposit, fee, note: null, change: null, problem: { code: 'WALLET_FUNDS', text } };
}

/**
 * A height that came since somebody looked at orders may have raised their reserve, which everybody will see.
 * @param shown units of reserve that were agreed to
 * @throws {ClientError} WALLET_INPUT if they would reserve more
 */
export function requireShown(trader: Trader, wishes: readonly OrderWish[], shown: bigint): void {
  if (previewOf(trader, wishes).deposit > shown)
    throw new ClientError(
      'WALLET_INPUT',
      'prices have moved since you looked: the orders would reserve more now, so look at them again',
    );
}
