import { describe, expect, test } from 'vitest';
import { BkrAcs } from '../../src/consensus/acs/bkr.ts';
import { FirstHandAcs } from '../../src/consensus/acs/first-hand.ts';
import type { AcsMessage } from '../../src/consensus/acs/frame.ts';
import type { SubsetOptions } from '../../src/consensus/acs/subset-machine.ts';
import { quorumOf } from '../../src/params/quorum.ts';
import { ACS_TWISTS, serveFew, type Twist } from '../../src/sim/adversaries/twists.ts';
import { AcsWorld, type WorldOptions } from './acs-world.ts';

const SIZES = [1, 2, 3, 4, 5, 7, 10];
/** Both subsets, with the message delays and the frames a peer that they take when all are correct, and with f silent. */
const SUBSETS = [
  {
    name: 'first-hand',
    machine: (options: SubsetOptions) => new FirstHandAcs(options),
    delays: 4,
    frames: 5,
    silent: 8,
  },
  { name: 'bkr', machine: (options: SubsetOptions) => new BkrAcs(options), delays: 5, frames: 6, silent: 9 },
] as const;
type Subset = (typeof SUBSETS)[number];
const CASES = SUBSETS.flatMap((subset) => SIZES.map((n) => [subset.name, n, subset] as const));
/** Seeds a size: fewer where a run is longer; test/long/campaign.test.ts has more. */
const SEEDS: Readonly<Record<number, number>> = { 1: 10, 2: 10, 3: 10, 4: 50, 5: 25, 7: 12, 10: 4 };

const mute: Twist<AcsMessage> = () => [];
const TWISTS: Readonly<Record<string, Twist<AcsMessage>>> = { mute, ...ACS_TWISTS };

function runAll(n: number, { machine }: Subset, options: (seed: number) => Partial<WorldOptions>): void {
  for (let seed = 1; seed <= SEEDS[n]!; seed++) {
    const world = new AcsWorld({ n, seed, machine, ...options(seed) });
    world.run();
    world.check();
  }
}

/** The last f validators do this. */
const lastF = <T>(n: number, what: T): Map<number, T> =>
  new Map(Array.from({ length: quorumOf(n).f }, (_, k) => [n - 1 - k, what]));

describe.each(CASES)('%s among %i validators, delivered in any order', (_name, n, subset) => {
  test('agrees on at least q valid proposals when all are correct', () => {
    runAll(n, subset, () => ({}));
  });

  if (quorumOf(n).f === 0) return;

  test.each(Object.entries(TWISTS))('agrees when f validators are faulty: %s', (_name, twist) => {
    runAll(n, subset, () => ({ faulty: lastF(n, twist) }));
  });

  test('agrees when f validators crash in the middle of a multicast', () => {
    runAll(n, subset, (seed) => ({ crashes: lastF(n, (seed * 7) % (10 * n)) }));
  });

  test('never lets a proposal out that the predicate refuses, and still has q', () => {
    runAll(n, subset, () => ({ faulty: lastF(n, (frame) => [frame]), invalid: new Set(lastF(n, 0).keys()) }));
  });
});

describe.each(CASES)('with one delay a message, %s among %i', (_name, n, { machine, ...figures }) => {
  test(`takes ${figures.delays} delays and ${figures.frames} frames a peer when all are correct`, () => {
    const world = new AcsWorld({ n, seed: 1, machine });
    world.runSynchronously();
    world.check();
    expect(world.delays).toEqual(new Array(n).fill(figures.delays));
    expect(world.counts.frames).toBe(figures.frames * n * (n - 1));
    expect(world.outputs[0]!.length).toBe(n);
    expect(world.counts.coins.size).toBe(0);
  });

  if (quorumOf(n).f === 0) return;

  test(`takes ${figures.silent} delays when f say nothing`, () => {
    const { f, q } = quorumOf(n);
    const world = new AcsWorld({ n, seed: 1, machine, faulty: lastF(n, mute) });
    world.runSynchronously();
    world.check();
    expect(world.delays.slice(0, n - f)).toEqual(new Array(q).fill(figures.silent));
    expect(world.outputs[0]!.length).toBe(q);
  });
});

/** hbbft's bytes a validator at n = 10 (design: the bar), and the share of them that is ours at most. */
test.each([
  [256, 54_500, 0.25],
  [4096, 127_000, 0.45],
  [65_536, 1_289_000, 0.6],
])(
  'proposals of %i bytes at n = 10 cost a validator at most its share of hbbft’s bytes, and no pull',
  (payloadBytes, theirs, share) => {
    for (const { machine } of SUBSETS) {
      const world = new AcsWorld({ n: 10, seed: 1, payloadBytes, machine });
      world.runSynchronously();
      expect(world.counts.bytes / 10).toBeLessThanOrEqual(share * theirs);
      expect(world.counts.pulls).toBe(0);
    }
  },
);

/** The worst that pulling can cost: f proposers show their payload to f + 1 only, and f liars answer every pull with garbage. */
describe.each([4, 7, 10])('among %i, f of which propose to few and answer pulls with garbage', (n) => {
  const { f } = quorumOf(n);
  const L = 1000;

  test('a validator pulls at most f·f·L, of which f(f − 1)·L are garbage', () => {
    let most = 0;
    for (let seed = 1; seed <= 120 / n; seed++) {
      const world = new AcsWorld({
        n,
        seed,
        payloadBytes: L,
        faulty: lastF(n, serveFew(true)),
        machine: (options) => new FirstHandAcs(options),
        // Correct validators' PROPOSE are in time, what liars say comes early.
        holds: ({ rbc, votes }) => votes.length > 0 || rbc.every(({ kind }) => kind === 'ready'),
      });
      world.run();
      world.check();
      most = Math.max(most, ...world.pulledBytes.slice(0, n - f));
    }
    expect(most).toBeLessThanOrEqual(f * f * L);
    // It is attained where one liar besides the proposer can be asked, and nearly so with more.
    expect(most).toBeGreaterThanOrEqual((f === 1 ? 1 : f * f - 1) * L);
  });
});

test('equal seeds give equal runs, different seeds different ones', () => {
  const trace = (seed: number): unknown => {
    const world = new AcsWorld({
      n: 4,
      seed,
      faulty: new Map([[3, ACS_TWISTS.random]]),
      machine: (options) => new FirstHandAcs(options),
    });
    world.run();
    return [world.outputs, world.counts, world.faults];
  };
  expect(trace(5)).toEqual(trace(5));
  expect(trace(5)).not.toEqual(trace(6));
});
