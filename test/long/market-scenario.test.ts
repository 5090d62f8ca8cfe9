import { expect, test } from 'vitest';
import { emptyTally, runScenario } from '../helpers/market-scenario.ts';

const SCENARIOS = 1_000;
const HEIGHTS = 100;

test('I1 to I11 hold after each of 100,000 heights with liquidations, bankruptcies and chained deleverages', () => {
  const tally = emptyTally();
  for (let seed = 1; seed <= SCENARIOS; seed++) runScenario(seed, HEIGHTS, tally);
  console.log(JSON.stringify(tally));
  // What did not happen was not shown.
  expect(tally.steps).toBe(SCENARIOS * HEIGHTS);
  expect(tally.liquidations).toBeGreaterThanOrEqual(1_000);
  expect(tally.bankruptcies).toBeGreaterThanOrEqual(100);
  expect(tally.deleverages).toBeGreaterThanOrEqual(1_000);
  expect(tally.chained).toBeGreaterThanOrEqual(10);
  for (const event of [
    'insured',
    'penalties',
    'deficits',
    'haircuts',
    'fundings',
    'expiries',
    'halts',
    'deposits',
    'withdrawn',
    'shielded',
    'exceeded',
  ] as const)
    expect([event, tally[event] >= 100]).toEqual([event, true]);
});
