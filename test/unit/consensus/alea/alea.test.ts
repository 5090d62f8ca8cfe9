import { describe, expect, test } from 'vitest';
import { AleaBft, type AleaStep } from '../../../../src/consensus/alea/alea.ts';
import { type AleaMessage, aleaMessage } from '../../../../src/consensus/alea/messages.ts';
import { Certificates } from '../../../../src/consensus/pbft/certificates.ts';
import type { Quorate } from '../../../../src/consensus/pbft/messages.ts';
import { aleaProtocol } from '../../../../src/consensus/protocol.ts';
import { hashBytes } from '../../../../src/crypto/hash.ts';
import { validatorIndex as at } from '../../../../src/params/ids.ts';
import { quorumOf } from '../../../../src/params/quorum.ts';
import { MAX_PAYLOAD_BYTES } from '../../../../src/params/sizes.ts';
import { crash } from '../../../../src/sim/adversaries/adversaries.ts';
import { oracleSignatures } from '../../../../src/sim/oracle-signatures.ts';
import { Simulation } from '../../../../src/sim/simulation.ts';
import { runStorm, storm } from '../../../sim/alea-storm.ts';
import { height, payloads } from '../one-height.ts';

const SEED = 5;
const authenticatorOf = (self: number) => oracleSignatures(SEED, at(self));
const everybody = (n: number): string =>
  payloads(n)
    .map((payload, i) => `${i}:${payload.join()}`)
    .join(' ');

describe('the figures of the paper', () => {
  test.each([2, 3, 4, 7, 10])(
    'among %i the first proposal takes 4 delays, each further one a delay more',
    (n) => {
      const { q } = quorumOf(n);
      for (const proposals of [1, q]) {
        const result = height(aleaProtocol(authenticatorOf, { proposals }), n, payloads(n));
        const out = everybody(n).split(' ').slice(0, proposals).join(' ');
        expect(result.outputs).toEqual(new Array(n).fill(out));
        expect(Math.max(...result.delays)).toBe(3 + proposals);
        // SEND, READY, FINAL, a FIRST with the TERM of the agreement before it, the last TERM.
        expect(result.frames).toBe((4 + proposals) * n * (n - 1));
      }
    },
  );

  test.each([4, 7, 10, 16])(
    'among %i a proposal costs 3(n - 1) messages for its certificate and 2n(n - 1) for its agreement',
    (n) => {
      const { q } = quorumOf(n);
      const { heights } = run(n, 0, 1);
      const { messagesPerNode, outputs } = heights[0]!;
      expect(outputs).toBe(q);
      // All n are certified, q are agreed on; the head of the first queue comes with the others, and some say 0 before it.
      const expected = 3 * n * (n - 1) + q * 2 * n * (n - 1);
      expect(n * messagesPerNode).toBeGreaterThanOrEqual(expected);
      expect(n * messagesPerNode).toBeLessThanOrEqual(expected + n * (n - 1));
    },
  );

  test.each([4, 10])('among %i, f of them crashed, each dead queue takes 4 delays more', (n) => {
    const { f, q } = quorumOf(n);
    // Height 1 begins with queue 1 and comes to the dead ones at the end, before queue 0.
    const [first] = run(n, f, 1).heights;
    expect(first).toMatchObject({ outputs: q, delays: 3 + q + 4 * f });
    const single = run(n, f, 1, 1);
    expect(single.heights[0]).toMatchObject({ outputs: 1, delays: 4 });
  });
});

function run(n: number, faulty: number, heights: number, proposals = quorumOf(n).q) {
  const protocol = aleaProtocol((self) => oracleSignatures(1, self), { proposals });
  const delay = { kind: 'const', ms: 100 } as const;
  const report = new Simulation({
    ...{ n, seed: 1, heights, payloadBytes: 20, faulty, adversary: crash(), protocol },
    schedule: { kind: 'links', delay },
  }).run();
  expect(report.violations).toEqual([]);
  return report;
}

