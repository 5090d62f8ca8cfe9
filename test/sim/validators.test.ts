import { expect, test } from 'vitest';
import { DEEDS, validatorsFlaws, validatorsOptions } from './validators-campaign.ts';

test.each([
  [4, 3],
  [7, 1],
])(
  '%i validators over %i schedules, proofs late at some of them, beside two attacks at once: no stall and no slander',
  (n, seeds) => {
    for (let seed = 1; seed <= seeds; seed++) expect(validatorsFlaws(n, seed)).toEqual([]);
  },
);

test('the campaign has links of every kind, both ways of dissemination and every deed', () => {
  const options = Array.from({ length: 400 }, (_, seed) => validatorsOptions(4, seed + 1));
  expect(new Set(options.map(({ links }) => links!.delay.kind)).size).toBe(4);
  expect(new Set(options.map(({ dissemination }) => dissemination)).size).toBe(2);
  expect(new Set(options.flatMap(({ attack }) => attack.name.split(' + '))).size).toBe(DEEDS.length);
});
