import { formatDecimal } from '../../formats/decimal.ts';
import { INDEX_FEED, type MarketParams } from '../../market/params.ts';
import type { AccountId } from '../../params/ids.ts';
import {
  changedAccounts,
  eventsOf,
  type HeightStory,
  isConserved,
  type MarketEvent,
  pricesAt,
  standingOf,
  unfilledOrders,
} from './story.ts';

/** A run of heights as JSON: money and prices are decimal strings in USDC, lots decimal strings, counts, times and ppm numbers. */

type Owners = ReadonlyMap<AccountId, { readonly trader: string; readonly account: string }>;
const UNKNOWN = { trader: '?' };

/** Owners of all accounts of a run. */
export const ownersOf = (stories: readonly HeightStory[]): Owners =>
  new Map(stories.flatMap(({ owners }) => [...owners]));

export const ownerOf = (owners: Owners, id: AccountId): { trader: string; account: string } =>
  owners.get(id) ?? { ...UNKNOWN, account: id.slice(0, 8) };

/** One event; every amount in the fields of its type. */
export function eventJson(event: MarketEvent, params: MarketParams, owners: Owners): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(event).map(([key, value]) => {
      if (key === 'instrument') return [key, params.instruments[value as number]!.name];
      if (key === 'account' || key === 'counterparty') {
        const { trader, account } = ownerOf(owners, value as AccountId);
        return [key, `${trader}/${account}`];
      }
      if (key === 'ratePpm') return [key, Number(value)];
      if (key === 'lots' || key === 'offered' || key === 'filled') return [key, String(value)];
      return [key, typeof value === 'bigint' ? formatDecimal(value) : value];
    }),
  );
}

export interface HeightJson {
  readonly height: number;
  readonly [field: string]: unknown;
}

/** @param accounts 'all', or only those that the height changed */
export function storyJson(
  params: MarketParams,
  story: HeightStory,
  owners: Owners,
  wasHalted: boolean,
  accounts: 'all' | 'changed',
): HeightJson {
  const { settlement } = story;
  const { state, auctions, height } = settlement;
  const { market } = state;
  const name = (i: number): string => params.instruments[i]!.name;
  const prices = pricesAt(params, state);
  const listed = accounts === 'all' ? [...state.accounts.keys()].sort() : changedAccounts(story);
  return {
    height,
    timeS: Number(market.timeS),
    index: formatDecimal(market.medians[INDEX_FEED]!),
    marks: Object.fromEntries(market.marks.map((mark, i) => [name(i), formatDecimal(mark)])),
    auctions: auctions.map(({ instrument, price, volume }) => ({
      instrument: name(instrument),
      price: price === null ? null : formatDecimal(price),
      volume: volume.toString(),
    })),
    events: eventsOf(params, story, wasHalted).map((event) => eventJson(event, params, owners)),
    unfilled: unfilledOrders(params, story).map(({ instrument, lots, filled, ...row }) => ({
      ...row,
      instrument: name(instrument),
      lots: lots.toString(),
      filled: filled.toString(),
    })),
    accounts: listed.map((id) => {
      const { positions, ...money } = standingOf(prices, state.accounts.get(id)!);
      return {
        ...ownerOf(owners, id),
        ...Object.fromEntries(Object.entries(money).map(([key, units]) => [key, formatDecimal(units)])),
        positions: Object.fromEntries(
          positions.map(({ instrument, lots }) => [name(instrument), lots.toString()]),
        ),
      };
    }),
    insurance: formatDecimal(state.insurance),
    fees: formatDecimal(state.fees),
    pool: formatDecimal(state.pool),
    conserved: isConserved(state),
  };
}

/** `{"heights": […]}` of a whole run. */
export function runJson(params: MarketParams, stories: readonly HeightStory[]): { heights: HeightJson[] } {
  const owners = ownersOf(stories);
  return {
    heights: stories.map((story, i) => {
      const wasHalted = stories[i - 1]?.settlement.events.isHalted ?? false;
      return storyJson(params, story, owners, wasHalted, 'all');
    }),
  };
}
