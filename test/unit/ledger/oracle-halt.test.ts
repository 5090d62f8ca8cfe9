import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  accountIdOf,
  genesisSettlement,
  type SettlementState,
} from '../../../src/ledger/settlement-state.ts';
import { type SettlementInput, settle } from '../../../src/ledger/transition.ts';
import type { Account } from '../../../src/market/account.ts';
import { height, instrumentIndex } from '../../../src/params/ids.ts';
import { quorumOf } from '../../../src/params/quorum.ts';
import { type MedianReport, medianReport } from '../../../src/validator/oracle.ts';
import { MEDIANS, PARAMS, sampleChain } from './market.ts';

/** From the reports of validators, f of whom lie, to what the market does with them. */

const TIME = 1_000_100n;
/** Prices observed at a time, signed by a validator whose clock says TIME unless it lies about that too. */
const report = (
  observedS: bigint,
  prices: readonly bigint[],
  clockS = observedS > TIME ? observedS : TIME,
) => ({
  observedS,
  clockS,
  prices,
});
const anything = fc.bigInt(1n, (1n << 64n) - 1n);

/** Any f reports among n − f … n, the others honest: within 1 % of the index and the volatility, at most 5 s old. */
const committees = fc.integer({ min: 4, max: 13 }).chain((n) => {
  const { f } = quorumOf(n);
  const around = (x: bigint) => fc.bigInt(x - x / 100n, x + x / 100n);
  const honest = fc.record({
    observedS: fc.bigInt(TIME - 5n, TIME),
    clockS: fc.bigInt(TIME, TIME + 5n),
    prices: fc.tuple(around(MEDIANS[0]), around(MEDIANS[1])),
  });
  const liar = fc.record({ observedS: anything, clockS: anything, prices: fc.tuple(anything, anything) });
  return fc.record({
    liars: fc.array(liar, { minLength: f, maxLength: f }),
    // An ACS output holds at least n − f reports; the liars are always among them.
    honest: fc.array(honest, { minLength: n - 2 * f, maxLength: n - f }),
    liarsFirst: fc.boolean(),
  });
});

const empty = genesisSettlement(sampleChain());
/** A long and a short perpetual account; the long one has `cash` beside its position at 60 a lot. */
function holders(cash: bigint): SettlementState {
  const account = (lots: bigint, own: bigint): Account => ({
    cash: own,
    sequence: 0n,
    positions: new Map([[instrumentIndex(0), { lots, quote: -lots * 60_000_000n }]]),
  });
  const accounts = new Map([
    [accountIdOf(1n), account(100n, cash)],
    [accountIdOf(2n), account(-100n, 6_000_000_000n)],
  ]);
  return { ...empty, accounts, deposits: empty.deposits + cash + 6_000_000_000n };
}
const inputOf = (h: number, { timeS, oracleTimeS, prices }: MedianReport): SettlementInput => ({
  height: height(h),
  timeS,
  oracleTimeS,
  medians: prices,
  beacon: new Uint8Array(64),
  items: [],
  refused: [],
});

describe('f lying validators', () => {
  test('move no median, no time of the prices and no mark out of the honest range', () => {
    fc.assert(
      fc.property(committees, ({ liars, honest, liarsFirst }) => {
        const reports = liarsFirst ? [...liars, ...honest] : [...honest, ...liars];
        const told = medianReport(reports, 0n);
        const within = (x: bigint, of: (row: (typeof honest)[number]) => bigint): boolean =>
          honest.some((row) => of(row) <= x) && honest.some((row) => of(row) >= x);
        expect(within(told.prices[0]!, ({ prices }) => prices[0])).toBe(true);
        expect(within(told.prices[1]!, ({ prices }) => prices[1])).toBe(true);
        expect(within(told.oracleTimeS, ({ observedS }) => observedS)).toBe(true);
        expect(within(told.timeS, ({ clockS }) => clockS)).toBe(true);
        const { state, events } = settle(PARAMS, holders(6_000_000_000n), inputOf(1, told));
        expect(events.isHalted).toBe(false);
        const index = honest.map(({ prices }) => prices[0] / 1_000n);
        expect(index.some((x) => x <= state.market.marks[0]!)).toBe(true);
        expect(index.some((x) => x >= state.market.marks[0]!)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('cannot halt a market, nor wake a halted one: the median time is an honest one', () => {
    const fresh = [report(TIME, MEDIANS), report(TIME, MEDIANS), report(TIME, MEDIANS)];
    for (const lie of [1n, TIME + 10_000n]) {
      const { events } = settle(
        PARAMS,
        holders(10n ** 9n),
        inputOf(1, medianReport([...fresh, report(lie, MEDIANS)], TIME)),
      );
      expect(events.isHalted).toBe(false);
    }
    const old = fresh.map(({ prices }) => report(TIME - 61n, prices));
    for (const lie of [1n, TIME + 10_000n]) {
      const { events } = settle(
        PARAMS,
        holders(10n ** 9n),
        inputOf(1, medianReport([...old, report(lie, MEDIANS)], TIME)),
      );
      expect(events.isHalted).toBe(true);
    }
  });
});

describe('a stale median', () => {
  // 100 lots at 60 require 300 at maintenance; at 59 the long account has 350 − 100 = 250.
  const ruined = [59_000_000_000n, MEDIANS[1]];
  const reports = (timeS: bigint) => Array.from({ length: 4 }, () => report(timeS, ruined));

  test('halts the market: nobody is liquidated and no mark moves, however far the prices moved', () => {
    const before = holders(350_000_000n);
    const { state, events, auctions, fills } = settle(
      PARAMS,
      before,
      inputOf(1, medianReport(reports(TIME - 61n), TIME)),
    );
    expect(events).toMatchObject({
      isHalted: true,
      liquidations: [],
      deleverages: [],
      funding: [],
      expiries: [],
    });
    expect([fills, auctions.every(({ price }) => price === null)]).toEqual([[], true]);
    expect(state.market.marks).toEqual(before.market.marks);
    expect([...state.accounts]).toEqual([...before.accounts]);
    expect(state.distress.size).toBe(0);
  });

  test('that is fresh again lets the same account be liquidated', () => {
    const before = holders(350_000_000n);
    const halted = settle(PARAMS, before, inputOf(1, medianReport(reports(TIME - 61n), TIME))).state;
    const { state, events } = settle(PARAMS, halted, inputOf(2, medianReport(reports(TIME + 1n), TIME + 1n)));
    expect(events.isHalted).toBe(false);
    expect([...state.distress]).toEqual([[accountIdOf(1n), 1]]);
  });

  test('is one older than staleAfterS, not as old', () => {
    const at = (age: bigint) =>
      settle(PARAMS, holders(10n ** 9n), inputOf(1, medianReport(reports(TIME - age), TIME))).events.isHalted;
    expect([at(60n), at(61n)]).toEqual([false, true]);
  });
});
