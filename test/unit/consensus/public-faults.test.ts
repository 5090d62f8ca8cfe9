import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes } from '../../../src/base/bytes.ts';
import { shifted } from '../../../src/committee/faulty.ts';
import { MmrAba } from '../../../src/consensus/aba/mmr.ts';
import { type BitSet, BOTH, type Vote, type VoteKind } from '../../../src/consensus/aba/votes.ts';
import { BkrAcs } from '../../../src/consensus/acs/bkr.ts';
import { decodeAcsMessage, encodeAcsMessage } from '../../../src/consensus/acs/codec.ts';
import { FirstHandAcs } from '../../../src/consensus/acs/first-hand.ts';
import type { AcsMessage } from '../../../src/consensus/acs/frame.ts';
import { acsProtocol } from '../../../src/consensus/protocol.ts';
import { AvidRbc } from '../../../src/consensus/rbc/avid.ts';
import { ShardTree } from '../../../src/consensus/rbc/shard-tree.ts';
import { NOTHING } from '../../../src/consensus/step.ts';
import { hashBytes } from '../../../src/crypto/hash.ts';
import type { Machine } from '../../../src/host/machine.ts';
import { MemoryStore } from '../../../src/host/memory-store.ts';
import { openErasureCode } from '../../../src/node/erasure-code.ts';
import { validatorIndex as at } from '../../../src/params/ids.ts';
import { ABA_ROUND_WINDOW } from '../../../src/params/sizes.ts';
import type { Packet } from '../../../src/sim/packet.ts';
import { SubsetHost } from '../../../src/sim/subset-host.ts';
import { CoinBox } from '../../../src/validator/coin-box.ts';
import type { Message } from '../../../src/validator/messages.ts';
import { Out } from '../../../src/validator/out.ts';
import { startHost } from '../host/scripted.ts';
import { contextAt, H1, said } from '../validator/fixtures.ts';

const ZERO: BitSet = 1;
const ONE: BitSet = 2;
const Q = [0, 1, 2];
const vote = (kind: VoteKind, round: number, values: BitSet): Vote => ({ kind, round, values });
const from = (aba: MmrAba, senders: readonly number[], ...votes: readonly Vote[]) => {
  const steps = votes.flatMap((each) => senders.map((i) => aba.handle(at(i), each)));
  return {
    sent: steps.flatMap(({ sends }) => sends.map(({ message }) => message)),
    effects: steps.flatMap(({ effects }) => effects),
    outputs: steps.flatMap(({ outputs }) => outputs),
  };
};
/** Validator 0 of four, undecided in the first round with a real coin. */
function inRoundTwo(): MmrAba {
  const aba = new MmrAba({ n: 4 });
  from(aba, Q, vote('bval', 0, ZERO), vote('aux', 0, ZERO), vote('bval', 1, ONE), vote('aux', 1, ONE));
  return aba;
}
const frame = (kind: VoteKind, round: number, values: BitSet, bits: number): AcsMessage => ({
  rbc: [],
  votes: [{ kind, round, values, instances: new Uint8Array([bits]) }],
});

/** A packet of a height with one part of a broadcast. */
const packet = (height: number, kind: 'propose' | 'echo', bytes: Uint8Array): Packet<AcsMessage> => ({
  type: 'frame',
  height,
  message: { rbc: [{ kind, proposer: at(1), bytes }], votes: [] },
  bytes: 0,
  messages: 1,
  weight: 0,
});
/** Validator 0 of four with nothing to propose, and what it says. */
function open(): { host: SubsetHost<AcsMessage>; sent: Packet<AcsMessage>[] } {
  const sent: Packet<AcsMessage>[] = [];
  const host = new SubsetHost<AcsMessage>({
    n: 4,
    self: at(0),
    protocol: acsProtocol('first-hand', 'digest'),
    proposalOf: () => undefined,
    isValid: () => true,
    coinOf: () => 0,
    selfInNetwork: false,
    archive: { get: () => undefined, put() {} },
    port: { send: (_to, each) => void sent.push(each), output() {}, fault() {}, coin() {}, timer() {} },
  });
  return { host, sent };
}
const echoes = (sent: readonly Packet<AcsMessage>[]): Uint8Array[] =>
  sent.flatMap((each) =>
    each.type === 'frame'
      ? each.message.rbc.filter(({ kind }) => kind === 'echo').map(({ bytes }) => bytes)
      : [],
  );

