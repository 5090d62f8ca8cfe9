import { describe, expect, test } from 'vitest';
import { seedsOf, sizesOf } from '../helpers/seeds.ts';
import { FIELD, FIELD_SIZES, fieldAdversaries, runField } from '../sim/field-campaign.ts';
import { coinsOf } from '../sim/field-coins.ts';

/** All of it: every seed × adversary × size of each protocol that ours is compared with, over every schedule. */
const seeds = seedsOf(500);

describe.each(FIELD)('%s', (protocol) => {
  describe.each(sizesOf(FIELD_SIZES))('n = %i', (n) => {
    test.each(fieldAdversaries(protocol))(
      'agreement, validity, total order, convergence, no slander over many seeds: %s',
      (adversary) => {
        for (const seed of seeds) expect(runField({ protocol, n, adversary, seed })).toEqual([]);
      },
    );
  });
});

test('among 4 to 16 the coins and lots of FIN beside a hostile scheduler are as many, those of first-hand grow', () => {
  const fin = [4, 7, 10, 16].map((n) => coinsOf('fin', n, 20));
  const ours = [4, 7, 10, 16].map((n) => coinsOf('first-hand', n, 20));
  for (const mean of fin) expect(mean).toBeLessThan(2);
  expect(ours[3]! / ours[0]!).toBeGreaterThan(3);
  expect(fin[3]! / fin[0]!).toBeLessThan(1.5);
});
