import { expect, test } from 'vitest';
import { heightAfter } from '../../src/committee/attack.ts';
import { ATTACKS } from '../../src/committee/attacks/attacks.ts';
import { SAMPLE_MARKET } from '../../src/committee/sample-market.ts';
import { withstands } from './attack-checks.ts';

/** A sample; `test/long/attacks.test.ts` has every attack at n = 4, 7 and 10. */
test.each(['no-term-slow', 'far-votes', 'bad-ballots', 'forged-proof', 'lost-frames'])(
  'four validators withstand %s: all certify every height, and honest items do not wait',
  (name) => {
    withstands(name, 4, 4);
  },
);

test('four validators withstand 64 notes spent in another way at each of them: honest items do not wait, and what is accepted pays', () => {
  const { result, world } = withstands('variants', 4, 4);
  const accepted = result.heights.reduce((sum, row) => sum + row.accepted - row.acceptedHonest, 0);
  expect(accepted).toBeGreaterThan(0);
  const { fees } = world.replica.settlement;
  expect(fees, 'ten times the fee that a batch has to pay, each').toBeGreaterThan(
    BigInt(10 * accepted) * SAMPLE_MARKET.batchFee,
  );
});

test('the attacks have distinct names, and say what they do', () => {
  expect(new Set(ATTACKS.map(({ name }) => name)).size).toBe(ATTACKS.length);
  for (const { name, explains } of ATTACKS) {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(explains).toMatch(/^[A-Z].*\.$/);
  }
});

test('phases are shares of a run', () => {
  expect([heightAfter(0.25, 8), heightAfter(0.5, 8), heightAfter(0.75, 8), heightAfter(0.5, 1)]).toEqual([
    3, 5, 7, 1,
  ]);
});
