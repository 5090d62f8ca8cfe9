import { describe, expect, test } from 'vitest';
import type { AcsProposal } from '../../../src/consensus/acs/common-subset.ts';
import { validatorIndex as at } from '../../../src/params/ids.ts';
import { OutputChecks } from '../../../src/sim/output-checks.ts';

const proposalOf = (height: number, proposer: number): Uint8Array => Uint8Array.of(height, proposer, 7);
const output = (height: number, ...proposers: number[]): AcsProposal[] =>
  proposers.map((j) => ({ proposer: at(j), payload: proposalOf(height, j) }));

/** Three correct validators, the fourth is faulty; three proposals come out at least. */
function checks({ invalid = false } = {}) {
  const found: string[] = [];
  const made = new OutputChecks(
    { correct: 3, leastOutputs: 3, proposalOf, isRefused: () => invalid },
    (property, height, node, detail) => void found.push(`${property} ${height}/${node}: ${detail}`),
  );
  return { checks: made, found };
}

describe('the output checks', () => {
  test('find nothing in equal, valid, ordered and complete outputs', () => {
    const { checks: made, found } = checks();
    for (const height of [1, 2]) {
      for (const self of [2, 0, 1]) expect(made.take(self, height, output(height, 0, 1, 2, 3))).toBe(true);
      expect(made.isComplete(height)).toBe(true);
    }
    expect(made.take(1, 2, output(2, 0, 1, 2, 3))).toBe(false);
    made.converged(2);
    expect(found).toEqual([]);
  });

  test.each([
    ['one proposal less', output(1, 0, 1, 2)],
    [
      'another proposal in its place',
      output(1, 0, 1, 2, 3).with(3, { proposer: at(3), payload: Uint8Array.of(1) }),
    ],
  ])('agreement: %s', (_what, other) => {
    const { checks: made, found } = checks();
    made.take(0, 1, output(1, 0, 1, 2, 3));
    made.take(1, 1, output(1, 0, 1, 2, 3));
    made.take(2, 1, other);
    expect(found).toEqual(['agreement 1/2: differs from validator 0']);
  });

  test('agreement: a second output that differs from the first one of the same validator', () => {
    const { checks: made, found } = checks();
    made.take(0, 1, output(1, 0, 1, 2, 3));
    made.take(0, 1, output(1, 0, 1, 2));
    expect(found).toEqual(['agreement 1/0: put out twice, and differently']);
  });

  test.each([
    [[2], ['total order 2/0: after height 0']],
    [[1, 3], ['total order 3/0: after height 1']],
  ])('total order: heights %j', (heights, expected) => {
    const { checks: made, found } = checks();
    for (const height of heights) made.take(0, height, output(height, 0, 1, 2));
    expect(found).toEqual(expected);
  });

  test('validity: fewer than q, out of order, twice, or what a correct validator did not propose', () => {
    const cases: [AcsProposal[], string][] = [
      [output(1, 0, 1), 'only 2 proposals came out'],
      [output(1, 1, 0, 2), 'not ascending'],
      [output(1, 0, 1, 1), 'not ascending'],
      [output(2, 0, 1, 2).with(0, output(1, 0)[0]!), 'the proposal of 1 was changed'],
    ];
    for (const [payloads, detail] of cases) {
      const { checks: made, found } = checks();
      made.take(0, 1, payloads);
      expect(found).toContain(`validity 1/0: ${detail}`);
    }
  });

  test('validity: a proposal of a validator that proposes only what is invalid', () => {
    const { checks: made, found } = checks({ invalid: true });
    made.take(0, 1, output(1, 0, 1, 2, 3));
    expect(found).toEqual(['validity 1/0: an invalid proposal of 3']);
  });

  test('convergence: a validator that stops short', () => {
    const { checks: made, found } = checks();
    for (const self of [0, 1]) made.take(self, 1, output(1, 0, 1, 2));
    expect(made.isComplete(1)).toBe(false);
    made.converged(1);
    expect(found).toEqual(['convergence 1/2: put out 0 of 1 heights']);
  });
});
