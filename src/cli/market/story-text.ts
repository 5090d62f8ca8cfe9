import { formatDecimal, formatUsdc } from '../../formats/decimal.ts';
import { INDEX_FEED, type MarketParams } from '../../market/params.ts';
import { table, wrap } from '../table.ts';
import { statementLines } from './statement-text.ts';
import {
  changedAccounts,
  eventsOf,
  type HeightStory,
  type MarketEvent,
  pricesAt,
  standingOf,
  unfilledOrders,
} from './story.ts';
import { ownerOf, ownersOf } from './story-json.ts';

/** A run of heights for a person, at most 100 columns where names are short. */

const WIDTH = 100;
const alot = (price: bigint): string => formatDecimal(price, 6, 2);
type Owners = ReturnType<typeof ownersOf>;

const WHY = {
  band: 'no price of the band satisfies the limit',
  limit: 'the auction cleared beyond the limit',
  'no trade': 'nobody took the other side at a price within both limits',
  'pro rata': 'the other side did not suffice for all at this price, or a position was smaller',
} as const;

/** What an event says, as a sentence. */
export function eventText(event: MarketEvent, params: MarketParams, owners: Owners): string {
  const name = (i: number): string => params.instruments[i]!.name;
  const who = (id: Parameters<typeof ownerOf>[1]): string => {
    const { trader, account } = ownerOf(owners, id);
    return `${trader}/${account}`;
  };
  switch (event.type) {
    case 'halt':
      return 'the market halts: the prices are too old';
    case 'resume':
      return 'the market goes on: the prices are fresh again';
    case 'funding': {
      const paid = event.perLot < 0n ? 'a short lot pays a long one' : 'a long lot pays a short one';
      const amount = event.perLot < 0n ? -event.perLot : event.perLot;
      return `funding of ${name(event.instrument)}: ${event.ratePpm} ppm in eight hours, ${paid} ${formatUsdc(amount)}`;
    }
    case 'expiry':
      return `${name(event.instrument)} expires: settlement index ${alot(event.index)}, a lot pays ${alot(event.payout)}`;
    case 'liquidation': {
      const { side, offered, filled, limit, price, fee, why } = event;
      const offer = `liquidation of ${who(event.account)}: ${side} ${offered} ${name(event.instrument)} at ${alot(limit)} or better`;
      if (filled === 0n) return `${offer}; none filled: ${WHY[why ?? 'no trade']}`;
      const done = `${offer}; ${filled} filled at ${alot(price ?? limit)}, fee ${formatUsdc(fee)}`;
      return why === undefined ? done : `${done}; the rest not: ${WHY[why]}`;
    }
    case 'penalty':
      return `${who(event.account)} pays a penalty of ${formatUsdc(event.amount)} to the insurance fund`;
    case 'insurancePaid':
      return `the insurance fund pays ${formatUsdc(event.amount)} to ${who(event.account)}`;
    case 'haircut':
      return `haircut: ${who(event.account)} gives up ${formatUsdc(event.amount)} of this height's gain`;
    case 'deleverage': {
      const { side, lots, price, instrument } = event;
      return `deleverage: ${who(event.account)} ${side === 'sell' ? 'sells' : 'buys'} ${lots} ${name(instrument)} at ${alot(price)}, ${who(event.counterparty)} gives back its side`;
    }
    case 'drop':
      return `left out ${event.leg === undefined ? event.item : `order ${event.leg + 1} of ${event.item}`}: ${event.code}`;
    case 'transfer':
      return `${event.kind} ${event.item} of ${who(event.account)}: ${formatUsdc(event.amount)}${event.fee === 0n ? '' : `, fee ${formatUsdc(event.fee)}`}`;
  }
}

/** Events and orders that did not fill, a sentence each. */
export function happenings(
  params: MarketParams,
  story: HeightStory,
  owners: Owners,
  wasHalted: boolean,
): string[] {
  const name = (i: number): string => params.instruments[i]!.name;
  const events = eventsOf(params, story, wasHalted).map((event) => eventText(event, params, owners));
  const open = unfilledOrders(params, story).map(
    ({ item, leg, side, lots, filled, instrument, why }) =>
      `order ${leg + 1} of ${item} (${side} ${lots} ${name(instrument)}): ${filled} filled, for ${WHY[why]}`,
  );
  return [...events, ...open];
}

/** A sentence as an item of a list, wrapped. */
const listed = (sentence: string): string[] =>
  wrap(sentence, WIDTH, 4).map((part, i) => (i === 0 ? `  - ${part.slice(4)}` : part));

/** One height: index and marks, auctions, what happened, and every account that changed. */
export function storyLines(
  params: MarketParams,
  story: HeightStory,
  owners: Owners,
  wasHalted: boolean,
): string[] {
  const { settlement } = story;
  const { state, auctions, height } = settlement;
  const { market } = state;
  const when = new Date(Number(market.timeS) * 1000).toISOString().replace('T', ' ').replace('.000Z', ' UTC');
  const rows = params.instruments.flatMap(({ name }, i) =>
    market.settled[i] === undefined
      ? [
          [
            name,
            alot(market.marks[i]!),
            auctions[i]!.price === null ? 'no trade' : alot(auctions[i]!.price!),
            auctions[i]!.price === null ? '' : auctions[i]!.volume.toString(),
          ],
        ]
      : [],
  );
  const prices = pricesAt(params, state);
  const accounts = changedAccounts(story).map((id) => {
    const standing = standingOf(prices, state.accounts.get(id)!);
    const { trader, account } = ownerOf(owners, id);
    const held = standing.positions.map(
      ({ instrument, lots }) => `${params.instruments[instrument]!.name} ${lots}`,
    );
    const row = [
      trader,
      account,
      formatUsdc(standing.cash),
      formatUsdc(standing.equity),
      formatUsdc(standing.initialMargin),
      formatUsdc(standing.maintenanceMargin),
    ];
    return { row, held: held.join(', ') };
  });
  const right = 'right' as const;
  const [head, ...lines] = table(
    [['Trader', 'account', 'cash', 'equity', 'IM', 'MM'], ...accounts.map(({ row }) => row)],
    ['left', 'left', right, right, right, right],
  );
  return [
    `Height ${height}, ${when}, index ${formatUsdc(market.medians[INDEX_FEED]!)}`,
    ...happenings(params, story, owners, wasHalted).flatMap(listed),
    ...table([['Instrument', 'mark', 'auction', 'lots'], ...rows], ['left', right, right, right]),
    ...(accounts.length === 0 ? [] : [head!]),
    ...accounts.flatMap(({ held }, i) => [lines[i]!, ...(held === '' ? [] : wrap(held, WIDTH, 6))]),
    `  Insurance ${formatUsdc(state.insurance)}, fees ${formatUsdc(state.fees)}, in notes ${formatUsdc(state.pool)}`,
  ];
}

export function runText(params: MarketParams, stories: readonly HeightStory[]): string {
  const owners = ownersOf(stories);
  const lines = stories.flatMap((story, i) => {
    const wasHalted = stories[i - 1]?.settlement.events.isHalted ?? false;
    return [...storyLines(params, story, owners, wasHalted), ''];
  });
  return `${[...lines, ...statementLines(params, stories)].join('\n').trimEnd()}\n`;
}
