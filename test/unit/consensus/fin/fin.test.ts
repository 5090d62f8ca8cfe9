import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeAcsMessage } from '../../../../src/consensus/acs/codec.ts';
import { NO_FRAME } from '../../../../src/consensus/acs/frame.ts';
import { FinAcs, type FinStep } from '../../../../src/consensus/fin/fin.ts';
import { decodeFin, encodeFin, type FinMessage } from '../../../../src/consensus/fin/messages.ts';
import { finProtocol } from '../../../../src/consensus/protocol.ts';
import { RBC_KINDS, type RbcMessage } from '../../../../src/consensus/rbc/messages.ts';
import { validatorIndex as at } from '../../../../src/params/ids.ts';
import { quorumOf } from '../../../../src/params/quorum.ts';
import { crash } from '../../../../src/sim/adversaries/adversaries.ts';
import { Simulation } from '../../../../src/sim/simulation.ts';
import { coinsOf } from '../../../sim/field-coins.ts';

const run = (n: number, faulty: number, seed: number) =>
  new Simulation({
    ...{ n, seed, heights: 1, payloadBytes: 20, faulty, protocol: finProtocol(), adversary: crash() },
    schedule: { kind: 'links', delay: { kind: 'const', ms: 100 } },
  }).run();

describe('the figures of the paper', () => {
  test.each([4, 7, 10, 16])('among %i it takes 8 delays, one lot and no other coin', (n) => {
    const { violations, heights } = run(n, 0, 1);
    expect(violations).toEqual([]);
    expect(heights[0]).toMatchObject({ outputs: quorumOf(n).q, delays: 8, coins: 1 });
  });

  test.each([4, 10])('among %i, f of them crashed, less than two lots are drawn on average', (n) => {
    const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
    const lots = seeds.map((seed) => run(n, quorumOf(n).f, seed).heights[0]!.coins);
    const mean = lots.reduce((sum, each) => sum + each) / seeds.length;
    expect(mean).toBeGreaterThan(1);
    expect(mean).toBeLessThan(2);
  });

  test('beside a hostile scheduler first-hand needs more coins the larger n is, FIN does not', () => {
    const fin = coinsOf('fin', 10, 3);
    expect(fin).toBeLessThan(2);
    expect(coinsOf('first-hand', 10, 3)).toBeGreaterThan(2 * fin);
  });
});

const part = (kind: RbcMessage['kind'], proposer: number, bytes: Uint8Array): RbcMessage => ({
  kind,
  proposer: at(proposer),
  bytes,
});
const ofSets = (...rbc: RbcMessage[]): FinMessage => ({ proposals: NO_FRAME, sets: { rbc, votes: [] } });
const ofProposals = (...rbc: RbcMessage[]): FinMessage => ({ proposals: { rbc, votes: [] }, sets: NO_FRAME });
const setsIn = (step: FinStep): string[] =>
  step.sends.flatMap(({ message }) => message.sets.rbc.map(({ kind, proposer }) => `${kind} ${proposer}`));

/** Everybody's ECHO and READY of a broadcast that was proposed here. */
function deliver(machine: FinAcs, j: number, make: (part: RbcMessage) => FinMessage, bytes: Uint8Array) {
  const [echo] = machine
    .handle(at(j), make(part('propose', j, bytes)))
    .sends.flatMap(({ message }) => [...message.proposals.rbc, ...message.sets.rbc]);
  return [0, 1, 2].map((from) => machine.handle(at(from), make(part('ready', j, echo!.bytes)))).at(-1)!;
}

