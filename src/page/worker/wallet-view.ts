import type { Happening } from '../../client/history.ts';
import { batchTerms } from '../../client/terms.ts';
import type { Trader } from '../../client/trader.ts';
import { MAX_LOTS, MAX_PRICE, type Order } from '../../market/order.ts';
import { reserveOf } from '../../market/reserve.ts';
import { height, instrumentIndex } from '../../params/ids.ts';
import { ORDERS_PER_BATCH } from '../../params/sizes.ts';
import type { HappeningView, OrderWish, PageProblem, PreviewView, WalletView } from './messages.ts';
import { instrumentsOf, shownAccount } from './shown.ts';

/** Things that happened that a page shows, at most: the last ones. */
const MAX_HISTORY = 200;

/** What a wallet holds, for the page. Values only: no key, no randomness. @param certified how far a node says that the chain is */
export function walletView(trader: Trader, certified: number): WalletView {
  const { replica, notes, setAside, accounts, history } = trader;
  const { market } = replica.settlement;
  return {
    height: trader.height,
    timeS: market.timeS,
    certified,
    notes: [...notes],
    setAside: setAside.map(({ value, toHeight }) => ({ value, toHeight })),
    accounts: accounts.map(({ id, number, account, equity }) => ({
      ...shownAccount(id, account, equity),
      number: number ?? null,
    })),
    depositAccount: trader.lasting(0)!,
    batchFee: replica.chain.market.batchFee,
    instruments: instrumentsOf(replica.chain.market, market),
    history: history.slice(-MAX_HISTORY).map(happeningView),
  };
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
  const note = trader.notes.find((value) => value >= deposit + fee);
  if (note !== undefined) return { deposit, fee, note, change: note - deposit - fee, problem: null };
  const text = 'No single note holds the deposit and the fee: shield more cash first, or order less.';
  return { deposit, fee, note: null, change: null, problem: { code: 'WALLET_FUNDS', text } };
}
