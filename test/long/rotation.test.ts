import { describe, expect, test } from 'vitest';
import { seedsOf, sizesOf } from '../helpers/seeds.ts';
import { nextHeight, rotatingWorld, toNext } from '../sim/border-world.ts';
import { MISDEALINGS, misdealt, requireKeys, withstandsMisdealing } from '../sim/misdealings.ts';
import { runRotation } from '../sim/rotation-campaign.ts';

describe.each(sizesOf([4, 7, 10]))('n = %i', (n) => {
  test.each(MISDEALINGS.map(({ name }) => name))('f dealers of a rotation: %s', (name) => {
    for (const seed of seedsOf(n === 4 ? 2 : 1)) withstandsMisdealing(name, n, seed);
  });
});

describe.each(sizesOf([4, 7, 10]))('n = %i', (n) => {
  test('registries, attacks, deaths and delays at random, over many seeds', () => {
    for (const seed of seedsOf(n === 4 ? 40 : n === 7 ? 6 : 3)) runRotation(n, seed);
  });
});

test.each([1, 2, 3])('%i members hand their keys on to themselves', (n) => {
  const world = misdealt(n, 1, undefined);
  toNext(world);
  nextHeight(world, true);
  requireKeys(world);
  expect(world.epoch).toBe(2);
});

test('three committees of a registry follow each other by items of the chain, orders settle in each, and a replica comes to the same', () => {
  const world = rotatingWorld({ seed: 3 });
  const [before] = world.committees;
  for (let epoch = 1; epoch <= 3; epoch++) {
    nextHeight(world, true);
    if (epoch < 3) toNext(world);
  }
  const seated = world.committees.map(({ epoch }) =>
    epoch.validators.map(({ registryIndex }) => registryIndex),
  );
  expect(new Set(seated.map(String)).size).toBe(3);
  for (const { epoch } of world.committees.slice(1)) {
    expect(epoch.decryptionKey.publicKey.equals(before!.epoch.decryptionKey.publicKey)).toBe(true);
    expect(epoch.coinKey.publicKey.equals(before!.epoch.coinKey.publicKey)).toBe(true);
  }
  expect(world.trading.replica.epoch.epoch).toBe(3);
});