const PROPOSAL = Uint8Array.of(1, 2, 3);
const certificates = (self: number) => new Certificates(4, 0, authenticatorOf(self));
const certificateOf = (k: number, signers: readonly number[], proposal = PROPOSAL): Quorate => {
  const digest = hashBytes('payload', proposal);
  const signatures = signers.map((by) => ({ by, signature: certificates(by).signVote('ready', k, digest) }));
  return { view: k, digest, signatures };
};
const finalOf = (k: number, signers: readonly number[] = [0, 1, 2]): AleaMessage =>
  aleaMessage({ kind: 'final', proposer: k, certificate: certificateOf(k, signers) });
const machineOf = (self: number, proposals = 3) =>
  new AleaBft({ n: 4, self: at(self), height: 0, authenticator: authenticatorOf(self), proposals });
const vote = (kind: 'bval' | 'aux' | 'term' | 'first', k: number, values: 1 | 2, round = 0) =>
  aleaMessage({
    kind: 'votes',
    frame: { rbc: [], votes: [{ kind, round, values, instances: Uint8Array.of(1 << k) }] },
  });
/** What a step says, to whom. */
const said = ({ sends }: AleaStep): string[] =>
  sends.flatMap(({ to, message: { kind, proposer, frame } }) =>
    kind === 'votes'
      ? frame.votes.map((group) => `${group.kind}${group.round} ${group.values} ${group.instances}`)
      : [`${kind} ${proposer} to ${to}`],
  );
/** Everybody says that ABA_k is decided. */
function decide(machine: AleaBft, k: number, values: 1 | 2, round: number): AleaStep {
  const steps = [0, 1, 2].map((from) => machine.handle(at(from), vote('term', k, values, round)));
  return steps.find((step) => step.sends.length > 0 || step.outputs.length > 0) ?? steps[2]!;
}

describe('a certificate', () => {
  test('is made of q signatures on what the predicate holds for, and handed on by whoever has it', () => {
    const proposer = machineOf(0);
    expect(said(proposer.propose(PROPOSAL))).toEqual(['send 0 to all']);
    expect(() => proposer.propose(PROPOSAL)).toThrow(/propose once/);
    expect(() => machineOf(1).propose(new Uint8Array(MAX_PAYLOAD_BYTES + 1))).toThrow(/propose once/);
    const send = aleaMessage({ kind: 'send', proposer: 0, bytes: PROPOSAL });
    const readies = [0, 1, 2].map((self) => {
      const machine = self === 0 ? proposer : machineOf(self);
      expect(machine.handle(at(0), send).effects).toMatchObject([{ type: 'validate', proposer: 0 }]);
      const [ready] = machine.validated(at(0), true).sends;
      expect(ready).toMatchObject({ to: 0, message: { kind: 'ready' } });
      return ready!.message;
    });
    expect(said(proposer.handle(at(0), readies[0]!))).toEqual([]);
    expect(said(proposer.handle(at(1), readies[1]!))).toEqual([]);
    expect(said(proposer.handle(at(1), readies[1]!))).toEqual([]);
    const final = proposer.handle(at(2), readies[2]!);
    expect(said(final)).toEqual(['final 0 to all', 'first0 2 1']);
    const other = machineOf(3);
    expect(said(other.handle(at(2), final.sends[0]!.message))).toEqual(['first0 2 1']);
    const seek = aleaMessage({ kind: 'seek', proposer: 0 });
    expect(said(other.handle(at(1), seek))).toEqual(['final 0 to 1']);
    expect(said(other.handle(at(1), seek))).toEqual([]);
  });

  test('is not given to what the predicate refuses, nor to a second proposal', () => {
    const machine = machineOf(3);
    const send = (bytes: Uint8Array, from = 0) =>
      machine.handle(at(from), aleaMessage({ kind: 'send', proposer: 0, bytes }));
    send(PROPOSAL);
    const refused = machine.validated(at(0), false);
    expect(said(refused)).toEqual([]);
    expect(refused.faults).toMatchObject([{ by: 0, fault: 'ACS_PROPOSAL_INVALID' }]);
    expect(send(PROPOSAL).faults).toEqual([]);
    expect(send(Uint8Array.of(9)).faults).toMatchObject([{ by: 0, fault: 'ALEA_EQUIVOCATION' }]);
    expect(send(PROPOSAL, 1).faults).toMatchObject([{ by: 1, fault: 'ALEA_MALFORMED' }]);
    expect(() => machine.validated(at(0), true)).toThrow(/answered once/);
  });

  test('of fewer than q, of another queue or with a signature of another digest is refused', () => {
    const machine = machineOf(3);
    const twice = certificateOf(1, [0, 1, 1]);
    const mixed = certificateOf(1, [0, 1, 2]);
    const wrong = { ...mixed, signatures: certificateOf(1, [0, 1, 2], Uint8Array.of(9)).signatures };
    for (const certificate of [certificateOf(1, [0, 1]), twice, certificateOf(2, [0, 1, 2]), wrong]) {
      const step = machine.handle(at(2), aleaMessage({ kind: 'final', proposer: 1, certificate }));
      expect(step.faults).toMatchObject([{ by: 2, fault: 'ALEA_MALFORMED' }]);
    }
    expect(machine.status().certified).toBe(0);
    expect(machine.handle(at(2), finalOf(1)).faults).toEqual([]);
    expect(machine.status().certified).toBe(1);
  });
});

