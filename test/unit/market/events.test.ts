import { describe, expect, test } from 'vitest';
import { isMarketEventDue } from '../../../src/market/events.ts';
import { genesisMarketState } from '../../../src/market/state.ts';
import { GENESIS_TIME, MEDIANS, PARAMS } from '../ledger/market.ts';

const state = genesisMarketState(PARAMS, MEDIANS, GENESIS_TIME);
const { staleAfterS } = PARAMS.oracle;
/** GENESIS_TIME is 2,800 s into an hour. */
const NEXT_HOUR = GENESIS_TIME + 800n;
const due = (
  timeS: bigint,
  hasPositions: boolean,
  prices: readonly bigint[] = MEDIANS,
  from = state,
): boolean => isMarketEventDue(PARAMS, from, { prices, timeS }, hasPositions);

describe('a market event is due', () => {
  test('when any feed moved, with or without positions', () => {
    expect(due(GENESIS_TIME, false)).toBe(false);
    expect(due(GENESIS_TIME, false, [MEDIANS[0] + 1n, MEDIANS[1]])).toBe(true);
    expect(due(GENESIS_TIME, false, [MEDIANS[0], MEDIANS[1] - 1n])).toBe(true);
  });

  test('once an option that trades has expired, and no more when it is settled', () => {
    const expiry = 2_000_000n;
    expect([due(expiry - 1n, false), due(expiry, false)]).toEqual([false, true]);
    const settled = [undefined, 60_000_000_000n, 60_000_000_000n];
    expect(due(expiry, false, MEDIANS, { ...state, settled })).toBe(false);
  });

  test('with positions open, when block time enters another hour or nothing was settled for as long as a price is fresh', () => {
    const justNow = { ...state, timeS: NEXT_HOUR - 1n };
    expect([NEXT_HOUR - 1n, NEXT_HOUR].map((timeS) => due(timeS, true, MEDIANS, justNow))).toEqual([
      false,
      true,
    ]);
    const idle = GENESIS_TIME + staleAfterS;
    expect([idle - 1n, idle].map((timeS) => due(timeS, true))).toEqual([false, true]);
    expect([NEXT_HOUR, idle].map((timeS) => due(timeS, false))).toEqual([false, false]);
  });
});
