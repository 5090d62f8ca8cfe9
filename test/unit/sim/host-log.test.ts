import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AcsMessage } from '../../../src/consensus/acs/frame.ts';
import { acsProtocol } from '../../../src/consensus/protocol.ts';
import { validatorIndex as at } from '../../../src/params/ids.ts';
import {
  Crash,
  decodeRecord,
  encodeRecord,
  type HostRecord,
  MemoryLog,
  recordsAfter,
} from '../../../src/sim/host-log.ts';
import { framePacket, type Packet } from '../../../src/sim/packet.ts';

const protocol = acsProtocol('first-hand', 'digest');
const uint = fc.nat(0xffffffff);
const bytes = fc.uint8Array({ maxLength: 40 });
const packet: fc.Arbitrary<Packet<AcsMessage>> = fc.oneof(
  fc.tuple(uint, bytes, fc.nat(99)).map(([height, payload, j]) =>
    framePacket(protocol, height, {
      rbc: [{ kind: 'propose', proposer: at(j), bytes: payload }],
      votes: [],
    }),
  ),
  fc.record({
    type: fc.constant('share' as const),
    height: uint,
    instance: fc.nat(99),
    round: uint,
    good: fc.boolean(),
  }),
  fc.record({
    type: fc.constant('done' as const),
    height: uint,
    digest: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  }),
  fc.record({ type: fc.constantFrom('ask' as const, 'here' as const), height: uint }),
  fc.record({
    type: fc.constant('chain' as const),
    height: uint,
    payloads: fc.array(fc.record({ proposer: fc.nat(99).map(at), payload: bytes }), { maxLength: 5 }),
  }),
  fc.record({ type: fc.constant('verdict' as const), height: uint, proposer: fc.nat(99) }),
  fc.record({ type: fc.constant('timeout' as const), height: uint, view: uint }),
);
const record: fc.Arbitrary<HostRecord<AcsMessage>> = fc.oneof(
  fc.record({ type: fc.constant('packet' as const), from: fc.nat(99).map(at), depth: uint, packet }),
  fc.record({
    type: fc.constant('enter' as const),
    height: uint,
    payload: fc.option(bytes, { nil: undefined }),
  }),
  fc.record({ type: fc.constant('flush' as const) }),
  fc.record({
    type: fc.constant('checkpoint' as const),
    height: uint,
    reached: fc.array(uint, { maxLength: 9 }),
  }),
);
const dies = (write: () => void): boolean => {
  try {
    write();
  } catch (error) {
    if (error instanceof Crash) return error.durable;
    throw error;
  }
  throw new Error('nobody died');
};
const one = Uint8Array.of(1);
const two = Uint8Array.of(2, 2);

describe('log records', () => {
  test('come back as they were', () => {
    fc.assert(
      fc.property(record, (each) => {
        expect(decodeRecord(encodeRecord(each, protocol), protocol)).toEqual(each);
      }),
    );
  });

  test('of heights that are over are left out, and marks of sending that follow nothing', () => {
    const log = new MemoryLog();
    const of = (height: number): HostRecord<AcsMessage> => ({ type: 'enter', height, payload: undefined });
    const flush: HostRecord<AcsMessage> = { type: 'flush' };
    const all = [
      { type: 'checkpoint' as const, height: 1, reached: [1] },
      of(1),
      flush,
      of(2),
      flush,
      flush,
      of(3),
      of(1),
      flush,
    ];
    for (const each of all) log.append(encodeRecord(each, protocol));
    const kept = recordsAfter(1, log, protocol).map((each) => decodeRecord(each, protocol));
    expect(kept).toEqual([of(2), flush, of(3), flush]);
  });
});

describe('a log in memory', () => {
  test.each([
    ['nothing', [[1]], false],
    ['torn', [[1]], false],
    ['all', [[1], [2, 2]], true],
  ] as const)('after a death at the second write leaves %s of it', (fate, left, durable) => {
    const log = new MemoryLog(new Map([[2, fate]]));
    log.append(one);
    expect(dies(() => log.append(two))).toBe(durable);
    expect(log.read().map((each) => [...each])).toEqual(left);
    log.append(one);
    expect(log.read()).toHaveLength(left.length + 1);
    expect(log.writes).toBe(3);
  });

  test.each([
    ['nothing', [1, 2]],
    ['torn', [1, 2]],
    ['all', [3]],
  ] as const)('compacts in one piece or not at all: %s', (fate, left) => {
    const log = new MemoryLog(new Map([[3, fate]]));
    log.append(one);
    log.append(two);
    expect(dies(() => log.compact([Uint8Array.of(3)]))).toBe(true);
    expect(log.read().map(([first]) => first)).toEqual(left);
  });
});
