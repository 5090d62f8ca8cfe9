import { describe, expect, test } from 'vitest';
import { blockOf } from '../../../../src/consensus/hotstuff/block-tree.ts';
import { HotStuff, type HotStuffStep } from '../../../../src/consensus/hotstuff/hotstuff.ts';
import { type HotStuffMessage, hotStuffMessage } from '../../../../src/consensus/hotstuff/messages.ts';
import { Certificates } from '../../../../src/consensus/pbft/certificates.ts';
import { NO_CERTIFICATE, type Quorate } from '../../../../src/consensus/pbft/messages.ts';
import { hotStuffProtocol, pbftProtocol } from '../../../../src/consensus/protocol.ts';
import { validatorIndex as at } from '../../../../src/params/ids.ts';
import { quorumOf } from '../../../../src/params/quorum.ts';
import { MAX_PAYLOAD_BYTES } from '../../../../src/params/sizes.ts';
import { oracleSignatures } from '../../../../src/sim/oracle-signatures.ts';
import { Simulation } from '../../../../src/sim/simulation.ts';
import { height, payloads } from '../one-height.ts';

const SEED = 5;
const authenticatorOf = (self: number) => oracleSignatures(SEED, at(self));
const hotStuff = hotStuffProtocol(authenticatorOf);

describe('the figures of the paper', () => {
  test.each([2, 3, 4, 7, 10, 16])(
    'among %i a block is committed after 7 delays and 7(n - 1) messages',
    (n) => {
      const result = height(hotStuff, n, payloads(n));
      expect(result.outputs).toEqual(new Array(n).fill('0:0,9'));
      expect(Math.max(...result.delays)).toBe(7);
      expect(result.frames).toBe(7 * (n - 1));
    },
  );

  test.each([4, 7, 10, 16])('among %i PBFT takes 3 delays and messages that grow with the square', (n) => {
    const pbft = pbftProtocol(authenticatorOf);
    expect(height(pbft, n, payloads(n)).frames).toBe((n - 1) * (2 * n + 1));
  });

  test.each([1, 2, 4, 7])(
    'a chain of %i proposals, each of a new leader, takes two delays more for each',
    (k) => {
      const chained = hotStuffProtocol(authenticatorOf, { reign: 1, proposals: k });
      const result = height(chained, 7, payloads(7));
      const expected = payloads(7).slice(0, k);
      expect(new Set(result.outputs)).toEqual(
        new Set([expected.map((bytes, i) => `${i}:${bytes.join()}`).join(' ')]),
      );
      expect(Math.max(...result.delays)).toBe(2 * k + 5);
    },
  );
});

describe('leaders that fail', () => {
  test.each([4, 7, 10])('among %i, f of them crashed and first to lead, the next one commits', (n) => {
    const { f } = quorumOf(n);
    const protocol = hotStuffProtocol(authenticatorOf, { firstLeaderOf: () => at(n - f) });
    const options = { n, seed: SEED, heights: 1, payloadBytes: 20, faulty: f, timeoutMs: 1000 } as const;
    const delay = { kind: 'const', ms: 10 } as const;
    const adversary = { name: 'dead', open: () => undefined };
    const { violations, heights, endMs } = new Simulation({
      ...options,
      protocol,
      schedule: { kind: 'links', delay },
      adversary,
    }).run();
    expect(violations).toEqual([]);
    // NEW-VIEW, then 7 delays; the times of the f reigns before were 1, 2, 4 … seconds.
    expect(heights[0]!.ms).toBe(1000 * (2 ** f - 1) + 80);
    expect(endMs).toBeGreaterThan(0);
  });

  test('with four validators, one of them crashed, leaders of one view each never get three in a row', () => {
    const protocol = hotStuffProtocol(authenticatorOf, { reign: 1 });
    const delay = { kind: 'const', ms: 10 } as const;
    const { heights } = new Simulation({
      ...{ n: 4, seed: SEED, heights: 1, payloadBytes: 20, faulty: 1, untilMs: 500_000 },
      protocol,
      schedule: { kind: 'links', delay },
      adversary: { name: 'dead', open: () => undefined },
    }).run();
    expect(heights[0]!.outputs).toBe(0);
  });

  test('nobody says anything while nobody has anything to propose', () => {
    expect(height(hotStuff, 4, new Array(4).fill(undefined)).frames).toBe(0);
  });
});

