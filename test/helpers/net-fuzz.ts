import { concatBytes } from '../../src/base/bytes.ts';
import { encodeWire, type WireFrame, WireReader } from '../../src/net/wire.ts';
import { CHAIN, EPOCH, noise } from './net-peers.ts';

/** What became of damaged streams. */
export interface FuzzedStreams {
  readonly streams: number;
  /** Streams on which the reader threw. */
  thrown: number;
  /** Streams of which the reader gave back more bytes than had come. */
  beyond: number;
  refused: number;
  read: number;
}

/**
 * Reads streams of units with a bit turned, a piece cut out, a piece put in, or nothing but noise, in pieces of any size.
 * @param seed equal seeds give equal streams
 */
export function fuzzWire(streams: number, seed: number): FuzzedStreams {
  const found = { streams, thrown: 0, beyond: 0, refused: 0, read: 0 };
  let state = seed;
  const below = (n: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  for (let i = 0; i < streams; i++) {
    const hello: WireFrame = {
      kind: 'hello',
      version: 1,
      chain: CHAIN,
      epoch: EPOCH,
      durable: 0,
      received: below(9),
    };
    const units = Array.from({ length: 1 + below(6) }, (): WireFrame => {
      const kind = below(3);
      if (kind === 0) return { kind: 'frame', number: below(2 ** 40), bytes: noise(1 + below(300), i + 1) };
      return kind === 1 ? { kind: 'ack', number: below(2 ** 40) } : { kind: 'alive' };
    });
    const whole = concatBytes(...[hello, ...units].map(encodeWire));
    const stream = damaged(whole, below);
    const reader = new WireReader();
    let given = 0;
    let isRefused = false;
    try {
      for (let at = 0; at < stream.length && !isRefused; ) {
        const size = 1 + below(64);
        const frames = reader.read(stream.slice(at, at + size));
        at += size;
        isRefused = frames === undefined;
        for (const frame of frames ?? []) if (frame.kind === 'frame') given += frame.bytes.length;
      }
    } catch {
      found.thrown += 1;
    }
    if (given > stream.length) found.beyond += 1;
    found[isRefused ? 'refused' : 'read'] += 1;
  }
  return found;
}

function damaged(whole: Uint8Array, below: (n: number) => number): Uint8Array {
  const at = below(whole.length);
  switch (below(5)) {
    case 0: {
      const stream = whole.slice();
      stream[at]! ^= 1 << below(8);
      return stream;
    }
    case 1:
      return concatBytes(whole.slice(0, at), whole.slice(at + 1 + below(20)));
    case 2:
      return concatBytes(whole.slice(0, at), noise(1 + below(40), at + 1), whole.slice(at));
    case 3:
      return noise(1 + below(200), at + 1);
    default:
      return whole;
  }
}
