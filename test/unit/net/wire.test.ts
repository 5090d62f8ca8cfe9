import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { concatBytes } from '../../../src/base/bytes.ts';
import { encodeWire, type WireFrame, WireReader } from '../../../src/net/wire.ts';
import { MAX_MESSAGE_BYTES } from '../../../src/params/sizes.ts';
import { fuzzWire } from '../../helpers/net-fuzz.ts';
import { CHAIN, EPOCH, noise } from '../../helpers/net-peers.ts';

const HELLO: WireFrame = {
  kind: 'hello',
  version: 1,
  chain: CHAIN,
  epoch: EPOCH,
  durable: 5,
  received: 2 ** 40,
};
const FRAMES: readonly WireFrame[] = [
  HELLO,
  { kind: 'frame', number: 1, bytes: noise(7) },
  { kind: 'alive' },
  { kind: 'ack', number: 2 ** 48 - 1 },
  { kind: 'frame', number: 2 ** 33 + 1, bytes: noise(MAX_MESSAGE_BYTES) },
];

/** A unit with its bytes as a hash: comparing a mebibyte by elements takes seconds. */
const shown = (frame: WireFrame) =>
  'bytes' in frame ? { ...frame, bytes: createHash('sha256').update(frame.bytes).digest('hex') } : frame;

describe('units of a stream', () => {
  test.each([1, 3, 1_000, 65_536, 2 ** 24])('come out as they went in, in pieces of %i bytes', (size) => {
    const frames = size === 1 ? FRAMES.slice(0, 4) : FRAMES;
    const stream = concatBytes(...frames.map(encodeWire));
    const reader = new WireReader();
    const read: WireFrame[] = [];
    for (let at = 0; at < stream.length; at += size) read.push(...reader.read(stream.slice(at, at + size))!);
    expect(read.map(shown)).toEqual(frames.map(shown));
  });

  test('a known unit has these bytes', () => {
    expect(Buffer.from(encodeWire({ kind: 'ack', number: 258 })).toString('hex')).toBe(
      '0000000702000000000102',
    );
    expect(Buffer.from(encodeWire({ kind: 'alive' })).toString('hex')).toBe('0000000103');
  });

  const afterHello = (...units: Uint8Array[]): readonly WireFrame[] | undefined => {
    const reader = new WireReader();
    reader.read(encodeWire(HELLO));
    return reader.read(concatBytes(...units));
  };
  const lengthOf = (length: number): Uint8Array => {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, length);
    return bytes;
  };

  test('a length beyond the limit ends the stream before anything of its unit has come', () => {
    expect(afterHello(lengthOf(1 + 6 + MAX_MESSAGE_BYTES))).toEqual([]);
    expect(afterHello(lengthOf(1 + 6 + MAX_MESSAGE_BYTES + 1))).toBeUndefined();
    expect(afterHello(lengthOf(0))).toBeUndefined();
    expect(afterHello(lengthOf(2 ** 32 - 1))).toBeUndefined();
  });

  test('before the hello nothing but a hello is read, and there is one', () => {
    for (const frame of FRAMES.slice(1)) expect(new WireReader().read(encodeWire(frame))).toBeUndefined();
    expect(afterHello(encodeWire(HELLO))).toBeUndefined();
    expect(new WireReader().read(encodeWire({ ...HELLO, durable: 2, received: 1 } as never))).toBeUndefined();
  });

  test('a frame of a wrong kind or length ends the stream', () => {
    expect(afterHello(lengthOf(1), Uint8Array.of(9))).toBeUndefined();
    expect(afterHello(lengthOf(2), Uint8Array.of(3, 0))).toBeUndefined();
    expect(afterHello(lengthOf(6), Uint8Array.of(2, 0, 0, 0, 0, 0))).toBeUndefined();
    expect(afterHello(lengthOf(7), Uint8Array.of(1, 0, 0, 0, 0, 0, 1))).toBeUndefined();
    // What came before it does not count either: the peer is no correct program.
    expect(afterHello(encodeWire({ kind: 'alive' }), lengthOf(1), Uint8Array.of(9))).toBeUndefined();
  });

  test('2,000 streams with random damage are read or refused, never thrown at, within the memory of what came', () => {
    expect(fuzzWire(2_000, 7)).toMatchObject({ streams: 2_000, thrown: 0, beyond: 0 });
  });
});
