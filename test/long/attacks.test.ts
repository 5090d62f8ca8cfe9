import { describe, expect, test } from 'vitest';
import { usedHeapMiB } from '../../src/cli/heap.ts';
import { AttackedRun } from '../../src/committee/attacked-run.ts';
import { ATTACKS } from '../../src/committee/attacks/attacks.ts';
import { EARLY_BYTES } from '../../src/validator/early-box.ts';
import { kernels } from '../helpers/kernels.ts';
import { attackNamed, withstands } from '../sim/attack-checks.ts';

/** In its first quarter this attack funds 64 accounts by deposits, which wait beside the honest ones for their room in ballots. */
const FUNDED = 'variants-accounts';

describe.each([
  [4, 8],
  [7, 8],
  [10, 5],
])('%i validators over %i heights', (n, heights) => {
  test.each(ATTACKS.map(({ name }) => name))('withstand %s', (name) => {
    const { result } = withstands(name, n, heights, 2, name === FUNDED ? heights : 1);
    expect(result.heights).toHaveLength(heights);
  });
});

test('honest items do not wait for 64 accounts that act in another way at each validator', () => {
  withstands(FUNDED, 4, 16, 3, 6);
});

test('early floods leave less than twice the stated bound in memory, beside what validators write into their stores', () => {
  const before = usedHeapMiB();
  const run = new AttackedRun({
    kernels,
    validators: 4,
    faulty: 1,
    attack: attackNamed('early-flood'),
    heights: 4,
    seed: 1,
  });
  const { stores } = run.world.committee.members;
  const writtenMiB = (): number =>
    stores
      .flatMap((store) => store.load())
      .reduce((sum, { snapshot, log }) => sum + (snapshot?.length ?? 0) + log.length, 0) /
    2 ** 20;
  // What a collection leaves behind only adds to what is held: the least of a height's measurements is nearest.
  const held: number[] = [];
  let [height, began, measured] = [0, 0, 0];
  while (run.advance()) {
    if (run.height !== height) [height, began, measured] = [run.height, run.delays, 0];
    // Two delays later the flood has arrived.
    if (run.delays < began + 2 + measured || measured === 4) continue;
    measured += 1;
    const usedMiB = usedHeapMiB() - before - writtenMiB();
    held[height - 1] = Math.min(held[height - 1] ?? usedMiB, usedMiB);
  }
  const boundMiB = (3 * EARLY_BYTES) / 2 ** 20;
  expect(Math.max(...held)).toBeLessThan(2 * boundMiB);
  expect(Math.max(...held), 'there was a flood').toBeGreaterThan(boundMiB / 2);
});
