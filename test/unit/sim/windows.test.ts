import { describe, expect, test } from 'vitest';
import { validatorIndex as at } from '../../../src/params/ids.ts';
import { quorumOf } from '../../../src/params/quorum.ts';
import { Catchup } from '../../../src/sim/catchup.ts';
import { EARLY_PACKET_BYTES, EarlyPackets } from '../../../src/sim/early-packets.ts';
import type { Packet } from '../../../src/sim/packet.ts';
import { PACKET_WINDOW, PeerWindows } from '../../../src/sim/peer-windows.ts';

const frame = (height: number, weight = 100): Packet<string> => ({
  type: 'frame',
  height,
  message: `of ${height}`,
  bytes: 10,
  messages: 1,
  weight,
});
const heights = (list: readonly { readonly packet: Packet<string> }[]): number[] =>
  list.map(({ packet }) => packet.height);

describe('packets for heights to come', () => {
  test('are kept up to the window, and come out by height in the order of arrival', () => {
    const early = new EarlyPackets<string>();
    expect(early.keep(at(1), frame(3), 7, 1)).toBe(true);
    expect(early.keep(at(2), frame(2), 8, 1)).toBe(true);
    expect(early.keep(at(2), frame(3), 9, 1)).toBe(true);
    expect(early.keep(at(1), frame(1 + PACKET_WINDOW), 0, 1)).toBe(true);
    expect(early.keep(at(1), frame(2 + PACKET_WINDOW), 0, 1)).toBe(false);
    expect(early.take(3).map(({ from, depth }) => [from, depth])).toEqual([
      [1, 7],
      [2, 9],
    ]);
    expect(early.take(3)).toEqual([]);
    expect(heights(early.take(2))).toEqual([2]);
  });

  test('cost their sender what they weigh in memory, up to its budget, and give it back', () => {
    const early = new EarlyPackets<string>();
    const heavy = EARLY_PACKET_BYTES / 2 - 200;
    expect(early.keep(at(1), frame(2, heavy), 0, 1)).toBe(true);
    expect(early.keep(at(1), frame(3, heavy), 0, 1)).toBe(true);
    expect(early.keep(at(1), frame(2, 1), 0, 1)).toBe(false);
    expect(early.keep(at(2), frame(2, heavy), 0, 1)).toBe(true);
    expect(early.bytesBy(3)).toEqual([0, EARLY_PACKET_BYTES, EARLY_PACKET_BYTES / 2]);
    early.take(2);
    expect(early.bytesBy(3)).toEqual([0, EARLY_PACKET_BYTES / 2, 0]);
    expect(early.keep(at(1), frame(4, 1), 0, 2)).toBe(true);
  });

  test('cost something even when they are empty: a flood of nothing is bounded too', () => {
    const early = new EarlyPackets<string>();
    let kept = 0;
    while (early.keep(at(1), { type: 'ask', height: 2 }, 0, 1)) kept += 1;
    expect(kept).toBeLessThan(EARLY_PACKET_BYTES / 200);
    expect(early.bytesBy(2)[1]).toBeLessThanOrEqual(EARLY_PACKET_BYTES);
  });
});

describe('what a sender keeps back', () => {
  const open = (): PeerWindows<string> => new PeerWindows(3, at(0));

  test('lies beyond the receiver’s window, and goes when the receiver gets there', () => {
    const peers = open();
    expect(peers.allWithin(1 + PACKET_WINDOW)).toBe(true);
    expect(peers.allWithin(2 + PACKET_WINDOW)).toBe(false);
    const far = frame(2 + PACKET_WINDOW);
    expect(peers.passes(at(1), far, 5)).toBe(false);
    expect(peers.passes(at(1), frame(3 + PACKET_WINDOW), 6)).toBe(false);
    expect(peers.passes(at(0), far, 5)).toBe(true);
    expect(peers.withheld).toBe(2);
    expect(peers.due(at(1))).toEqual([]);
    expect(peers.reached(at(1), 2)).toBe(true);
    expect(peers.due(at(1))).toEqual([{ packet: far, depth: 5 }]);
    expect(peers.reached(at(1), 2)).toBe(false);
    expect(peers.withheld).toBe(1);
  });

  test('lies as far ahead as the window that a pipeline is given, here and for the packets and claims that come', () => {
    const window = 40;
    const peers = new PeerWindows<string>(3, at(0), window);
    expect([peers.allWithin(1 + window), peers.allWithin(2 + window)]).toEqual([true, false]);
    expect(peers.passes(at(1), frame(1 + window), 0)).toBe(true);
    expect(peers.passes(at(1), frame(2 + window), 0)).toBe(false);
    expect(peers.dones(at(2), 100)).toHaveLength(1 + window);
    const early = new EarlyPackets<string>(window);
    expect(early.keep(at(1), frame(1 + window), 0, 1)).toBe(true);
    expect(early.keep(at(1), frame(2 + window), 0, 1)).toBe(false);
    const catchup = new Catchup(quorumOf(4), window);
    expect(catchup.claim(at(1), 1 + window, 'a', 1)).toBe(true);
    expect(catchup.claim(at(1), 2 + window, 'a', 1)).toBe(false);
  });

  test('is dropped with the machine of its height', () => {
    const peers = open();
    peers.passes(at(1), frame(50), 0);
    peers.passes(at(1), frame(51), 0);
    peers.forget(50);
    peers.reached(at(1), 51);
    expect(heights(peers.due(at(1)))).toEqual([51]);
  });

  test('all are within when the last one gets there, oneself not counted', () => {
    const peers = open();
    peers.reached(at(1), 40);
    expect(peers.allWithin(2 + PACKET_WINDOW)).toBe(false);
    peers.reached(at(2), 30);
    expect(peers.allWithin(30 + PACKET_WINDOW)).toBe(true);
    expect(peers.allWithin(31 + PACKET_WINDOW)).toBe(false);
  });

  test('finished heights are told once, within the window, from where the peer is', () => {
    const peers = open();
    expect(peers.dones(at(1), 3)).toEqual([1, 2, 3]);
    expect(peers.dones(at(1), 4)).toEqual([4]);
    expect(peers.dones(at(1), 500).at(-1)).toBe(1 + PACKET_WINDOW);
    peers.reached(at(1), 100);
    expect(peers.dones(at(1), 101)).toEqual([100, 101]);
  });

  test('an output is served once a peer, upwards', () => {
    const peers = open();
    expect([1, 1, 3, 2, 4].map((height) => peers.serves(at(1), height))).toEqual([
      true,
      false,
      true,
      false,
      true,
    ]);
    expect(peers.serves(at(2), 1)).toBe(true);
  });
});