const HEIGHT = 0;
const open = (self: number): HotStuff =>
  new HotStuff({ n: 4, self: at(self), height: HEIGHT, authenticator: authenticatorOf(self) });
const certificatesOf = (i: number): Certificates => new Certificates(4, HEIGHT, authenticatorOf(i));
const signed = (view: number, digest: Uint8Array, ...who: number[]): Quorate => ({
  view,
  digest,
  signatures: who.map((by) => ({ by, signature: certificatesOf(by).signVote('generic', view, digest) })),
});
const generic = (
  view: number,
  payload: Uint8Array | undefined,
  certificate = NO_CERTIFICATE,
): HotStuffMessage => hotStuffMessage({ kind: 'generic', view, payload, certificate });
/** The block of a leader who leads the first four views. */
const first = (view: number, payload: Uint8Array | undefined, justify = NO_CERTIFICATE) =>
  blockOf(view, at(0), payload, justify);
const vote = (by: number, view: number, digest: Uint8Array): HotStuffMessage =>
  hotStuffMessage({
    kind: 'vote',
    view,
    digest,
    signature: certificatesOf(by).signVote('generic', view, digest),
  });
/** Hears a message, and the predicate's yes. */
function hear(machine: HotStuff, from: number, message: HotStuffMessage): HotStuffStep[] {
  const step = machine.handle(at(from), message);
  return [
    step,
    ...step.effects.flatMap((effect) =>
      effect.type === 'validate' ? [machine.validated(effect.proposer, true)] : [],
    ),
  ];
}
const saidBy = (steps: readonly HotStuffStep[]) =>
  steps.flatMap(({ sends }) => sends.map(({ to, message }) => `${message.kind} ${message.view} to ${to}`));

