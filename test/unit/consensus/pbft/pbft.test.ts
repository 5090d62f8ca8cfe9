import { describe, expect, test } from 'vitest';
import { Certificates } from '../../../../src/consensus/pbft/certificates.ts';
import { type PbftMessage, pbftMessage } from '../../../../src/consensus/pbft/messages.ts';
import { hashBytes } from '../../../../src/crypto/hash.ts';
import { validatorIndex as at } from '../../../../src/params/ids.ts';
import { quorumOf } from '../../../../src/params/quorum.ts';
import { MAX_PAYLOAD_BYTES } from '../../../../src/params/sizes.ts';
import { oracleSignatures } from '../../../../src/sim/oracle-signatures.ts';
import { Prng } from '../../../../src/sim/prng.ts';
import { open, PbftCommittee, payloadOf, prePrepare, REFUSED, SEED } from './committee.ts';

const decision = (proposer: number): string => `${proposer}:${payloadOf(proposer).join()}`;
const everybody = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const digestOf = (proposer: number, payload: Uint8Array): Uint8Array =>
  hashBytes('subset', Uint8Array.of(proposer), payload);
const certificatesOf = (i: number): Certificates => new Certificates(4, 0, oracleSignatures(SEED, at(i)));

describe.each([1, 2, 3, 4, 7, 10])('PBFT among %i', (n) => {
  const { f, q } = quorumOf(n);

  test('decides the leader’s proposal in three delays', () => {
    const committee = new PbftCommittee(n);
    committee.propose(...everybody(n));
    committee.rounds();
    expect(committee.decided).toEqual(new Array(n).fill(decision(0)));
    expect(committee.delays).toBe(3);
    expect(committee.faults).toEqual([]);
  });

  test('says nothing and starts no clock while nobody has anything to propose', () => {
    const committee = new PbftCommittee(n);
    expect(committee.timers).toEqual(new Array(n).fill(undefined));
    if (n > 1) {
      committee.propose(1);
      expect(committee.pending).toEqual([]);
    }
  });

  if (f === 0) return;

  test('with f silent leaders the time-outs get to the next one', () => {
    const committee = new PbftCommittee(n);
    const correct = everybody(n).slice(f);
    const passes = ({ to, from }: { to: number; from: number }) => from >= f && to >= f;
    committee.propose(...correct);
    for (let view = 0; view < f; view++) {
      committee.rounds(passes);
      expect(committee.decided.every((each) => each === undefined)).toBe(true);
      committee.timeout(...correct);
    }
    committee.rounds(passes);
    expect(committee.decided.slice(f)).toEqual(new Array(q).fill(decision(f)));
    expect(committee.faults).toEqual([]);
  });
});

