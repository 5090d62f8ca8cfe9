import { describe, expect, test } from 'vitest';
import type { BitSet, VoteKind } from '../../../../src/consensus/aba/votes.ts';
import { type AcsStep, mergeSteps } from '../../../../src/consensus/acs/common-subset.ts';
import { FirstHandAcs } from '../../../../src/consensus/acs/first-hand.ts';
import type { AcsMessage, VoteGroup } from '../../../../src/consensus/acs/frame.ts';
import { hashBytes } from '../../../../src/crypto/hash.ts';
import { validatorIndex as at } from '../../../../src/params/ids.ts';

const ZERO: BitSet = 1;
const ONE: BitSet = 2;
const votes = (kind: VoteKind, round: number, values: BitSet, ...instances: number[]): AcsMessage => ({
  rbc: [],
  votes: [
    { kind, round, values, instances: new Uint8Array([instances.reduce((bits, j) => bits | (1 << j), 0)]) },
  ],
});
const payloadOf = (j: number): Uint8Array => new Uint8Array([j]);
const four = (): FirstHandAcs => new FirstHandAcs({ n: 4, self: at(0) });
const from = (acs: FirstHandAcs, senders: readonly number[], message: AcsMessage): AcsStep =>
  mergeSteps(
    4,
    senders.map((i) => acs.handle(at(i), message)),
  );
/** RBC_j delivers and the predicate holds. */
function accept(acs: FirstHandAcs, j: number): AcsStep {
  acs.handle(at(j), { rbc: [{ kind: 'propose', proposer: at(j), bytes: payloadOf(j) }], votes: [] });
  const ready = { kind: 'ready', proposer: at(j), bytes: hashBytes('payload', payloadOf(j)) } as const;
  from(acs, [0, 1, 2], { rbc: [ready], votes: [] });
  return acs.validated(at(j), true);
}
const said = (step: AcsStep): readonly VoteGroup[] => step.sends.flatMap(({ message }) => message.votes);

describe('the first-hand subset', () => {
  test('says FIRST of what it has accepted, and no BVAL or AUX beside it', () => {
    const acs = four();
    expect(said(accept(acs, 2))).toEqual(votes('first', 0, ONE, 2).votes);
    // 1 gets into its bin: the AUX is out already.
    expect(said(from(acs, [0, 1, 2], votes('first', 0, ONE, 2)))).toEqual(votes('term', 0, ONE, 2).votes);
  });

  test('says FIRST also after it relayed BVAL(1), but only BVAL once an AUX is out', () => {
    const relayed = four();
    expect(said(from(relayed, [1, 2], votes('bval', 0, ONE, 3)))).toEqual(votes('bval', 0, ONE, 3).votes);
    expect(said(accept(relayed, 3))).toEqual(votes('first', 0, ONE, 3).votes);
    const voted = four();
    expect(said(from(voted, [1, 2, 3], votes('bval', 0, ZERO, 3)))).toContainEqual(
      votes('aux', 0, ZERO, 3).votes[0],
    );
    expect(said(accept(voted, 3))).toEqual(votes('bval', 0, ONE, 3).votes);
  });

  test('refuses the rest when q agreements have 2f + 1 FIRST, before any of them decides', () => {
    const acs = four();
    from(acs, [1, 2], votes('first', 0, ONE, 0, 1, 2));
    // Two of the three have 2f + 1.
    expect(said(acs.handle(at(3), votes('first', 0, ONE, 0, 1)))).not.toContainEqual(
      votes('bval', 0, ZERO, 3).votes[0],
    );
    expect(said(acs.handle(at(0), votes('first', 0, ONE, 2)))).toContainEqual(
      votes('bval', 0, ZERO, 3).votes[0],
    );
  });

  test('a FIRST counts once, and BVAL and AUX of 1 are none', () => {
    const acs = four();
    for (let k = 0; k < 3; k++) from(acs, [1, 2], votes('first', 0, ONE, 0, 1, 2));
    from(acs, [3], votes('bval', 0, ONE, 0, 1, 2));
    expect(acs.status().instances.map(({ agreement }) => agreement.decided)).toEqual(
      new Array(4).fill(undefined),
    );
    const step = from(acs, [3], votes('first', 0, ONE, 0, 1, 2));
    expect(said(step)).toContainEqual(votes('bval', 0, ZERO, 3).votes[0]);
  });

  test('refuses the rest as well when q agreements decided 1 without FIRST', () => {
    const acs = four();
    from(acs, [1, 2, 3], votes('bval', 0, ONE, 0, 1, 2));
    expect(said(from(acs, [1, 2, 3], votes('aux', 0, ONE, 0, 1, 2)))).toContainEqual(
      votes('bval', 0, ZERO, 3).votes[0],
    );
  });

  test('proposes 1 again when what it refused arrives, with AUX if none is out', () => {
    const acs = four();
    from(acs, [1, 2, 3], votes('first', 0, ONE, 0, 1, 2));
    expect(said(accept(acs, 3))).toEqual(votes('first', 0, ONE, 3).votes);
    const later = four();
    from(later, [1, 2, 3], votes('first', 0, ONE, 0, 1, 2));
    from(later, [1, 2, 3], votes('bval', 0, ZERO, 3));
    expect(said(accept(later, 3))).toEqual(votes('bval', 0, ONE, 3).votes);
  });

  test('proposes 1 again after round 0 too, for others may wait there', () => {
    const acs = four();
    from(acs, [1, 2, 3], votes('first', 0, ONE, 0, 1, 2));
    from(acs, [1, 2, 3], votes('bval', 0, ZERO, 3));
    from(acs, [1, 2, 3], votes('aux', 0, ZERO, 3));
    expect(acs.status().instances[3]!.agreement.round).toBe(1);
    expect(said(accept(acs, 3))).toEqual(votes('bval', 0, ONE, 3).votes);
  });

  test('a broadcast whose agreement decided 0 goes on until the agreement closes', () => {
    const acs = four();
    from(acs, [1, 2], votes('term', 1, ZERO, 3));
    expect(acs.status().instances[3]!.agreement.decided).toBe(0);
    const propose = { kind: 'propose', proposer: at(3), bytes: payloadOf(3) } as const;
    expect(acs.handle(at(3), { rbc: [propose], votes: [] }).sends).toHaveLength(1);
    from(acs, [3], votes('term', 1, ZERO, 3));
    expect(acs.status().instances[3]).toMatchObject({
      broadcast: { waitsFor: 'nothing', holdsPayload: false },
    });
  });

  test('FIRST is a vote for 1 in round 0, and nothing else', () => {
    for (const wrong of [votes('first', 1, ONE, 0), votes('first', 0, ZERO, 0)]) {
      expect(four().handle(at(1), wrong).faults).toMatchObject([{ by: 1, fault: 'ABA_MALFORMED' }]);
    }
  });
});