/** The subset of validator 0 of four behind a real host. */
function acsMachine(): Machine {
  const acs = new FirstHandAcs({ n: 4, self: at(0) });
  return {
    height: H1,
    snapshot: () => new Uint8Array(0),
    handle(input) {
      const message = input.type === 'message' ? decodeAcsMessage(input.bytes) : undefined;
      const step = message === undefined ? undefined : acs.handle(at(1), message);
      const sends =
        step?.sends.map(({ to, message }) => ({ to, at: H1, bytes: encodeAcsMessage(message) })) ?? [];
      return { sends, effects: [], outputs: [], faults: [] };
    },
  };
}

const erasure = await openErasureCode();

/** Faults found in public implementations of these protocols, one test each. */
describe('faults seen in public code bases', () => {
  test('CONF carrying bin_values: ours carries the values of q AUX', () => {
    const aba = inRoundTwo();
    const { sent } = from(aba, Q, vote('bval', 2, ZERO), vote('bval', 2, ONE), vote('aux', 2, ONE));
    expect(sent.filter(({ kind }) => kind === 'conf')).toEqual([vote('conf', 2, ONE)]);
  });

  test('coin before AUX or CONF: ours is asked for on q CONF within bin_r and no earlier', () => {
    const aba = inRoundTwo();
    const early = from(aba, Q, vote('bval', 2, ONE), vote('aux', 2, ONE));
    expect(early.effects).toEqual([]);
    expect(from(aba, [0, 1], vote('conf', 2, ONE)).effects).toEqual([]);
    expect(from(aba, [2], vote('conf', 2, BOTH)).effects).toEqual([]);
    expect(from(aba, Q, vote('bval', 2, ZERO)).effects).toEqual([{ type: 'coin', round: 2 }]);
  });

  test('a duplicate message kills the receive loop: ours answers every repetition with nothing', () => {
    const acs = new BkrAcs({ n: 4, self: at(0) });
    const messages: AcsMessage[] = [
      { rbc: [{ kind: 'propose', proposer: at(1), bytes: new Uint8Array(3) }], votes: [] },
      { rbc: [{ kind: 'echo', proposer: at(1), bytes: new Uint8Array(32) }], votes: [] },
      { rbc: [{ kind: 'ready', proposer: at(1), bytes: new Uint8Array(32) }], votes: [] },
      { rbc: [{ kind: 'pull', proposer: at(1), bytes: new Uint8Array(0) }], votes: [] },
      frame('bval', 0, ONE, 15),
      frame('aux', 0, ONE, 15),
      frame('conf', 2, BOTH, 15),
      frame('term', 0, ONE, 15),
    ];
    for (const message of messages) acs.handle(at(1), message);
    for (const message of messages) expect(acs.handle(at(1), message)).toBe(NOTHING);
  });

  test('unbounded future messages: a sender gets a window of rounds and no more memory', () => {
    const aba = new MmrAba({ n: 4 });
    for (let round = 0; round < 5000; round++) aba.handle(at(3), vote('bval', round, ONE));
    expect(aba.status().roundsHeld).toBe(ABA_ROUND_WINDOW + 1);
  });

  test('wrong leaf index accepted: an ECHO counts only with its sender’s own leaf', () => {
    const shards = [0, 1, 2, 3].map((i) => Uint8Array.of(i, 0));
    const tree = new ShardTree(shards);
    const leaf = (i: number): Uint8Array => concatBytes(tree.root, tree.branch(i), shards[i]!);
    const rbc = new AvidRbc({ n: 4, self: at(0), proposer: at(3) }, erasure);
    // Two liars’ worth of votes out of one shard.
    for (const i of [1, 2, 3]) rbc.handle(at(i), { kind: 'shard', proposer: at(3), bytes: leaf(1) });
    expect(rbc.status()).toMatchObject({ echoes: 1, waitsFor: 'val or echoes' });
    const val = rbc.handle(at(3), { kind: 'val', proposer: at(3), bytes: leaf(1) });
    expect(val).toMatchObject({ sends: [], faults: [{ by: 3, fault: 'RBC_BAD_SHARD' }] });
  });

  test('shards that are no codeword: one decode, and ⊥ whichever shards are there', () => {
    // The data shards say [7]; the others are not theirs.
    const shards = [
      [0, 0, 0],
      [1, 7, 0],
      [9, 9, 9],
      [8, 8, 8],
    ].map((bytes) => Uint8Array.from(bytes));
    const tree = new ShardTree(shards);
    for (const known of [
      [0, 1],
      [0, 3],
      [2, 3],
    ]) {
      let decodes = 0;
      const counting = {
        ...erasure,
        encode: (...args: Parameters<typeof erasure.encode>) => {
          decodes += 1;
          return erasure.encode(...args);
        },
      };
      const rbc = new AvidRbc({ n: 4, self: at(0), proposer: at(3) }, counting);
      for (const i of [1, 2, 3]) rbc.handle(at(i), { kind: 'ready', proposer: at(3), bytes: tree.root });
      const outputs = [...known, 1, 0, 2].flatMap((i) => {
        const bytes = concatBytes(tree.root, tree.branch(i), shards[i]!);
        return rbc.handle(at(i), { kind: 'shard', proposer: at(3), bytes }).outputs;
      });
      expect(outputs).toEqual([{ type: 'invalid' }]);
      expect(decodes).toBe(1);
    }
  });

  test('a bad share stored before verification blocks the coin: ours opens with the good ones', () => {
    const box = new CoinBox(contextAt(4, 0), H1);
    const out = new Out();
    const shareOf = (i: number): Uint8Array => {
      const own = new Out();
      new CoinBox(contextAt(4, i), H1).release(at(1), 2, own);
      return (said(own)[0]!.message as Extract<Message, { kind: 'coin' }>).share;
    };
    box.release(at(1), 2, out);
    const good = shareOf(3);
    const bad = concatBytes(shifted(good.subarray(0, 64)), good.subarray(64));
    expect(box.add(at(3), { instance: 1, round: 2, share: bad }, 2, out)).toBeUndefined();
    expect(box.add(at(0), { instance: 1, round: 2, share: shareOf(0) }, 2, out)).toBeUndefined();
    expect(box.add(at(1), { instance: 1, round: 2, share: shareOf(1) }, 2, out)).toBeUndefined();
    expect(box.add(at(2), { instance: 1, round: 2, share: shareOf(2) }, 2, out)).toBeDefined();
    expect(out.faults).toMatchObject([{ by: 3, fault: 'COIN_SHARE_INVALID' }]);
  });

  test('TERM missing so that late nodes hang: f + 1 TERM decide without any other message', () => {
    const aba = new MmrAba({ n: 4 });
    expect(from(aba, [1], vote('term', 7, ONE)).outputs).toEqual([]);
    const { outputs, sent } = from(aba, [2], vote('term', 3, ONE));
    expect(outputs).toEqual([{ type: 'decide', bit: 1 }]);
    expect(sent).toContainEqual(vote('term', 0, ONE));
  });

  test('a decided node that stops too early: ours releases coins until it holds 2f + 1 TERM', () => {
    const aba = new MmrAba({ n: 4 });
    from(aba, Q, vote('bval', 0, ONE), vote('aux', 0, ONE));
    expect(aba.decided).toBe(1);
    from(aba, [0], vote('term', 0, ONE));
    from(aba, [1, 2], vote('bval', 1, ONE), vote('aux', 1, ONE));
    const { effects, sent } = from(
      aba,
      [1, 2],
      vote('bval', 2, ONE),
      vote('aux', 2, ONE),
      vote('conf', 2, ONE),
    );
    expect(effects).toEqual([{ type: 'coin', round: 2 }]);
    expect(sent).toEqual([]);
    expect(aba.closed).toBe(false);
    from(aba, [1, 2], vote('term', 2, ONE));
    expect(aba.closed).toBe(true);
  });

  test('messages of two heights mixed up in one loop: a height hears its own only', () => {
    const { host, sent } = open();
    host.receive(at(1), packet(2, 'propose', Uint8Array.of(2)), 0);
    host.flush();
    expect(echoes(sent)).toEqual([]);
    host.receive(at(1), packet(1, 'propose', Uint8Array.of(1)), 0);
    host.flush();
    expect(echoes(sent)).toEqual([hashBytes('payload', Uint8Array.of(1))]);
    expect(sent.map(({ height }) => height)).toEqual([1]);
  });

  test('crash amnesia: who starts again from its log says nothing that contradicts what it said', () => {
    const propose = (byte: number): Uint8Array =>
      encodeAcsMessage({
        rbc: [{ kind: 'propose', proposer: at(1), bytes: Uint8Array.of(byte) }],
        votes: [],
      });
    const started = (store: MemoryStore) => startHost(store, acsMachine());
    const sentBy = (said: readonly string[]) => said.filter((each) => each.startsWith('send 2'));
    const store = new MemoryStore();
    const before = started(store);
    before.host.receive(at(1), 1, propose(1));
    before.host.commit();
    expect(sentBy(before.said)).toHaveLength(1);
    const after = started(store);
    after.host.connected(at(2), 0);
    after.host.receive(at(1), 2, propose(2));
    after.host.commit();
    expect(sentBy(after.said)).toEqual(sentBy(before.said));
    // What is durable is so before it is sent: with a store that dies at the write, nothing has gone out.
    const dying = started(new MemoryStore(new Map([[1, 'nothing']])));
    dying.host.receive(at(1), 1, propose(1));
    expect(() => dying.host.commit()).toThrow();
    expect(dying.said).toEqual([]);
  });

  test('RBC going on after its ABA decided 0: ours ends, answers nothing and delivers nothing', () => {
    const acs = new BkrAcs({ n: 4, self: at(0) });
    const payload = new Uint8Array(9);
    const bytes = hashBytes('payload', payload);
    acs.handle(at(3), { rbc: [{ kind: 'propose', proposer: at(3), bytes: payload }], votes: [] });
    for (const i of [1, 2]) acs.handle(at(i), frame('term', 1, ZERO, 0b1000));
    for (const i of [1, 2, 3]) {
      const ready: AcsMessage = { rbc: [{ kind: 'ready', proposer: at(3), bytes }], votes: [] };
      expect(acs.handle(at(i), ready)).toBe(NOTHING);
    }
    expect(acs.status().instances[3]!.broadcast).toMatchObject({ waitsFor: 'nothing', holdsPayload: false });
  });

  test('endless empty epochs: who has not proposed and hears nothing says nothing', () => {
    const { host, sent } = open();
    host.flush();
    expect(sent).toEqual([]);
    for (const acs of [new BkrAcs({ n: 4, self: at(0) }), new FirstHandAcs({ n: 4, self: at(0) })]) {
      expect(acs.status()).toMatchObject({ done: false, undecided: 4, ones: 0 });
      const payload = new Uint8Array(1);
      const propose = { kind: 'propose', proposer: at(0), bytes: payload } as const;
      expect(acs.propose(payload).sends).toEqual([{ to: 'all', message: { rbc: [propose], votes: [] } }]);
    }
  });

  test('panics on a peer’s bytes: any bytes at all give a step', () => {
    const header = fc
      .tuple(fc.nat(3), fc.nat(3))
      .map(([parts, groups]) => [0, parts, 0, groups, groups && 1]);
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 120 }), (head, tail) => {
        const acs = new BkrAcs({ n: 4, self: at(0) });
        const message = decodeAcsMessage(Uint8Array.from([...head, ...tail]));
        if (message !== undefined) acs.handle(at(1), message);
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.nat(0xffff), fc.nat(4), fc.constantFrom<BitSet>(1, 2, 3), (round, kind, values) => {
        const kinds = ['bval', 'aux', 'conf', 'term', 'aux'] as const;
        const bytes = encodeAcsMessage(frame(kinds[kind]!, round, values, 0xff));
        new BkrAcs({ n: 4, self: at(0) }).handle(at(1), decodeAcsMessage(bytes)!);
      }),
    );
  });

  test('quorum test with || for &&: q AUX count only within bin_r, and bin_r only with q AUX', () => {
    const aux = new MmrAba({ n: 4 });
    from(aux, Q, vote('aux', 0, ONE));
    expect(aux.status().round).toBe(0);
    from(aux, Q, vote('bval', 0, ZERO));
    expect(aux.status().round).toBe(0);
    const bin = new MmrAba({ n: 4 });
    from(bin, [0, 1, 2, 3], vote('bval', 0, ONE), vote('bval', 0, ZERO));
    from(bin, [0, 1], vote('aux', 0, ONE));
    expect(bin.status()).toMatchObject({ round: 0, decided: undefined });
  });

  test('array.shift on hot queues: not in the machines, not in the simulator', () => {
    const root = resolve(import.meta.dirname, '../../../src');
    const files = ['consensus', 'sim'].flatMap((room) =>
      readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => join(root, room, name)),
    );
    expect(files.length).toBeGreaterThan(10);
    expect(files.filter((file) => /\.shift\(\)/.test(readFileSync(file, 'utf8')))).toEqual([]);
  });
});
