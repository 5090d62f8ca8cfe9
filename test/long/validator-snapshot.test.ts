import { describe, expect, test } from 'vitest';
import { FAULTY } from '../../src/committee/faulty.ts';
import { quorumOf } from '../../src/params/quorum.ts';
import { busyHeights, doubledWorld } from '../sim/doubled-committee.ts';
import { FORGOTTEN, noticedWith } from '../sim/forgetful.ts';

test.each(FORGOTTEN)('what a restored validator has forgotten is noticed: %s', (path) => {
  expect(noticedWith(path)).toBeDefined();
});

test('who has forgotten nothing is not accused', () => {
  expect(noticedWith('no such field')).toBeUndefined();
});

const STRATEGIES = ['direct', 'stem'] as const;

describe('a validator restored from its snapshot gives the steps of one that never stopped, and is written as it', () => {
  test.each(STRATEGIES)(
    'at every input of three heights, at every validator at n = 4, %s',
    (dissemination) => {
      const { world, doubled } = doubledWorld({ n: 4, seed: 1, dissemination, rate: 1 });
      busyHeights(world);
      for (const { restores } of doubled) expect(restores).toBeGreaterThan(200);
    },
  );

  test.each(Object.keys(FAULTY).flatMap((name) => [4, 7].map((n) => [name, n] as const)))(
    'at some inputs of every validator beside f with %s at n = %i',
    (name, n) => {
      for (const dissemination of STRATEGIES) {
        const liars = Array.from({ length: quorumOf(n).f }, (_, i) => 2 * i);
        const faulty = new Map(liars.map((i) => [i, FAULTY[name]!.faulty]));
        const { world } = doubledWorld({
          n,
          seed: 30 + n,
          dissemination,
          rate: n === 4 ? 0.2 : 0.05,
          faulty,
        });
        busyHeights(world);
      }
    },
  );
});
