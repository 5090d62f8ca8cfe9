import type { SettlementState } from '../../ledger/settlement-state.ts';
import type { OpenedBatch, Settlement } from '../../ledger/transition.ts';
import { type Account, equity } from '../../market/account.ts';
import { type Band, bandsOf, canFill } from '../../market/band.ts';
import { marginRequirement } from '../../market/margin.ts';
import { computeReferences } from '../../market/marks.ts';
import type { Side } from '../../market/order.ts';
import { INDEX_FEED, type MarketParams } from '../../market/params.ts';
import { type Prices, pricesOf } from '../../market/prices.ts';
import { min } from '../../market/rounding.ts';
import type { AccountId, InstrumentIndex, ItemId } from '../../params/ids.ts';

/** What happened to a market in one height, and what people call its items and accounts. */
export interface HeightStory {
  readonly before: SettlementState;
  readonly settlement: Settlement;
  /** Batches that were opened, with their orders. */
  readonly batches: readonly OpenedBatch[];
  readonly names: ReadonlyMap<ItemId, string>;
  readonly owners: ReadonlyMap<AccountId, { readonly trader: string; readonly account: string }>;
  /** Items that never came into the height. */
  readonly refused: readonly { readonly item: string; readonly code: string }[];
}

/** Why an order that stood in an auction did not fill, or not whole. */
export type Unfilled =
  /** No price of the band satisfies its limit. */
  | 'band'
  /** The auction cleared at a price that its limit does not take. */
  | 'limit'
  /** Nothing traded: the other side had no price for it. */
  | 'no trade'
  /** The lots of the other side were shared among the orders at this price; a reduce-only order may have been cut to its position. */
  | 'pro rata';

/** The bands of a height, by instrument. */
export function bandsOfHeight(params: MarketParams, { before, settlement }: HeightStory): Band[] {
  const { marks, medians } = settlement.state.market;
  const index = medians[INDEX_FEED]!;
  return bandsOf({ params, index }, computeReferences(params, before.market, index, marks));
}

function whyUnfilled(
  order: { readonly side: Side; readonly price: bigint },
  band: Band,
  price: bigint | null,
): Unfilled {
  if (!canFill({ ...order, instrument: 0 as InstrumentIndex, lots: 1n, reduceOnly: false }, band))
    return 'band';
  if (price === null) return 'no trade';
  return (order.side === 'buy' ? order.price < price : order.price > price) ? 'limit' : 'pro rata';
}

/** An order that stood in an auction and did not fill whole. */
export interface UnfilledOrder {
  readonly item: string;
  readonly leg: number;
  readonly instrument: InstrumentIndex;
  readonly side: Side;
  readonly lots: bigint;
  readonly filled: bigint;
  readonly why: Unfilled;
}

export function unfilledOrders(params: MarketParams, story: HeightStory): UnfilledOrder[] {
  const { receipts, fills, auctions } = story.settlement;
  const bands = bandsOfHeight(params, story);
  const isOut = (id: ItemId, leg: number): boolean =>
    receipts.some((row) => row.id === id && (row.leg === undefined || row.leg === leg));
  return story.batches.flatMap(({ id, content }) =>
    (content?.orders ?? []).flatMap((order, leg): UnfilledOrder[] => {
      if (order === undefined || isOut(id, leg)) return [];
      const filled = fills.find((fill) => fill.id === id && fill.leg === leg)?.lots ?? 0n;
      if (filled === order.lots) return [];
      const { instrument, side, lots } = order;
      const why = whyUnfilled(order, bands[instrument]!, auctions[instrument]!.price);
      return [{ item: story.names.get(id) ?? id, leg, instrument, side, lots, filled, why }];
    }),
  );
}

/** Something that a height did; amounts in units, signed where they may be. */
export type MarketEvent =
  | { readonly type: 'halt' | 'resume' }
  | {
      readonly type: 'funding';
      readonly instrument: InstrumentIndex;
      readonly ratePpm: bigint;
      readonly perLot: bigint;
    }
  | {
      readonly type: 'expiry';
      readonly instrument: InstrumentIndex;
      readonly index: bigint;
      readonly payout: bigint;
    }
  | {
      readonly type: 'liquidation';
      readonly account: AccountId;
      readonly instrument: InstrumentIndex;
      readonly side: Side;
      readonly offered: bigint;
      readonly limit: bigint;
      readonly filled: bigint;
      readonly price: bigint | null;
      readonly fee: bigint;
      /** undefined: all that was offered filled. */
      readonly why: Unfilled | undefined;
    }
  | {
      readonly type: 'penalty' | 'insurancePaid' | 'haircut';
      readonly account: AccountId;
      readonly amount: bigint;
    }
  | {
      readonly type: 'deleverage';
      readonly account: AccountId;
      readonly counterparty: AccountId;
      readonly instrument: InstrumentIndex;
      readonly side: Side;
      readonly lots: bigint;
      readonly price: bigint;
    }
  | { readonly type: 'drop'; readonly item: string; readonly leg: number | undefined; readonly code: string }
  | {
      readonly type: 'transfer';
      readonly item: string;
      readonly kind: 'deposit' | 'shield' | 'withdraw' | 'refused';
      readonly account: AccountId;
      readonly amount: bigint;
      readonly fee: bigint;
    };

