import { describe, expect, test } from 'vitest';
import { quorumOf } from '../../src/params/quorum.ts';
import { TWISTS, type Twist } from './acs-faulty.ts';
import { AcsWorld, type WorldOptions } from './acs-world.ts';

const SIZES = [1, 2, 3, 4, 5, 7, 10];
/** Seeds a size: fewer where a run is longer. */
const SEEDS: Readonly<Record<number, number>> = { 1: 50, 2: 50, 3: 50, 4: 100, 5: 60, 7: 25, 10: 8 };

function runAll(n: number, options: (seed: number) => Partial<WorldOptions>): void {
  for (let seed = 1; seed <= SEEDS[n]!; seed++) {
    const world = new AcsWorld({ n, seed, ...options(seed) });
    world.run();
    world.check();
  }
}

/** The last f validators do this. */
const lastF = <T>(n: number, what: T): Map<number, T> =>
  new Map(Array.from({ length: quorumOf(n).f }, (_, k) => [n - 1 - k, what]));

describe.each(SIZES)('a common subset of %i validators, delivered in any order', (n) => {
  test('agrees on at least q valid proposals when all are correct', () => {
    runAll(n, () => ({}));
  });

  if (quorumOf(n).f === 0) return;

  test.each(Object.entries(TWISTS))('agrees when f validators are faulty: %s', (_name, twist: Twist) => {
    runAll(n, () => ({ faulty: lastF(n, twist) }));
  });

  test('agrees when f validators crash in the middle of a multicast', () => {
    runAll(n, (seed) => ({ crashes: lastF(n, (seed * 7) % (10 * n)) }));
  });

  test('never lets a proposal out that the predicate refuses, and still has q', () => {
    runAll(n, () => ({ faulty: lastF(n, (frame) => [frame]), invalid: new Set(lastF(n, 0).keys()) }));
  });
});

describe.each(SIZES)('with one delay a message, a common subset of %i', (n) => {
  test('takes 5 delays and 6 frames a peer when all are correct', () => {
    const world = new AcsWorld({ n, seed: 1 });
    world.runSynchronously();
    world.check();
    expect(world.delays).toEqual(new Array(n).fill(5));
    expect(world.counts.frames).toBe(6 * n * (n - 1));
    expect(world.outputs[0]!.length).toBe(n);
    expect(world.counts.coins.size).toBe(0);
  });

  if (quorumOf(n).f === 0) return;

  test('takes 9 delays when f say nothing', () => {
    const { f, q } = quorumOf(n);
    const world = new AcsWorld({ n, seed: 1, faulty: lastF(n, TWISTS['mute']!) });
    world.runSynchronously();
    world.check();
    expect(world.delays.slice(0, n - f)).toEqual(new Array(q).fill(9));
    expect(world.outputs[0]!.length).toBe(q);
  });
});

test('a proposal of 256 bytes at n = 10 costs a validator less than 9 kB and no pull', () => {
  const world = new AcsWorld({ n: 10, seed: 1, payloadBytes: 256 });
  world.runSynchronously();
  expect(world.counts.bytes / 10).toBeLessThan(9000);
  expect(world.counts.pulls).toBe(0);
});

test('equal seeds give equal runs, different seeds different ones', () => {
  const trace = (seed: number): unknown => {
    const world = new AcsWorld({ n: 4, seed, faulty: new Map([[3, TWISTS['random']!]]) });
    world.run();
    return [world.outputs, world.counts, world.faults];
  };
  expect(trace(5)).toEqual(trace(5));
  expect(trace(5)).not.toEqual(trace(6));
});