describe('an agreement', () => {
  test('hears 0 only when the heads of q other queues are here, and 1 when the certificate comes later', () => {
    const machine = machineOf(3);
    expect(said(machine.handle(at(1), finalOf(1)))).toEqual([]);
    expect(said(machine.handle(at(2), finalOf(2)))).toEqual([]);
    expect(said(machine.handle(at(3), finalOf(3)))).toEqual(['bval0 1 1']);
    expect(said(machine.handle(at(0), finalOf(0)))).toEqual(['first0 2 1']);
  });

  test('is joined with the own input before what others said, and who said 0 asks f + 1 that said FIRST', () => {
    const machine = machineOf(3);
    for (const from of [0, 1, 2]) expect(said(machine.handle(at(from), vote('first', 0, 2)))).toEqual([]);
    machine.handle(at(1), finalOf(1));
    machine.handle(at(2), finalOf(2));
    const step = machine.handle(at(3), finalOf(3));
    expect(said(step)).toEqual([
      'seek 0 to 0',
      'seek 0 to 1',
      // Their votes decide 1, and then everybody is asked.
      'seek 0 to 2',
      'bval0 1 1',
      'bval0 2 1',
      'aux0 2 1',
      'term0 2 1',
      'first0 2 2',
    ]);
  });

  test('that decides 1 is delivered: the proposal comes from f + 1 that signed it', () => {
    const machine = machineOf(3, 1);
    machine.handle(at(0), finalOf(0));
    const step = decide(machine, 0, 2, 0);
    expect(said(step)).toEqual(['fill-gap 0 to 0', 'fill-gap 0 to 1', 'term0 2 1']);
    const filler = (from: number, bytes: Uint8Array) =>
      machine.handle(at(from), aleaMessage({ kind: 'filler', proposer: 0, bytes }));
    expect(filler(2, PROPOSAL).faults).toMatchObject([{ by: 2, fault: 'ALEA_UNFOUNDED' }]);
    expect(filler(0, Uint8Array.of(9)).faults).toMatchObject([{ by: 0, fault: 'ALEA_MALFORMED' }]);
    expect(filler(1, PROPOSAL).outputs).toEqual([
      { type: 'acs', payloads: [{ proposer: 0, payload: PROPOSAL }] },
    ]);
    expect(machine.status()).toMatchObject({ done: true, closed: true });
  });

  test('that decides 1 without the certificate here: everybody is asked for it', () => {
    const machine = machineOf(3, 1);
    for (const k of [1, 2, 3]) machine.handle(at(k), finalOf(k));
    expect(said(decide(machine, 0, 2, 0))).toEqual([
      'seek 0 to 0',
      'seek 0 to 1',
      'seek 0 to 2',
      'term0 2 1',
    ]);
    expect(said(machine.handle(at(1), finalOf(0))).slice(0, 2)).toEqual([
      'fill-gap 0 to 0',
      'fill-gap 0 to 1',
    ]);
  });

  test('a FILL-GAP is answered by who signed, once a peer', () => {
    const machine = machineOf(3);
    const ask = (from: number) => machine.handle(at(from), aleaMessage({ kind: 'fill-gap', proposer: 0 }));
    expect(ask(1).faults).toMatchObject([{ by: 1, fault: 'ALEA_UNFOUNDED' }]);
    machine.handle(at(0), aleaMessage({ kind: 'send', proposer: 0, bytes: PROPOSAL }));
    machine.validated(at(0), true);
    expect(said(ask(1))).toEqual(['filler 0 to 1']);
    expect(said(ask(1))).toEqual([]);
  });
});

