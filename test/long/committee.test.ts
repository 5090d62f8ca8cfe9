import { describe, test } from 'vitest';
import { perp, TradingWorld } from '../../src/committee/traders.ts';
import { kernels } from '../helpers/kernels.ts';
import { seedsOf, sizesOf } from '../helpers/seeds.ts';
import { MEDIANS } from '../unit/ledger/market.ts';

/** Committees of every small size, both ways of dissemination, several heights, many schedules. */
const HEIGHTS = 4;
/** A height's work grows with the square of the committee: larger ones take fewer seeds. */
const usualSeeds = (n: number): number => Math.ceil(80 / n);

describe.each(sizesOf([1, 2, 3, 4, 5, 7, 10]))('%i validators', (n) => {
  test.each(['direct', 'stem'] as const)('agree on every height over many seeds (%s)', (dissemination) => {
    for (const seed of seedsOf(usualSeeds(n))) {
      const world = new TradingWorld({ kernels, n, seed, dissemination });
      for (let at = 1; at <= HEIGHTS; at++) {
        const orders = [perp(at % 2 === 0 ? 'buy' : 'sell', BigInt(at))];
        const { bytes } = world.batch(at % 3, orders, world.terms(at));
        world.submit(bytes, [...world.committee.correct]);
        world.committee.drain();
        world.runHeight(
          at,
          MEDIANS.map((price) => price + BigInt(at)),
        );
        world.committee.check(at);
      }
    }
  });
});
