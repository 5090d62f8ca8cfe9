import { describe, expect, test } from 'vitest';
import { decodeMessage, encodeMessage } from '../../src/validator/messages.ts';
import { withMutant } from '../helpers/mutant.ts';
import { LAST, type LossPlan, lossRun } from './forgotten-votes.ts';

/** A peer that shows no certificate to who asks. */
const hides = {
  twist: (bytes: Uint8Array) => {
    const message = decodeMessage(bytes);
    return [message?.kind === 'newest' ? encodeMessage({ ...message, certification: undefined }) : bytes];
  },
};

const PLANS: readonly LossPlan[] = [
  { n: 4, seed: 1, dissemination: 'direct', after: 60, tells: true },
  { n: 4, seed: 2, dissemination: 'stem', after: 110, tells: true },
  { n: 7, seed: 3, dissemination: 'direct', after: 250, tells: true, faulty: new Map([[4, hides]]) },
];

describe('a validator whose store is lost in the middle of a height while its keys are left', () => {
  test.each(PLANS)(
    'contradicts nothing, takes part again, and the chain goes on: n = $n, $dissemination',
    (plan) => {
      const { flaws, secretsShown, restarts, ordered } = lossRun(plan);
      expect({ flaws, secretsShown, restarts }).toEqual({ flaws: [], secretsShown: [], restarts: 2 });
      // Not in the heights in which it may have voted before, and in the last one.
      expect(ordered.filter((at) => at > 3 && at < 5)).toEqual([]);
      expect(ordered).toContain(LAST);
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
