import { describe, expect, test } from 'vitest';
import type { BitSet, VoteKind } from '../../../../src/consensus/aba/votes.ts';
import { BkrAcs } from '../../../../src/consensus/acs/bkr.ts';
import { type AcsStep, mergeSteps } from '../../../../src/consensus/acs/common-subset.ts';
import type { AcsMessage, VoteGroup } from '../../../../src/consensus/acs/frame.ts';
import type { RbcKind } from '../../../../src/consensus/rbc/messages.ts';
import { hashBytes } from '../../../../src/crypto/hash.ts';
import { validatorIndex as at } from '../../../../src/params/ids.ts';
import { MAX_PAYLOAD_BYTES } from '../../../../src/params/sizes.ts';

const ZERO: BitSet = 1;
const ONE: BitSet = 2;
const payloadOf = (j: number): Uint8Array => new Uint8Array([j]);
const rbc = (kind: RbcKind, proposer: number, bytes: Uint8Array): AcsMessage => ({
  rbc: [{ kind, proposer: at(proposer), bytes }],
  votes: [],
});
const votes = (kind: VoteKind, round: number, values: BitSet, ...instances: number[]): AcsMessage => ({
  rbc: [],
  votes: [
    { kind, round, values, instances: new Uint8Array([instances.reduce((bits, j) => bits | (1 << j), 0)]) },
  ],
});
const four = (): BkrAcs => new BkrAcs({ n: 4, self: at(0) });
/** One frame from each of validators 0, 1, 2. */
const fromQ = (acs: BkrAcs, message: AcsMessage): AcsStep =>
  mergeSteps(
    4,
    [0, 1, 2].map((i) => acs.handle(at(i), message)),
  );
const deliver = (acs: BkrAcs, j: number): AcsStep =>
  mergeSteps(4, [
    acs.handle(at(j), rbc('propose', j, payloadOf(j))),
    fromQ(acs, rbc('ready', j, hashBytes('payload', payloadOf(j)))),
  ]);
const said = (step: AcsStep): readonly VoteGroup[] => step.sends.flatMap(({ message }) => message.votes);