describe('a validator', () => {
  const A = Uint8Array.of(1);
  const b1 = first(1, A);
  const c1 = signed(1, b1.digest, 0, 1, 2);
  const b2 = first(2, undefined, c1);
  const c2 = signed(2, b2.digest, 0, 1, 2);
  const b3 = first(3, undefined, c2);
  const c3 = signed(3, b3.digest, 0, 1, 2);

  test('votes once a view, and commits the first of three blocks in a row', () => {
    const machine = open(3);
    expect(saidBy(hear(machine, 0, generic(1, A)))).toEqual(['vote 1 to 0']);
    expect(machine.handle(at(0), generic(1, A)).sends).toEqual([]);
    expect(machine.handle(at(0), generic(1, Uint8Array.of(2))).faults).toMatchObject([
      { by: 0, fault: 'HOTSTUFF_EQUIVOCATION' },
    ]);
    expect(saidBy(hear(machine, 0, generic(2, undefined, c1)))).toEqual(['vote 2 to 0']);
    expect(saidBy(hear(machine, 0, generic(3, undefined, c2)))).toEqual(['vote 3 to 0']);
    const [last] = hear(machine, 0, generic(4, undefined, c3));
    expect(last!.outputs).toEqual([{ type: 'acs', payloads: [{ proposer: 0, payload: A }] }]);
    expect(last!.sends).toEqual([]);
  });

  test('commits nothing when one of the three views was skipped', () => {
    const machine = open(3);
    hear(machine, 0, generic(1, A));
    hear(machine, 0, generic(2, undefined, c1));
    const b4 = first(4, undefined, c2);
    hear(machine, 0, generic(4, undefined, c2));
    const c4 = signed(4, b4.digest, 0, 1, 2);
    const steps = hear(machine, 1, blockFive(c4));
    expect(steps.flatMap(({ outputs }) => outputs)).toEqual([]);
    expect(machine.status()).toMatchObject({ done: false, certified: 4 });
  });

  const blockFive = (certificate: Quorate): HotStuffMessage => generic(5, undefined, certificate);

  test('does not vote for a block that is older than what it is locked on', () => {
    const machine = open(3);
    hear(machine, 0, generic(1, A));
    hear(machine, 0, generic(2, undefined, c1));
    hear(machine, 0, generic(3, undefined, c2));
    expect(machine.status()).toMatchObject({ locked: 1 });
    machine.timeout(3);
    // Validator 1 leads view 5 and forgets everything.
    expect(saidBy(hear(machine, 1, generic(5, Uint8Array.of(7))))).toEqual([]);
    // Validator 2 leads view 9 and extends the block that is locked.
    machine.timeout(5);
    expect(saidBy(hear(machine, 2, generic(9, Uint8Array.of(7), c1)))).toEqual(['vote 9 to 2']);
  });

  test('asks f + 1 that signed for a block which it lacks, and votes when it has the branch', () => {
    const machine = open(3);
    const [step] = hear(machine, 0, generic(2, undefined, c1));
    expect(saidBy([step!])).toEqual(['ask 1 to 0', 'ask 1 to 1']);
    const answer = hotStuffMessage({ kind: 'block', view: 1, payload: A });
    expect(machine.handle(at(2), answer).faults).toMatchObject([{ by: 2, fault: 'HOTSTUFF_UNFOUNDED' }]);
    expect(saidBy([machine.handle(at(1), answer)])).toEqual(['vote 2 to 0']);
    const ask = hotStuffMessage({ kind: 'ask', view: 1, digest: b1.digest });
    expect(saidBy([machine.handle(at(2), ask)])).toEqual(['block 1 to 2']);
    expect(machine.handle(at(2), ask).sends).toEqual([]);
  });

  test('that has committed answers a NEW-VIEW once, with what the other needs to commit', () => {
    const machine = open(1);
    for (const message of [generic(1, A), generic(2, undefined, c1), generic(3, undefined, c2)])
      hear(machine, 0, message);
    hear(machine, 0, generic(4, undefined, c3));
    expect(machine.status().done).toBe(true);
    const plea = hotStuffMessage({ kind: 'new-view', view: 5, certificate: c2 });
    const [answer] = machine.handle(at(3), plea).sends;
    expect(answer).toMatchObject({ to: 3, message: { kind: 'decided', certificate: { view: 3 } } });
    expect(machine.handle(at(3), plea).sends).toEqual([]);
    const late = open(3);
    expect(saidBy([late.handle(at(1), answer!.message)])).toEqual(['ask 3 to 0', 'ask 3 to 1']);
    for (const { view, payload, justify } of [b3, b2, b1]) {
      const message = hotStuffMessage({ kind: 'block', view, payload, certificate: justify });
      late.handle(at(1), message);
    }
    expect(late.status().done).toBe(true);
  });

  test('commits by an older certificate, too, when the newer blocks extend the committed one and not those that committed it', () => {
    const machine = open(3);
    hear(machine, 0, generic(1, A));
    hear(machine, 0, generic(2, undefined, c1));
    // Validator 1 leads view 5 and has not heard of the third block.
    hear(machine, 1, generic(5, undefined, c2));
    const c5 = signed(5, blockOf(5, at(1), undefined, c2).digest, 0, 1, 2);
    hear(machine, 1, generic(6, undefined, c5));
    expect(machine.status()).toMatchObject({ done: false, certified: 5 });
    const decided = hotStuffMessage({ kind: 'decided', view: 3, certificate: c3 });
    expect(saidBy([machine.handle(at(2), decided)])).toEqual(['ask 3 to 0', 'ask 3 to 1']);
    const block = hotStuffMessage({ kind: 'block', view: 3, payload: undefined, certificate: c2 });
    const { outputs } = machine.handle(at(0), block);
    expect(outputs).toEqual([{ type: 'acs', payloads: [{ proposer: 0, payload: A }] }]);
  });

  test('that leads takes the highest certificate of q NEW-VIEW', () => {
    const machine = open(1);
    hear(machine, 0, generic(1, A));
    hear(machine, 0, generic(2, undefined, c1));
    const plea = (certificate: Quorate): HotStuffMessage =>
      hotStuffMessage({ kind: 'new-view', view: 5, certificate });
    expect(saidBy(hear(machine, 2, plea(NO_CERTIFICATE)))).toEqual([]);
    // f + 1 of a later view take it along; its own one is the third.
    expect(saidBy(hear(machine, 3, plea(c2)))).toEqual(['new-view 5 to 1']);
    const [step] = hear(machine, 1, plea(c1));
    expect(step!.sends).toMatchObject([
      { to: 'all', message: { kind: 'generic', view: 5, payload: undefined, certificate: { view: 2 } } },
    ]);
  });

  const junk = new Uint8Array(32);
  const refusals: readonly (readonly [string, number, HotStuffMessage])[] = [
    ['a block of another than the leader', 2, generic(1, A)],
    ['a block of no view', 0, generic(0, A)],
    ['a view too far ahead', 0, generic(200, A)],
    ['a proposal too long', 0, generic(1, new Uint8Array(MAX_PAYLOAD_BYTES + 1))],
    ['a block that is justified by its own view', 0, generic(1, A, c1)],
    ['a certificate of too few', 0, generic(2, undefined, signed(1, b1.digest, 0, 1))],
    ['a certificate of one twice', 0, generic(2, undefined, signed(1, b1.digest, 0, 1, 1))],
    ['a certificate of another block', 0, generic(2, undefined, { ...c1, digest: junk })],
    ['a certificate of another view', 0, generic(3, undefined, { ...c1, view: 2 })],
    ['signatures for the root', 0, generic(2, undefined, { ...c1, view: 0 })],
    ['a vote to another than the next leader', 0, vote(0, 1, b1.digest)],
    ['a vote that another signed', 2, vote(1, 4, b1.digest)],
    ['a NEW-VIEW to another than the leader', 1, hotStuffMessage({ kind: 'new-view', view: 5 })],
    ['a NEW-VIEW in the middle of a reign', 1, hotStuffMessage({ kind: 'new-view', view: 14 })],
    [
      'a DECIDED without a certificate',
      1,
      hotStuffMessage({ kind: 'decided', view: 3, certificate: { ...c3, view: 2 } }),
    ],
  ];
  test.each(refusals)('refuses %s', (_name, from, message) => {
    const step = open(3).handle(at(from), message);
    expect(step.faults).toMatchObject([{ by: from, fault: 'HOTSTUFF_MALFORMED' }]);
    expect(step.sends).toEqual([]);
    expect(step.outputs).toEqual([]);
  });

  test('refuses two votes of one validator in one view, a question for nothing and a second proposal of its owner', () => {
    const machine = open(0);
    machine.propose(A);
    expect(machine.handle(at(2), vote(2, 1, b1.digest)).faults).toEqual([]);
    expect(machine.handle(at(2), vote(2, 1, b1.digest)).faults).toEqual([]);
    expect(machine.handle(at(2), vote(2, 1, junk)).faults).toMatchObject([
      { fault: 'HOTSTUFF_EQUIVOCATION' },
    ]);
    const ask = hotStuffMessage({ kind: 'ask', view: 1, digest: junk });
    expect(machine.handle(at(2), ask).faults).toMatchObject([{ fault: 'HOTSTUFF_UNFOUNDED' }]);
    expect(() => machine.propose(A)).toThrow('propose once');
    expect(() => machine.validated(at(2), true)).toThrow('evaluated on a proposal');
  });

  test('votes for no proposal that the predicate refuses', () => {
    const machine = open(3);
    machine.handle(at(0), generic(1, A));
    const step = machine.validated(at(0), false);
    expect(step.faults).toMatchObject([{ by: 0, fault: 'ACS_PROPOSAL_INVALID' }]);
    expect(step.sends).toEqual([]);
  });
});