describe('safety', () => {
  test('a leader that tells two halves different payloads gets neither decided, and the next view goes on', () => {
    const committee = new PbftCommittee(4);
    committee.propose(1, 2, 3);
    for (const to of [1, 2, 3]) {
      const payload = payloadOf(to === 3 ? 50 : 60);
      committee.deliver({ from: at(0), to: at(to), message: prePrepare(0, payload) });
    }
    const passes = ({ to, from }: { to: number; from: number }) => from !== 0 && to !== 0;
    committee.rounds(passes);
    expect(committee.decided).toEqual(new Array(4).fill(undefined));
    committee.deliver({ from: at(0), to: at(3), message: prePrepare(0, payloadOf(60)) });
    expect(committee.faults).toEqual([{ by: 0, at: 3, fault: 'PBFT_EQUIVOCATION' }]);
    committee.timeout(1, 2, 3);
    committee.rounds(passes);
    expect(committee.decided.slice(1)).toEqual(new Array(3).fill(decision(1)));
  });

  test('what one has decided the next view must propose again, also a leader that never saw it', () => {
    const committee = new PbftCommittee(4);
    committee.propose(0, 1, 2, 3);
    // Validator 1, the next leader, is cut off; only 3 hears the COMMITs.
    committee.rounds(({ to, message }) => to !== 1 && (message.kind !== 'commit' || to === 3));
    expect(committee.decided).toEqual([undefined, undefined, undefined, decision(0)]);
    committee.pending = [];
    committee.timeout(0, 1, 2);
    // It gets no help from the one that has decided.
    committee.rounds(({ from, to }) => from !== 3 && to !== 3);
    expect(committee.decided).toEqual(new Array(4).fill(decision(0)));
    expect(committee.faults).toEqual([]);
  });

  test('who has decided answers a VIEW-CHANGE with q signed COMMITs, once', () => {
    const committee = new PbftCommittee(4);
    committee.propose(0, 1, 2, 3);
    committee.rounds(({ to }) => to !== 1);
    committee.pending = [];
    committee.timeout(1);
    committee.rounds(({ from, to }) => [1, 3].includes(from) && [1, 3].includes(to));
    expect(committee.decided).toEqual(new Array(4).fill(decision(0)));
    committee.timeout(1);
    const change = pbftMessage({
      kind: 'view-change',
      view: 1,
      signature: certificatesOf(1).signChange(1, { view: 0, digest: new Uint8Array(0), signatures: [] }),
    });
    const again = committee.machines[3]!.handle(at(1), change);
    expect(again).toMatchObject({ sends: [], faults: [] });
  });

  test('agrees in any order, with a lying leader, and time-outs that come when they like', () => {
    let decidedLater = 0;
    for (let seed = 1; seed <= 300; seed++) {
      const prng = new Prng(seed);
      const committee = new PbftCommittee(4);
      committee.propose(1, 2, 3);
      for (const to of [1, 2, 3]) {
        const payload = payloadOf(prng.bit() === 1 ? 50 : 60);
        committee.pending.push({ from: at(0), to: at(to), message: prePrepare(0, payload) });
      }
      for (const kind of ['prepare', 'commit'] as const) {
        for (const payload of [payloadOf(50), payloadOf(60)]) {
          const digest = digestOf(0, payload);
          const signature = certificatesOf(0).signVote(kind, 0, digest);
          const message = pbftMessage({ kind, view: 0, digest, signature });
          for (const to of [1, 2, 3]) committee.pending.push({ from: at(0), to: at(to), message });
        }
      }
      for (let step = 0; step < 3000 && committee.decided.slice(1).includes(undefined); step++) {
        if (committee.pending.length === 0 || prng.chance(0.01)) committee.timeout(1 + prng.below(3));
        else committee.deliver(committee.pending.splice(prng.below(committee.pending.length), 1)[0]!);
      }
      const [one, ...others] = committee.decided.slice(1);
      expect(one, `SEED=${seed}`).toBeDefined();
      for (const other of others) expect(other, `SEED=${seed}`).toBe(one);
      expect(committee.faults.filter(({ by }) => by !== 0)).toEqual([]);
      if (one !== '0:50,77' && one !== '0:60,77') decidedLater += 1;
    }
    expect(decidedLater).toBeGreaterThan(10);
    expect(decidedLater).toBeLessThan(300);
  });
});

