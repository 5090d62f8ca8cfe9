import { expect, test } from 'vitest';
import { AttackedRun } from '../../src/committee/attacked-run.ts';
import { ATTACKS } from '../../src/committee/attacks/attacks.ts';
import { quorumOf } from '../../src/params/quorum.ts';

/** Attacks under which every height is certified everywhere, no correct validator is blamed, and honest items do not wait. */
const HARMLESS = [
  ['none', 1],
  ['slow-then-silent', 3],
  ['unsigned', 2],
  ['no-term', 1],
  ['no-term-slow', 3],
  ['far-votes', 1],
  ['bad-ballots', 3],
  ['half-shown', 2],
  ['lost-frames', 3],
  ['crash', 3],
] as const;

test.each(HARMLESS)(
  'at n = 4 under %s all certify every height, honest items wait %i heights at most',
  (name, patience) => {
    const attack = ATTACKS.find((each) => each.name === name)!;
    const n = 4;
    const heights = 4;
    const run = new AttackedRun({ validators: n, faulty: quorumOf(n).f, attack, heights, seed: 1 });
    const result = run.run();
    const correct = n - quorumOf(n).f;
    expect(result).toMatchObject({ attack: name, stalled: false, faultsAgainstCorrect: 0, coinShares: 0 });
    for (const row of result.heights) expect(row).toMatchObject({ settledBy: correct, certifiedBy: correct });
    for (const { kind, arrived, accepted } of run.wishes)
      if (arrived + patience <= heights)
        expect([kind, arrived, (accepted ?? heights + 1) - arrived <= patience]).toEqual([
          kind,
          arrived,
          true,
        ]);
  },
);
