import { describe, expect, test } from 'vitest';
import { usedHeapMiB } from '../../src/cli/heap.ts';
import type { BitSet } from '../../src/consensus/aba/votes.ts';
import type { AcsProposal } from '../../src/consensus/acs/common-subset.ts';
import { type AcsMessage, bitmapBytes } from '../../src/consensus/acs/frame.ts';
import { acsProtocol } from '../../src/consensus/protocol.ts';
import { validatorIndex as at, type ValidatorIndex } from '../../src/params/ids.ts';
import { quorumOf } from '../../src/params/quorum.ts';
import { MAX_FRAME_VOTES, MAX_PAYLOAD_BYTES } from '../../src/params/sizes.ts';
import { flood } from '../../src/sim/adversaries/flood.ts';
import { EARLY_PACKET_BYTES } from '../../src/sim/early-packets.ts';
import { encodePacket, framePacket, type Packet } from '../../src/sim/packet.ts';
import { Prng } from '../../src/sim/prng.ts';
import { Simulation } from '../../src/sim/simulation.ts';
import { type Port, SubsetHost } from '../../src/sim/subset-host.ts';

const n = 31;
const MiB = 2 ** 20;
const protocol = acsProtocol('first-hand', 'digest');

function openHost(faults: Map<string, number>): SubsetHost<AcsMessage> {
  const outputs = new Map<number, readonly AcsProposal[]>();
  const port: Port<AcsMessage> = {
    send() {},
    output() {},
    fault: (_by, fault) => void faults.set(fault, (faults.get(fault) ?? 0) + 1),
    coin() {},
    timer() {},
  };
  return new SubsetHost({
    n,
    self: at(0),
    protocol,
    proposalOf: () => new Uint8Array(MAX_PAYLOAD_BYTES),
    isValid: () => true,
    coinOf: () => 0,
    selfInNetwork: false,
    archive: { get: (height) => outputs.get(height), put: (height, out) => void outputs.set(height, out) },
    port,
  });
}

const frame = (height: number, message: AcsMessage): Packet<AcsMessage> =>
  framePacket(protocol, height, message);
const payload = (height: number, from: number): Packet<AcsMessage> =>
  frame(height, {
    rbc: [{ kind: 'propose', proposer: at(from), bytes: new Uint8Array(MAX_PAYLOAD_BYTES).fill(height) }],
    votes: [],
  });
/** As many vote groups as a frame takes: little on the link, 512 objects at the receiver. */
const votes = (height: number, round: number, prng: Prng): Packet<AcsMessage> =>
  frame(height, {
    rbc: [],
    votes: Array.from({ length: MAX_FRAME_VOTES }, (_, i) => ({
      kind: (['bval', 'aux', 'conf', 'term'] as const)[i & 3]!,
      round: (round + i) % 70,
      values: ((i % 2) + 1) as BitSet,
      instances: new Uint8Array(bitmapBytes(n)).fill(1 + prng.below(255)),
    })),
  });

/** What a liar can think of, for ever: heights and rounds ahead, largest payloads, smallest votes, shares, claims, chains. */
function* lies(from: number, prng: Prng): Generator<Packet<AcsMessage>> {
  for (let k = 0; ; k++) {
    const height = 1 + (k % 60);
    yield payload(height, from);
    if (k % 3 === 0) yield votes(height, k, prng);
    if (k % 9 === 0) yield votes(1, k, prng);
    for (let j = 0; j < n; j++) yield { type: 'share', height, instance: j, round: k % 200, good: true };
    yield { type: 'share', height: 1, instance: 200, round: k, good: false };
    yield { type: 'done', height: 1 + prng.below(100), digest: prng.bytes(32) };
    yield { type: 'done', height: 2, digest: prng.bytes(500) };
    yield { type: 'ask', height };
    yield { type: 'here', height: 2 ** 31 };
    yield { type: 'verdict', height: 1, proposer: from };
    yield { type: 'timeout', height: 1, view: k };
    yield { type: 'chain', height: 1, payloads: [{ proposer: at(from), payload: new Uint8Array(1000) }] };
  }
}

const copyOf = (packet: Packet<AcsMessage>): Packet<AcsMessage> =>
  packet.type === 'frame'
    ? framePacket(protocol, packet.height, protocol.decode(protocol.encode(packet.message))!)
    : structuredClone(packet);

/** Feeds it to a host as it would come from a link: nothing is shared with the sender. */
function drown(host: SubsetHost<AcsMessage>, from: ValidatorIndex, bytes: number): void {
  const prng = new Prng(from);
  let sent = 0;
  for (const lie of lies(from, prng)) {
    host.receive(from, copyOf(lie), 0);
    sent += encodePacket(lie, protocol).length;
    if (sent > bytes) break;
  }
  host.flush();
}

describe(`a flood, ${n} validators, payloads of 64 KiB`, () => {
  test('costs at most 16 MiB a flooding peer, measured on the heap; more of it costs nothing more', () => {
    const faults = new Map<string, number>();
    const host = openHost(faults);
    const liars = Array.from({ length: 2 }, (_, i) => at(n - 1 - i));
    const before = usedHeapMiB();
    for (const liar of liars) drown(host, liar, 30 * MiB);
    const after = usedHeapMiB();
    expect((after - before) / liars.length).toBeGreaterThan(4);
    expect((after - before) / liars.length).toBeLessThan(16);
    for (const liar of liars) drown(host, liar, 6 * MiB);
    expect(usedHeapMiB() - after).toBeLessThan(2);
    for (const bytes of host.status().earlyBytes) expect(bytes).toBeLessThanOrEqual(EARLY_PACKET_BYTES);
    expect([...faults.keys()]).toEqual(
      expect.arrayContaining([
        'HEIGHT_BEYOND_WINDOW',
        'COIN_OUT_OF_RANGE',
        'COIN_SHARE_INVALID',
        'DONE_MALFORMED',
        'CHAIN_UNASKED',
        'PACKET_NOT_OWN',
      ]),
    );
  });
});

test('f flooding validators hold up nothing, and correct ones keep what they may and no more', () => {
  const simulation = new Simulation<AcsMessage>({
    n: 7,
    seed: 3,
    heights: 3,
    payloadBytes: 1000,
    protocol,
    schedule: { kind: 'links', delay: { kind: 'exp', meanMs: 100 } },
    faulty: quorumOf(7).f,
    adversary: flood(400),
  });
  simulation.start();
  let most = 0;
  while (simulation.step())
    for (const host of simulation.hosts) most = Math.max(most, ...(host?.status().earlyBytes ?? [0]));
  const { violations, heights } = simulation.report();
  expect(violations).toEqual([]);
  expect(most).toBeGreaterThan(MiB / 8);
  expect(most).toBeLessThanOrEqual(EARLY_PACKET_BYTES);
  expect(heights.every(({ faults }) => faults > 0)).toBe(true);
});