describe('a validator', () => {
  const S = Uint8Array.of(0b0111);

  test('echoes a set when all that it names is valid here, and not before', () => {
    const machine = new FinAcs({ n: 4, self: at(3) });
    expect(machine.handle(at(0), ofSets(part('propose', 0, S))).sends).toEqual([]);
    for (const j of [0, 1, 2]) {
      const { effects } = deliver(machine, j, ofProposals, Uint8Array.of(j));
      expect(effects).toMatchObject([{ type: 'validate', proposer: j }]);
    }
    expect(setsIn(machine.validated(at(0), true))).toEqual([]);
    expect(setsIn(machine.validated(at(1), true))).toEqual([]);
    // With q valid ones it says its own set as well.
    expect(setsIn(machine.validated(at(2), true))).toEqual(['propose 3', 'echo 0']);
  });

  test('draws when it has q sets, says 0 about one that it lacks, and 1 as soon as it has it', () => {
    const machine = new FinAcs({ n: 4, self: at(3) });
    for (const j of [0, 1, 2]) {
      deliver(machine, j, ofProposals, Uint8Array.of(j));
      machine.validated(at(j), true);
    }
    expect(machine.elected(0, 3).sends).toEqual([]);
    deliver(machine, 0, ofSets, S);
    deliver(machine, 1, ofSets, S);
    const step = deliver(machine, 2, ofSets, S);
    expect(step.effects).toEqual([{ type: 'elect', round: 0 }]);
    const votesIn = ({ sends }: FinStep): string[] =>
      sends.flatMap(({ message }) =>
        message.proposals.votes.map(({ kind, values, instances }) => `${kind} ${values} ${instances}`),
      );
    expect(votesIn(step)).toEqual(['bval 1 8']);
    expect(votesIn(deliver(machine, 3, ofSets, S))).toEqual(['first 2 8']);
  });

  test('refuses sets that are too small, of another committee or two', () => {
    const machine = new FinAcs({ n: 4, self: at(3) });
    const offer = (bytes: Uint8Array) => machine.handle(at(1), ofSets(part('propose', 1, bytes))).faults;
    for (const bytes of [Uint8Array.of(3), Uint8Array.of(0x17), Uint8Array.of(7, 0), new Uint8Array(0)])
      expect(offer(bytes)).toMatchObject([{ by: 1, fault: 'FIN_SET_MALFORMED' }]);
    expect(offer(S)).toEqual([]);
    expect(offer(S)).toEqual([]);
    expect(offer(Uint8Array.of(0b1110))).toMatchObject([{ fault: 'RBC_PROPOSE_EQUIVOCATION' }]);
    const wrong = machine.handle(at(0), ofSets(part('propose', 1, S)));
    expect(wrong.faults).toMatchObject([{ by: 0, fault: 'RBC_WRONG_SENDER' }]);
    const beyond = machine.handle(at(0), ofSets(part('ready', 7, new Uint8Array(32))));
    expect(beyond.faults).toMatchObject([{ by: 0, fault: 'ACS_INDEX_OUT_OF_RANGE' }]);
  });
});

describe('a message', () => {
  const arbitrary: fc.Arbitrary<RbcMessage> = fc
    .record({
      kind: fc.constantFrom(...RBC_KINDS),
      proposer: fc.nat(99),
      bytes: fc.uint8Array({ maxLength: 40 }),
    })
    .map(({ kind, proposer, bytes }) => {
      const length = kind === 'pull' ? 0 : 32;
      return part(
        kind,
        proposer,
        kind === 'echo' || kind === 'ready' || kind === 'pull' ? new Uint8Array(length) : bytes,
      );
    });
  const parts = fc.array(arbitrary, { maxLength: 4 });

  test('decodes to itself', () => {
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        fc.pre(a.length + b.length > 0);
        const message = { proposals: { rbc: a, votes: [] }, sets: { rbc: b, votes: [] } };
        expect(decodeFin(encodeFin(message))).toEqual(message);
      }),
    );
  });

  test('any bytes, cut or changed, give a message or nothing, and a message gives a step', () => {
    fc.assert(
      fc.property(parts, parts, fc.nat(), fc.nat(255), (a, b, where, byte) => {
        const encoded = encodeFin({ proposals: { rbc: a, votes: [] }, sets: { rbc: b, votes: [] } });
        const changed = Uint8Array.from(encoded);
        changed[where % changed.length] = byte;
        for (const hostile of [changed, encoded.subarray(0, where % encoded.length), encoded]) {
          const decoded = decodeFin(hostile);
          if (decoded !== undefined) new FinAcs({ n: 4, self: at(3) }).handle(at(where % 4), decoded);
        }
      }),
    );
  });

  test('with votes among the sets, or of nothing, is none', () => {
    const votes = [{ kind: 'bval', round: 0, values: 1, instances: Uint8Array.of(1) } as const];
    const frame = encodeAcsMessage({ rbc: [], votes });
    expect(decodeFin(Uint8Array.of(0, 0, 0, 0, ...frame))).toBeUndefined();
    expect(decodeFin(Uint8Array.of(0, 0, 0, frame.length, ...frame))).toBeDefined();
    expect(decodeFin(new Uint8Array(4))).toBeUndefined();
    expect(decodeFin(Uint8Array.of(0, 0, 1, 0, ...frame))).toBeUndefined();
  });
});
