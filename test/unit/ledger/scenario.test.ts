import { describe, expect, test } from 'vitest';
import type { SettlementState } from '../../../src/ledger/settlement-state.ts';
import type { Settlement } from '../../../src/ledger/transition.ts';
import type { Account } from '../../../src/market/account.ts';
import type { InstrumentIndex } from '../../../src/params/ids.ts';
import { brokenInvariant } from '../../helpers/market-bookkeeper.ts';
import { emptyTally, runScenario, SCENARIO_MARKET, scenarioHeight } from '../../helpers/market-scenario.ts';

test('I1 to I11 hold after each height of a hard market (a sample of test/long/market-scenario.test.ts)', () => {
  const tally = emptyTally();
  for (let seed = 1; seed <= 10; seed++) runScenario(seed, 100, tally);
  // A sample in which nothing happens would show nothing.
  expect(tally.steps).toBe(1_000);
  for (const event of ['liquidations', 'bankruptcies', 'deleverages', 'deficits', 'haircuts'] as const) {
    expect([event, tally[event] > 0]).toEqual([event, true]);
  }
  for (const event of ['deposits', 'withdrawn', 'shielded', 'exceeded'] as const) {
    expect([event, tally[event] > 0]).toEqual([event, true]);
  }
  for (const event of ['penalties', 'fundings', 'expiries', 'halts', 'fills'] as const) {
    expect([event, tally[event] > 0]).toEqual([event, true]);
  }
});

describe('the second set of books notices', () => {
  // A height with fills; what is wrong is put into its result.
  const { before, input, result } = scenarioHeight(1, 40);
  const judge = (other: Partial<Settlement>): string | undefined =>
    brokenInvariant(SCENARIO_MARKET, before, input, { ...result, ...other }, result);
  const withState = (state: Partial<SettlementState>): string | undefined =>
    judge({ state: { ...result.state, ...state } });
  const withAccount = (change: (account: Account) => Account): string | undefined => {
    const [id, account] = [...result.state.accounts].find(([, { positions }]) => positions.size > 0)!;
    return withState({ accounts: new Map([...result.state.accounts, [id, change(account)]]) });
  };
  const [held] = [
    ...[...result.state.accounts.values()].find(({ positions }) => positions.size > 0)!.positions,
  ];
  const withPosition = (i: InstrumentIndex, lots: bigint): string | undefined =>
    withAccount((account) => ({
      ...account,
      positions: new Map([...account.positions, [i, { lots, quote: account.positions.get(i)?.quote ?? 0n }]]),
    }));

  test('nothing in an honest height', () => {
    expect(result.fills.length).toBeGreaterThan(0);
    expect(judge({})).toBeUndefined();
  });
  test('a unit too many', () => {
    expect(withAccount((account) => ({ ...account, cash: account.cash + 1n }))).toMatch('do not explain');
    expect(withState({ fees: result.state.fees + 1n })).toMatch('I1');
    expect(withState({ insurance: result.state.insurance + 1n, fees: result.state.fees - 1n })).toMatch('I1');
    expect(withState({ pool: result.state.pool + 1n, deposits: result.state.deposits + 1n })).toMatch('I8');
  });
  test('a lot too many, and a position of none', () => {
    expect(withPosition(held![0], held![1].lots + 1n)).toMatch('lots of');
    expect(withPosition(held![0], 0n)).toMatch(/lots of|empty/);
  });
  test('a fill too many, too dear, beyond its limit or without an order', () => {
    const [fill, ...others] = result.fills;
    const withFill = (change: Partial<typeof fill>) => judge({ fills: [{ ...fill!, ...change }, ...others] });
    expect(judge({ fills: others })).toBeDefined();
    expect(withFill({ lots: fill!.lots + 1n })).toBeDefined();
    expect(withFill({ fee: fill!.fee + 1n })).toBeDefined();
    expect(withFill({ price: fill!.price + 1n })).toBeDefined();
    expect(withFill({ leg: 3 - fill!.leg })).toBeDefined();
  });
  test('a halt without need, and a price out of the band', () => {
    expect(judge({ events: { ...result.events, isHalted: true } })).toMatch('halted');
    const auctions = result.auctions.map((row) => ({ ...row, price: row.price && row.price * 2n }));
    const fills = result.fills.map((row) => ({ ...row, price: row.price * 2n, fee: row.fee * 2n }));
    expect(judge({ auctions, fills })).toBeDefined();
  });
  test('bytes that depend on an order', () => {
    const again = { ...result, stateRoot: result.receiptsRoot };
    expect(brokenInvariant(SCENARIO_MARKET, before, input, result, again)).toMatch('I10');
  });
  test('an account below zero', () => {
    // Nobody liquidates: the price of what is held doubles or halves after the height.
    const poor = result.state.market.marks.map((mark) => mark * 1_000n);
    expect(withState({ market: { ...result.state.market, marks: poor } })).toBeDefined();
  });
});
