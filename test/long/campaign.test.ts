import { describe, expect, test } from 'vitest';
import { openErasureCode } from '../../src/node/erasure-code.ts';
import { seedsOf, sizesOf } from '../helpers/seeds.ts';
import { adversariesOf, CAMPAIGN_SIZES, runCell } from '../sim/campaign.ts';

/** All of it: every seed × adversary × size, over every schedule. */
const seeds = seedsOf(2000);
const erasure = await openErasureCode();

describe.each(sizesOf(CAMPAIGN_SIZES))('n = %i', (n) => {
  test.each(adversariesOf(n))(
    'agreement, validity, total order, convergence, no slander over many seeds: %s',
    (adversary) => {
      for (const seed of seeds) expect(runCell({ n, adversary, seed }, erasure)).toEqual([]);
    },
  );
});
