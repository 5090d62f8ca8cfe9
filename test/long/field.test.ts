import { describe, expect, test } from 'vitest';
import { seedsOf, sizesOf } from '../helpers/seeds.ts';
import { FIELD, FIELD_SIZES, fieldAdversaries, runField } from '../sim/field-campaign.ts';

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
