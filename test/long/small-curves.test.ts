import { expect, test } from 'vitest';
import { curvesOver, isPrime } from '../helpers/small-curves.ts';
import { compileDealing, searchDealing } from '../helpers/small-dealing.ts';
import {
  compileEncapsulation,
  compileLadder,
  searchEncapsulation,
  searchLadder,
} from '../helpers/small-encapsulation.ts';

/** Every group order with the structure of BabyJubJub's over every prime field below 1,100; one curve for each. */
const primes = Array.from({ length: 1_100 }, (_, n) => n).filter((n) => n > 10 && isPrime(n));
const curves = primes.flatMap((p) => curvesOver(p, [3, 4, 5, 6, 7]));

test.each([3, 4, 5, 6, 7])('Ladder has one solution, [k]P, over every curve of %i bits', async (bits) => {
  const ladder = await compileLadder(bits);
  const own = curves.filter((curve) => curve.bits === bits);
  let systems = 0;
  for (const curve of own) {
    const found = searchLadder(ladder, curve);
    expect([curve, found.problems]).toEqual([curve, []]);
    systems += found.systems;
  }
  expect(own.length).toBeGreaterThan(5);
  console.log(`${bits} bits: ${own.length} curves, ${systems} systems`);
});

test.each([
  [5, curves.filter(({ bits }) => bits === 5)],
  [
    8,
    [1_399, 1_423, 1_427, 1_429, 1_433, 1_439, 1_447, 1_451, 1_453, 1_459].flatMap((p) =>
      curvesOver(p, [8]).slice(0, 1),
    ),
  ],
])('Encapsulation gives [k]B and [k]Y8 only, over curves of %i bits', async (bits, own) => {
  const encapsulation = await compileEncapsulation(bits);
  let systems = 0;
  for (const curve of own) {
    const found = searchEncapsulation(encapsulation, curve, bits === 5 ? undefined : [1, 2, 3, 5, 8]);
    expect([curve, found.problems]).toEqual([curve, []]);
    systems += found.systems;
  }
  expect(own.length).toBeGreaterThan(5);
  console.log(`${bits} bits: ${own.length} curves, ${systems} systems`);
});

test('Dealing gives [t]B, [s]B and [k]PK8 only, over curves of 5 bits', async () => {
  const dealing = await compileDealing(5);
  const own = curves.filter(({ bits }) => bits === 5);
  for (const curve of own)
    expect([curve, searchDealing(dealing, curve, [1, 2, 5]).problems]).toEqual([curve, []]);
  expect(own.length).toBeGreaterThan(5);
});
