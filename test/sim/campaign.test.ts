import { describe, expect, test } from 'vitest';
import { openErasureCode } from '../../src/node/erasure-code.ts';
import { ADVERSARIES, adversariesOf, CAMPAIGN_SIZES, optionsOf, runCell } from './campaign.ts';

/** A sample; `npm run test:long` goes through 2,000 seeds. */
const SEEDS = [1, 2, 3, 4, 5];
const erasure = await openErasureCode();
const only = process.env['CELL']?.split(':');

describe.skipIf(only !== undefined).each(CAMPAIGN_SIZES)('%i validators', (n) => {
  test.each(adversariesOf(n))(
    'agree, in total order, on valid proposals and end, beside: %s',
    (adversary) => {
      const seeds = adversary === 'none' ? [...SEEDS, ...SEEDS.map((seed) => seed + 100)] : SEEDS;
      for (const seed of seeds) expect(runCell({ n, adversary, seed }, erasure)).toEqual([]);
    },
  );
});

test('the sample has every schedule, broadcast and protocol', () => {
  const cells = CAMPAIGN_SIZES.flatMap((n) =>
    adversariesOf(n).flatMap((adversary) => SEEDS.map((seed) => optionsOf({ n, adversary, seed }, erasure))),
  );
  expect(new Set(cells.map(({ schedule }) => schedule.kind)).size).toBe(6);
  expect(new Set(cells.map(({ protocol }) => protocol.name)).size).toBe(4);
  expect(cells.some(({ cpu }) => cpu !== undefined)).toBe(true);
  expect(ADVERSARIES.length).toBeGreaterThan(15);
});

test.runIf(only !== undefined)(`the one cell ${only?.join(':')}`, () => {
  const [n, adversary, seed] = only!;
  expect(runCell({ n: Number(n), adversary: adversary!, seed: Number(seed) }, erasure)).toEqual([]);
});
