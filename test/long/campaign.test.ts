import { describe, expect, test } from 'vitest';
import { openErasureCode } from '../../src/node/erasure-code.ts';
import { adversariesOf, CAMPAIGN_SIZES, runCell } from '../sim/campaign.ts';

/** All of it: every seed × adversary × size, over every schedule. SEEDS=200 takes fewer. */
const SEEDS = Number(process.env['SEEDS'] ?? 2000);
const erasure = await openErasureCode();

describe.each(CAMPAIGN_SIZES)('n = %i', (n) => {
  test.each(adversariesOf(n))(
    'agreement, validity, total order, convergence, no slander: %s',
    (adversary) => {
      for (let seed = 1; seed <= SEEDS; seed++) expect(runCell({ n, adversary, seed }, erasure)).toEqual([]);
    },
  );
});
