import { describe, expect, test } from 'vitest';
import { DEALING_ATTACKS } from '../../src/committee/dealing-attacks.ts';
import { seedsOf, sizesOf } from '../helpers/seeds.ts';
import {
  checkGenerated,
  contradictions,
  diesGenerating,
  generate,
  withstandsDealers,
  writesOf,
} from '../sim/genesis-checks.ts';

describe.each(sizesOf([4, 7, 10]))('n = %i', (n) => {
  test.each(DEALING_ATTACKS.map(({ name }) => name))('f Byzantine dealers: %s', (name) => {
    for (const seed of seedsOf(n === 10 ? 2 : 6)) withstandsDealers(name, n, seed);
  });

  test('all correct, over many seeds', () => {
    for (const seed of seedsOf(Math.floor(40 / n))) {
      const world = generate(n, seed);
      checkGenerated(world);
      expect(contradictions(world)).toEqual([]);
    }
  });
});

test.each([1, 2, 4])(
  'n = 4, %i at once: a death at every write of a generation, of which nothing, a part or all is left',
  (company) => {
    const last = writesOf(4);
    for (let write = 1; write <= last; write++)
      for (const turn of company === 1 ? [0, 1, 2] : [0]) diesGenerating(4, write, company, turn);
  },
);
