import { expect, test } from 'vitest';
import { decodeMessage, encodeMessage } from '../../src/validator/messages.ts';
import { seedsOf, sizesOf } from '../helpers/seeds.ts';
import { takesPartAgain } from '../sim/forgotten-votes.ts';

/** A peer that shows no certificate to who asks. */
const hides = {
  twist: (bytes: Uint8Array) => {
    const message = decodeMessage(bytes);
    return [message?.kind === 'newest' ? encodeMessage({ ...message, certification: undefined }) : bytes];
  },
};

test.each(sizesOf([4, 7]))(
  'n = %i: a validator that loses its store contradicts nothing and takes part again, over many seeds',
  (n) => {
    const faulty = n === 7 ? new Map([[4, hides]]) : new Map();
    const seeds = seedsOf(Math.floor(40 / n));
    for (const seed of seeds)
      takesPartAgain({
        n,
        seed,
        dissemination: seed % 2 === 0 ? 'direct' : 'stem',
        after: (37 * seed) % (n * n * 9),
        faulty,
        tells: true,
      });
    expect(seeds.length).toBeGreaterThan(0);
  },
);