/** @param wasHalted whether the height before was */
export function eventsOf(params: MarketParams, story: HeightStory, wasHalted: boolean): MarketEvent[] {
  const { settlement, names } = story;
  const { events, auctions, receipts, transfers } = settlement;
  const bands = bandsOfHeight(params, story);
  const nameOf = (id: ItemId): string => names.get(id) ?? id;
  const halt: MarketEvent[] =
    events.isHalted === wasHalted ? [] : [{ type: events.isHalted ? 'halt' : 'resume' }];
  const liquidations = events.offers.map((offer): MarketEvent => {
    const { account, instrument, side, lots: offered, price: limit } = offer;
    const fill = events.liquidations.find((row) => row.account === account && row.instrument === instrument);
    const filled = fill?.lots ?? 0n;
    const { price } = auctions[instrument]!;
    const why = filled === offered ? undefined : whyUnfilled(offer, bands[instrument]!, price);
    const fee = fill?.fee ?? 0n;
    return { type: 'liquidation', account, instrument, side, offered, limit, filled, price, fee, why };
  });
  const paid = (
    type: 'penalty' | 'insurancePaid' | 'haircut',
    rows: readonly { readonly account: AccountId; readonly amount: bigint }[],
  ): MarketEvent[] =>
    rows.filter(({ amount }) => amount > 0n).map(({ account, amount }) => ({ type, account, amount }));
  const { cover } = events;
  return [
    ...halt,
    ...events.funding.map((row): MarketEvent => ({ type: 'funding', ...row })),
    ...events.expiries.map((row): MarketEvent => ({ type: 'expiry', ...row })),
    ...liquidations,
    ...paid(
      'penalty',
      events.liquidations.map(({ account, penalty: amount }) => ({ account, amount })),
    ),
    ...paid('insurancePaid', [
      ...events.liquidations.map(({ account, insured: amount }) => ({ account, amount })),
      ...events.insured,
      ...insuredDeficits(settlement),
    ]),
    ...events.deleverages.map((row): MarketEvent => ({ type: 'deleverage', ...row })),
    ...paid('haircut', cover.haircuts),
    ...receipts.map(({ id, leg, code }): MarketEvent => ({ type: 'drop', item: nameOf(id), leg, code })),
    ...story.refused.map((row): MarketEvent => ({ type: 'drop', leg: undefined, ...row })),
    ...transfers.map(
      ({ id, kind, account, amount, fee }): MarketEvent => ({
        type: 'transfer',
        item: nameOf(id),
        kind,
        account,
        amount,
        fee,
      }),
    ),
  ];
}

/** What insurance paid of the deficits of accounts without positions, by their order; the rest came from others' gains. */
export function insuredDeficits({ events: { cover } }: Settlement): { account: AccountId; amount: bigint }[] {
  let left = cover.fromInsurance;
  return cover.deficits.map(({ account, amount }) => {
    const paid = min(amount, left);
    left -= paid;
    return { account, amount: paid };
  });
}

/** An account at a height's marks, units. */
export interface AccountStanding {
  readonly cash: bigint;
  readonly equity: bigint;
  readonly initialMargin: bigint;
  readonly maintenanceMargin: bigint;
  /** By instrument, ascending. */
  readonly positions: readonly { readonly instrument: InstrumentIndex; readonly lots: bigint }[];
}

/** @param prices of the state's marks, see `pricesOf` */
export function standingOf(prices: Prices, account: Account): AccountStanding {
  const { initial, maintenance } = marginRequirement(prices, account);
  return {
    cash: account.cash,
    equity: equity(account, prices.marks),
    initialMargin: initial,
    maintenanceMargin: maintenance,
    positions: [...account.positions]
      .sort(([a], [b]) => a - b)
      .map(([instrument, { lots }]) => ({ instrument, lots })),
  };
}

/** The prices that a state's accounts are judged by. */
export const pricesAt = (params: MarketParams, { market: { marks, medians } }: SettlementState): Prices =>
  pricesOf(params, marks, medians[INDEX_FEED]!);

/** Accounts that a height changed, by its own orders or not; ascending. */
export const changedAccounts = ({ before, settlement: { state } }: HeightStory): AccountId[] =>
  [...state.accounts]
    .filter(([id, account]) => {
      const old = before.accounts.get(id);
      return (
        old === undefined ||
        old !== account ||
        equity(old, before.market.marks) !== equity(account, state.market.marks)
      );
    })
    .map(([id]) => id)
    .sort();

/** Whether all money that ever came in is somewhere: Σ cash + Σ quote + insurance + fees + pool = deposits − withdrawals. */
export function isConserved(state: SettlementState): boolean {
  let held = state.insurance + state.fees + state.pool;
  for (const { cash, positions } of state.accounts.values()) {
    held += cash;
    for (const { quote } of positions.values()) held += quote;
  }
  return held === state.deposits - state.withdrawals;
}