describe('the common subset', () => {
  test('asks the predicate for a delivered payload and votes 1 only on its yes', () => {
    const acs = four();
    const step = deliver(acs, 1);
    expect(step.effects).toEqual([{ type: 'validate', proposer: 1, payload: payloadOf(1) }]);
    expect(said(step)).toEqual([]);
    expect(said(acs.validated(at(1), true))).toEqual(votes('bval', 0, ONE, 1).votes);
  });

  test('a proposal that the predicate refuses is its proposer’s fault and gets no vote', () => {
    const acs = four();
    deliver(acs, 1);
    const step = acs.validated(at(1), false);
    expect(step.sends).toEqual([]);
    expect(step.faults).toMatchObject([{ by: 1, fault: 'ACS_PROPOSAL_INVALID' }]);
  });

  test('a verdict without a payload, or a second one, is the owner’s bug', () => {
    const acs = four();
    expect(() => acs.validated(at(1), true)).toThrow('delivered payload');
    deliver(acs, 1);
    acs.validated(at(1), true);
    expect(() => acs.validated(at(1), true)).toThrow('answered once');
  });

  test('says 0 to the rest once q agreements decided 1, and not before', () => {
    const acs = four();
    fromQ(acs, votes('bval', 0, ONE, 0, 1, 2));
    expect(said(fromQ(acs, votes('aux', 0, ONE, 0, 1))).map(({ kind }) => kind)).not.toContain('bval');
    const step = fromQ(acs, votes('aux', 0, ONE, 2));
    expect(said(step)).toContainEqual(votes('bval', 0, ZERO, 3).votes[0]);
    expect(acs.status()).toMatchObject({ ones: 3, undecided: 1, missingPayloads: 3, done: false });
  });

  test('puts out the chosen payloads, ascending, once all agreements decided and all are here', () => {
    const acs = four();
    for (const j of [2, 0]) deliver(acs, j);
    fromQ(acs, votes('bval', 0, ONE, 0, 1, 2));
    fromQ(acs, votes('aux', 0, ONE, 0, 1, 2));
    for (const round of [0, 1]) {
      fromQ(acs, votes('bval', round, ZERO, 3));
      expect(fromQ(acs, votes('aux', round, ZERO, 3)).outputs).toEqual([]);
    }
    expect(acs.status()).toMatchObject({ undecided: 0, missingPayloads: 1, done: false });
    expect(deliver(acs, 1).outputs).toEqual([
      {
        type: 'acs',
        payloads: [0, 1, 2].map((j) => ({ proposer: j, payload: payloadOf(j) })),
      },
    ]);
    expect(acs.status()).toMatchObject({ done: true, closed: false });
    fromQ(acs, votes('term', 0, ONE, 0, 1, 2));
    fromQ(acs, votes('term', 1, ZERO, 3));
    expect(acs.status().closed).toBe(true);
  });

  test('all that one input makes it say to all is one frame', () => {
    const acs = four();
    const step = acs.handle(at(1), {
      rbc: rbc('propose', 1, payloadOf(1)).rbc,
      votes: [...votes('bval', 0, ZERO, 0, 1, 2, 3).votes, ...votes('bval', 0, ONE, 2).votes],
    });
    expect(step.sends.map(({ to }) => to)).toEqual(['all']);
    const relayed = acs.handle(at(2), {
      rbc: [],
      votes: [...votes('bval', 0, ZERO, 0, 3).votes, ...votes('bval', 0, ONE, 2).votes],
    });
    expect(relayed.sends).toEqual([
      {
        to: 'all',
        message: {
          rbc: [],
          votes: [...votes('bval', 0, ZERO, 0, 3).votes, ...votes('bval', 0, ONE, 2).votes],
        },
      },
    ]);
  });

  test('merged steps keep everything, one frame a destination while the limits allow', () => {
    const acs = four();
    const steps = [1, 2, 3].map((j) => acs.handle(at(j), rbc('propose', j, payloadOf(j))));
    const merged = mergeSteps(4, steps);
    expect(merged.sends.length).toBe(1);
    expect(merged.sends[0]!.message.rbc).toEqual(steps.flatMap(({ sends }) => sends[0]!.message.rbc));
    const long = rbc('payload', 0, new Uint8Array(MAX_PAYLOAD_BYTES));
    const heavy: AcsStep = { sends: [{ to: at(1), message: long }], outputs: [], effects: [], faults: [] };
    const split = mergeSteps(4, new Array(20).fill(heavy));
    expect(split.sends.map(({ to, message }) => [to, message.rbc.length])).toEqual([
      [1, 15],
      [1, 5],
    ]);
  });

  test('an index beyond the committee is one fault, and the rest of the frame counts', () => {
    const acs = four();
    const step = acs.handle(at(1), {
      rbc: [...rbc('echo', 99, new Uint8Array(32)).rbc, ...rbc('propose', 1, payloadOf(1)).rbc],
      votes: [...votes('bval', 0, ZERO, 0, 7).votes, ...votes('bval', 0, ONE, 0).votes],
    });
    expect(step.faults).toEqual([{ by: 1, fault: 'ACS_INDEX_OUT_OF_RANGE', evidence: { index: 99 } }]);
    expect(step.sends[0]!.message.rbc[0]!.kind).toBe('echo');
    expect(said(acs.handle(at(2), votes('bval', 0, ONE, 0)))).toEqual(votes('bval', 0, ONE, 0).votes);
  });

  test('a bitmap that is too long or names nobody counts for nothing', () => {
    for (const instances of [new Uint8Array([15, 0]), new Uint8Array([16]), new Uint8Array(0)]) {
      const acs = four();
      const frame = { rbc: [], votes: [{ kind: 'aux' as const, round: 0, values: ONE, instances }] };
      expect(acs.handle(at(1), frame)).toMatchObject({
        sends: [],
        faults: [{ by: 1, fault: 'ACS_INDEX_OUT_OF_RANGE', evidence: { bytes: instances.length } }],
      });
      expect(acs.status().instances.every(({ agreement }) => agreement.roundsHeld === 0)).toBe(true);
    }
  });

  test('a frame of ever the same wrong is one fault', () => {
    const acs = four();
    acs.handle(at(1), votes('aux', 0, ONE, 0, 1, 2, 3));
    const again = votes('aux', 0, ZERO, 0, 1, 2, 3).votes[0]!;
    const { faults } = acs.handle(at(1), { rbc: [], votes: new Array(512).fill(again) });
    expect(faults).toHaveLength(1);
    expect(acs.handle(at(1), { rbc: [], votes: [again] }).faults).toHaveLength(1);
  });

  test('faults of agreements name their instance', () => {
    const acs = four();
    acs.handle(at(1), votes('aux', 0, ONE, 2));
    expect(acs.handle(at(1), votes('aux', 0, ZERO, 2)).faults).toMatchObject([
      { by: 1, fault: 'ABA_AUX_EQUIVOCATION', evidence: { instance: 2, round: 0 } },
    ]);
  });

  test('a committee has 1 to 100 validators and oneself in it', () => {
    for (const [n, self] of [
      [0, 0],
      [101, 0],
      [4, 4],
      [4, -1],
      [2.5, 0],
    ] as const) {
      expect(() => new BkrAcs({ n, self: at(self) })).toThrow('no validator');
    }
  });
});
