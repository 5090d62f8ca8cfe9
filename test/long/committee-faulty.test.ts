import { describe, test } from 'vitest';
import { FAULTY } from '../../src/committee/faulty.ts';
import { TradingWorld } from '../../src/committee/traders.ts';
import type { Faulty } from '../../src/committee/world.ts';
import { quorumOf } from '../../src/params/quorum.ts';
import { Prng } from '../../src/sim/prng.ts';
import { kernels } from '../helpers/kernels.ts';
import { seedsOf, sizesOf } from '../helpers/seeds.ts';
import { runHeights } from '../sim/committee-heights.ts';

/** Every kind of liar, anywhere, alone and in company up to f, over many schedules. */
const usualSeeds = (n: number): number => Math.ceil(80 / n);

describe.each(sizesOf([4, 7, 10]))('%i validators', (n) => {
  test.each(Object.keys(FAULTY))(
    'agree over many seeds beside f liars, the first of them with %s',
    (first) => {
      const kinds = Object.values(FAULTY);
      for (const seed of seedsOf(usualSeeds(n))) {
        const prng = new Prng(seed);
        const faulty = new Map<number, Faulty>([[prng.below(n), FAULTY[first]!.faulty]]);
        while (faulty.size < quorumOf(n).f)
          faulty.set(prng.below(n), kinds[prng.below(kinds.length)]!.faulty);
        const dissemination = prng.bit() === 0 ? 'direct' : 'stem';
        runHeights(new TradingWorld({ kernels, n, seed, dissemination, faulty }));
      }
    },
  );
});
