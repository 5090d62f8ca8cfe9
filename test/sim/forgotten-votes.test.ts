import { describe, expect, test } from 'vitest';
import { withMutant } from '../helpers/mutant.ts';
import { type LossPlan, lossRun, takesPartAgain } from './forgotten-votes.ts';

// By the other way of dissemination, at n = 7, beside a peer that shows no certificate, and over more seeds: test/long/forgotten-votes.test.ts.
const PLANS: readonly LossPlan[] = [{ n: 4, seed: 2, dissemination: 'stem', after: 110, tells: true }];

describe('a validator whose store is lost in the middle of a height while its keys are left', () => {
  test.each(PLANS)(
    'contradicts nothing, takes part again, and the chain goes on: n = $n, $dissemination',
    (plan) => {
      takesPartAgain(plan);
    },
  );

  test('equivocates if nothing tells it that its store was lost', () => {
    const found: string[] = [];
    for (let after = 60; found.length === 0 && after < 260; after += 25)
      found.push(...lossRun({ n: 4, seed: 1, dissemination: 'direct', after, tells: false }).flaws);
    expect(found.join('\n')).toMatch(/EQUIVOCATION|(propose|val|echo|ready|aux|ballot)/);
  });

  test('equivocates if it votes from the first height on that is certified nowhere', async () => {
    const mutant = await withMutant(
      'src/validator/abstention.ts',
      [['const VOTED_AHEAD = 3;', 'const VOTED_AHEAD = 0;']],
      () => import('./forgotten-votes.ts'),
    );
    const found: string[] = [];
    for (let after = 60; found.length === 0 && after < 260; after += 25)
      found.push(...mutant.lossRun({ n: 4, seed: 1, dissemination: 'direct', after, tells: true }).flaws);
    expect(found.join('\n')).toMatch(/EQUIVOCATION|(propose|val|echo|ready|aux|ballot)/);
  });
});
