import { expect, test } from 'vitest';
import {
  DISTURBANCES,
  type Disturbance,
  planChaos,
  ROUND_STEPS,
} from '../../../src/cli/devnet/chaos/plan.ts';
import { quorumOf } from '../../../src/params/quorum.ts';

const SEEDS = Array.from({ length: 40 }, (_, seed) => seed);
const isAway = ({ kind }: Disturbance): boolean => kind !== 'slow' && kind !== 'clock';

test('one seed gives one plan, and another seed another', () => {
  expect(planChaos(3, 7, 2, 20)).toEqual(planChaos(3, 7, 2, 20));
  expect(planChaos(3, 7, 2, 20)).not.toEqual(planChaos(4, 7, 2, 20));
});

test('every round has every kind of disturbance, and killing and stopping of more nodes than the others can do without', () => {
  for (const n of [4, 7, 10, 16])
    for (const seed of SEEDS) {
      const steps = planChaos(seed, n, 1, ROUND_STEPS);
      const kinds = new Set(steps.flatMap(({ disturbances }) => disturbances.map(({ kind }) => kind)));
      expect([...kinds].sort()).toEqual([...DISTURBANCES].sort());
      const { f } = quorumOf(n);
      const beyond = steps.filter(({ disturbances }) => disturbances.filter(isAway).length > f - 1);
      expect(beyond.length).toBeGreaterThanOrEqual(2);
      // Where there is room beside the liar, all other steps leave n − f correct nodes.
      if (f > 1) expect(beyond.length).toBe(2);
    }
});

test('no node suffers two things at once, and the liar only where all are killed', () => {
  for (const seed of SEEDS)
    for (const { disturbances, calmS } of planChaos(seed, 7, 4, 16)) {
      const victims = disturbances.map(({ victim }) => victim);
      expect(new Set(victims).size).toBe(victims.length);
      if (victims.includes(4))
        expect([disturbances.every(({ kind }) => kind === 'kill'), victims.length]).toEqual([true, 7]);
      expect(calmS).toBeGreaterThan(0);
      for (const disturbance of disturbances) {
        expect(disturbance.forS).toBeGreaterThan(0);
        if ('peers' in disturbance) expect(disturbance.peers).not.toContain(disturbance.victim);
      }
    }
});

test('what stands still stands longer than a stream waits, and all are killed now and then', () => {
  const disturbances = SEEDS.flatMap((seed) => planChaos(seed, 7, 0, 50).map((step) => step.disturbances));
  for (const { kind, forS } of disturbances.flat())
    if (kind === 'stop' || kind === 'half-open') expect(forS).toBeGreaterThan(10);
  expect(disturbances.some((each) => each.filter(({ kind }) => kind === 'kill').length === 7)).toBe(true);
});