describe('what a validator refuses', () => {
  const good = prePrepare(0, payloadOf(0));
  const refusals: readonly (readonly [string, number, PbftMessage, string])[] = [
    ['a proposal of another than the leader', 2, prePrepare(2, payloadOf(2)), 'PBFT_MALFORMED'],
    ['a proposer that the committee has not', 0, prePrepare(9, payloadOf(2)), 'PBFT_MALFORMED'],
    ['a payload too long', 0, prePrepare(0, new Uint8Array(MAX_PAYLOAD_BYTES + 1)), 'PBFT_MALFORMED'],
    ['another’s payload in the first view', 0, prePrepare(2, payloadOf(2)), 'PBFT_UNJUSTIFIED'],
    ['a NEW-VIEW in the first view', 0, { ...good, kind: 'new-view' }, 'PBFT_MALFORMED'],
    ['a PRE-PREPARE in a later one', 1, { ...good, view: 1 }, 'PBFT_MALFORMED'],
    ['a NEW-VIEW without VIEW-CHANGEs', 1, { ...good, kind: 'new-view', view: 1 }, 'PBFT_UNJUSTIFIED'],
    ['a view too far ahead', 0, { ...good, view: 33 }, 'PBFT_MALFORMED'],
    [
      'an unsigned PREPARE',
      2,
      pbftMessage({ kind: 'prepare', view: 0, digest: digestOf(0, payloadOf(0)) }),
      'PBFT_MALFORMED',
    ],
    [
      'an unsigned COMMIT',
      2,
      pbftMessage({ kind: 'commit', view: 0, digest: digestOf(0, payloadOf(0)) }),
      'PBFT_MALFORMED',
    ],
    ['an unsigned VIEW-CHANGE', 2, pbftMessage({ kind: 'view-change', view: 1 }), 'PBFT_MALFORMED'],
    ['a VIEW-CHANGE to the first view', 2, pbftMessage({ kind: 'view-change', view: 0 }), 'PBFT_MALFORMED'],
    ['a DECIDED without COMMITs', 2, { ...good, kind: 'decided' }, 'PBFT_MALFORMED'],
  ];

  test.each(refusals)('%s', (_name, from, message, fault) => {
    const step = open(4, 3).handle(at(from), message);
    expect(step.faults).toMatchObject([{ by: from, fault }]);
    expect(step.sends).toEqual([]);
    expect(step.outputs).toEqual([]);
    expect(step.effects.filter(({ type }) => type !== 'timer')).toEqual([]);
  });

  test('a proposal that the predicate refuses: nobody prepares it, and the next leader’s is decided', () => {
    const committee = new PbftCommittee(4);
    committee.propose(1, 2, 3);
    for (const to of [1, 2, 3])
      committee.deliver({ from: at(0), to: at(to), message: prePrepare(0, REFUSED) });
    expect(committee.faults).toEqual([1, 2, 3].map((i) => ({ by: 0, at: i, fault: 'ACS_PROPOSAL_INVALID' })));
    expect(committee.pending).toEqual([]);
    committee.timeout(1, 2, 3);
    committee.rounds(({ from, to }) => from !== 0 && to !== 0);
    expect(committee.decided.slice(1)).toEqual(new Array(3).fill(decision(1)));
  });

  test('two PREPAREs of one validator in one view', () => {
    const machine = open(4, 3);
    const vote = (payload: Uint8Array): PbftMessage => {
      const digest = digestOf(0, payload);
      return pbftMessage({
        kind: 'prepare',
        view: 0,
        digest,
        signature: certificatesOf(2).signVote('prepare', 0, digest),
      });
    };
    expect(machine.handle(at(2), vote(payloadOf(0))).faults).toEqual([]);
    expect(machine.handle(at(2), vote(payloadOf(0))).faults).toEqual([]);
    expect(machine.handle(at(2), vote(payloadOf(1))).faults).toMatchObject([{ fault: 'PBFT_EQUIVOCATION' }]);
  });

  test('a NEW-VIEW that does not repeat what a VIEW-CHANGE in it has prepared', () => {
    const digest = digestOf(0, payloadOf(0));
    const prepared = {
      view: 0,
      digest,
      signatures: [0, 1, 2].map((by) => ({
        by,
        signature: certificatesOf(by).signVote('prepare', 0, digest),
      })),
    };
    const none = { view: 0, digest: new Uint8Array(0), signatures: [] };
    const changes = [
      { by: 0, prepared: none, signature: certificatesOf(0).signChange(1, none) },
      { by: 1, prepared: none, signature: certificatesOf(1).signChange(1, none) },
      { by: 2, prepared, signature: certificatesOf(2).signChange(1, prepared) },
    ];
    const newView = (proposer: number, from: typeof changes): PbftMessage =>
      pbftMessage({ kind: 'new-view', view: 1, proposer, payload: payloadOf(proposer), changes: from });
    expect(open(4, 3).handle(at(1), newView(1, changes)).faults).toMatchObject([
      { fault: 'PBFT_UNJUSTIFIED' },
    ]);
    const twice = [changes[0]!, changes[2]!, changes[2]!];
    expect(open(4, 3).handle(at(1), newView(0, twice)).faults).toMatchObject([{ fault: 'PBFT_UNJUSTIFIED' }]);
    const right = open(4, 3).handle(at(1), newView(0, changes));
    expect(right.faults).toEqual([]);
    expect(right.effects).toMatchObject([
      { type: 'timer' },
      { type: 'timer', view: 1 },
      { type: 'validate', proposer: 0 },
    ]);
  });

  test('a NEW-VIEW that repeats an older one of two prepared certificates', () => {
    const preparedAt = (view: number, proposer: number) => {
      const digest = digestOf(proposer, payloadOf(proposer));
      const signatures = [0, 1, 2].map((by) => ({
        by,
        signature: certificatesOf(by).signVote('prepare', view, digest),
      }));
      return { view, digest, signatures };
    };
    const prepared = [preparedAt(0, 0), preparedAt(1, 1), preparedAt(0, 0)];
    const changes = prepared.map((each, by) => ({
      by,
      prepared: each,
      signature: certificatesOf(by).signChange(2, each),
    }));
    const newView = (proposer: number): PbftMessage =>
      pbftMessage({ kind: 'new-view', view: 2, proposer, payload: payloadOf(proposer), changes });
    expect(open(4, 3).handle(at(2), newView(0)).faults).toMatchObject([{ fault: 'PBFT_UNJUSTIFIED' }]);
    expect(open(4, 3).handle(at(2), newView(1)).faults).toEqual([]);
  });

  test('a second proposal of its owner, or one too long', () => {
    const machine = open(4, 0);
    expect(() => machine.propose(new Uint8Array(MAX_PAYLOAD_BYTES + 1))).toThrow('propose once');
    machine.propose(payloadOf(0));
    expect(() => machine.propose(payloadOf(0))).toThrow('propose once');
    expect(() => machine.validated(at(3), true)).toThrow('evaluated on a proposal');
  });
});