describe('a second turn', () => {
  /** All agreements of the first turn decide 0 beside a validator that holds three heads. */
  function afterFirstTurn(): { machine: AleaBft; last: AleaStep } {
    const machine = machineOf(3);
    for (const k of [1, 2, 3]) machine.handle(at(k), finalOf(k));
    const steps = [0, 1, 2, 3].map((k) => decide(machine, k, 1, 2));
    return { machine, last: steps[3]! };
  }
  const list = (members: number) => aleaMessage({ kind: 'list', bytes: Uint8Array.of(members) });

  test('begins when q validators have shown what they hold, and it is here', () => {
    const { machine, last } = afterFirstTurn();
    expect(said(last)).toEqual(['list 0 to all', 'term0 1 8']);
    expect(said(machine.handle(at(3), list(0b1110)))).toEqual([]);
    expect(said(machine.handle(at(1), list(0b1110)))).toEqual([]);
    expect(said(machine.handle(at(2), list(0b0111)))).toEqual(['seek 0 to 2']);
    // The late certificate is told to the agreement of the first turn that is not closed here, and begins the second turn.
    expect(said(machine.handle(at(2), finalOf(0)))).toContain('first1 2 1');
    expect(machine.status().agreements).toBe(4);
  });

  test('lists of fewer than q, of another committee or two are faults', () => {
    const { machine } = afterFirstTurn();
    for (const members of [0b0011, 0b10111])
      expect(machine.handle(at(1), list(members)).faults).toMatchObject([{ fault: 'ALEA_MALFORMED' }]);
    expect(machine.handle(at(1), list(0b1110)).faults).toEqual([]);
    expect(machine.handle(at(1), list(0b1110)).faults).toEqual([]);
    expect(machine.handle(at(1), list(0b0111)).faults).toMatchObject([{ by: 1, fault: 'ALEA_EQUIVOCATION' }]);
  });

  test('happens when certificates are slower than agreements, and ends the height', () => {
    // Of queues 0, 1 and 2 three correct validators each hear late, and two liars vote 0: only four are delivered in the first turn.
    const late = [[1, 2], [0, 2], [1], [0, 1], [0, 2], [], []];
    const result = storm(7, 0, 5, ({ kind, proposer }, _from, to) =>
      kind === 'final' && late[to]!.includes(proposer) ? 60 : 1,
    );
    expect(result).toEqual({
      outputs: new Array(5).fill('0:0,9 3:3,9 4:4,9 5:5,9 6:6,9'),
      agreements: new Array(5).fill(8),
      slanders: 0,
    });
  });

  test('or none, at random: all put out the same, and nobody correct is blamed', () => {
    for (const n of [4, 7, 10])
      for (let seed = 1; seed <= 8; seed++) expect(runStorm(n, seed, quorumOf(n).q).broken).toEqual([]);
  });
});
