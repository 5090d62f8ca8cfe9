import { describe, expect, test } from 'vitest';
import { seedsOf, sizesOf } from '../helpers/seeds.ts';
import { validatorsFlaws } from '../sim/validators-campaign.ts';

/** Whole validators under two random attacks at once, over random links, with proofs that come late at some of them. */
const usualSeeds = (n: number): number => Math.ceil(200 / n);

describe.each(sizesOf([4, 7, 10]))('%i validators', (n) => {
  test('neither stall nor blame a correct one over many seeds', () => {
    for (const seed of seedsOf(usualSeeds(n))) expect(validatorsFlaws(n, seed)).toEqual([]);
  });
});