describe('certificates', () => {
  const digest = digestOf(0, payloadOf(0));
  const signedBy = (kind: 'prepare' | 'commit', view: number, ...who: number[]) =>
    who.map((by) => ({ by, signature: certificatesOf(by).signVote(kind, view, digest) }));
  const verifier = certificatesOf(3);

  test('are q signatures of different validators on one step, view and digest', () => {
    const certificate = { view: 2, digest, signatures: signedBy('prepare', 2, 0, 1, 2) };
    expect(verifier.isQuorate('prepare', certificate)).toBe(true);
    const wrong = [
      { ...certificate, signatures: signedBy('prepare', 2, 0, 1) },
      { ...certificate, signatures: signedBy('prepare', 2, 0, 1, 1) },
      { ...certificate, signatures: signedBy('prepare', 1, 0, 1, 2) },
      { ...certificate, signatures: signedBy('commit', 2, 0, 1, 2) },
      { ...certificate, view: 1 },
      { ...certificate, digest: digestOf(1, payloadOf(1)) },
      { ...certificate, digest: digest.slice(1) },
      {
        ...certificate,
        signatures: [...signedBy('prepare', 2, 0, 1), { by: 7, signature: new Uint8Array(32) }],
      },
      {
        ...certificate,
        signatures: signedBy('prepare', 2, 0, 1).concat({
          by: 2,
          signature: signedBy('prepare', 2, 1)[0]!.signature,
        }),
      },
    ];
    for (const each of wrong) expect(verifier.isQuorate('prepare', each)).toBe(false);
    expect(new Certificates(4, 1, oracleSignatures(SEED, at(3))).isQuorate('prepare', certificate)).toBe(
      false,
    );
  });

  test('in a VIEW-CHANGE are of an earlier view, and signed with it', () => {
    const prepared = { view: 1, digest, signatures: signedBy('prepare', 1, 0, 1, 2) };
    const change = (view: number) => ({
      by: 2,
      prepared,
      signature: certificatesOf(2).signChange(view, prepared),
    });
    expect(verifier.isChange(2, change(2))).toBe(true);
    expect(verifier.isChange(1, change(1))).toBe(false);
    expect(verifier.isChange(3, change(2))).toBe(false);
    expect(verifier.isChange(2, { ...change(2), by: 1 })).toBe(false);
    expect(verifier.isChange(2, { ...change(2), by: 8 })).toBe(false);
  });
});
