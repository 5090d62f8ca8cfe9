import { expect, test } from 'vitest';
import { emptyTally, runScenario } from '../../helpers/market-scenario.ts';

test('I1 to I10 hold after each height of a hard market (a sample of test/long/market-scenario.test.ts)', () => {
  const tally = emptyTally();
  for (let seed = 1; seed <= 10; seed++) runScenario(seed, 100, tally);
  // A sample in which nothing happens would show nothing.
  expect(tally.steps).toBe(1_000);
  for (const event of ['liquidations', 'bankruptcies', 'deleverages', 'deficits', 'haircuts'] as const) {
    expect([event, tally[event] > 0]).toEqual([event, true]);
  }
  for (const event of ['penalties', 'fundings', 'expiries', 'halts', 'fills'] as const) {
    expect([event, tally[event] > 0]).toEqual([event, true]);
  }
});
