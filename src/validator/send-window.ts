import { type Height, height, type ValidatorIndex, validatorIndex } from '../params/ids.ts';
import { HEIGHT_WINDOW, MAX_MESSAGE_BYTES, QUEUE_ENTRY_BYTES } from '../params/sizes.ts';
import type { Sending } from './out.ts';

/** Bytes of memory kept back for one peer that lags: more than a correct validator says to one in the two heights that are live. */
const HELD_BYTES = 8 * MAX_MESSAGE_BYTES;

interface Peer {
  /** The least height it can be at: the latest one that it spoke of. */
  reached: Height;
  bytes: number;
  readonly held: Sending[];
}

/** What is kept back as plain data. Many peers wait for one frame: it is written once. */
export type SendWindowState = {
  readonly frames: readonly { readonly at: Sending['at']; readonly bytes: Uint8Array }[];
  /** By receiver: the height it has reached, and which of the frames it waits for, in order. */
  readonly peers: readonly { readonly reached: Height; readonly held: readonly number[] }[];
};

/**
 * Keeps back what lies beyond a receiver's window, so that no correct receiver has to drop what a correct sender says and
 * whoever was cut off catches up when it is heard of again. A peer that says it is further than it is harms itself only.
 */
export class SendWindow {
  readonly #peers: readonly Peer[];

  /**
   * @param self        the sender, who is always where it is
   * @param firstHeight of the epoch: there everybody begins
   */
  constructor(n: number, self: ValidatorIndex, firstHeight: Height) {
    this.#peers = Array.from({ length: n }, (_, i) => ({
      reached: i === self ? height(Number.MAX_SAFE_INTEGER) : firstHeight,
      bytes: 0,
      held: [],
    }));
  }

  /** May share memory with the window: encode it before the next input. */
  state(): SendWindowState {
    const frames = new Map<Uint8Array, { at: Sending['at']; bytes: Uint8Array; number: number }>();
    const numberOf = ({ at, bytes }: Sending): number => {
      const frame = frames.get(bytes) ?? { at, bytes, number: frames.size };
      frames.set(bytes, frame);
      return frame.number;
    };
    const peers = this.#peers.map(({ reached, held }) => ({ reached, held: held.map(numberOf) }));
    return { frames: [...frames.values()].map(({ at, bytes }) => ({ at, bytes })), peers };
  }

  /** The window that goes on from there. */
  static restore({ frames, peers }: SendWindowState, self: ValidatorIndex): SendWindow {
    const window = new SendWindow(peers.length, self, height(1));
    peers.forEach(({ reached, held }, i) => {
      const peer = window.#peers[i]!;
      peer.reached = reached;
      for (const number of held) {
        const { at, bytes } = frames[number]!;
        peer.held.push({ to: validatorIndex(i), at, bytes });
        peer.bytes += bytes.length + QUEUE_ENTRY_BYTES;
      }
    });
    return window;
  }

  /** The least height that each can be at, by index. @param self where oneself is */
  heights(self: Height): Height[] {
    return this.#peers.map(({ reached }) => (reached === Number.MAX_SAFE_INTEGER ? self : reached));
  }

  /** A peer spoke of a height, so it has reached it. @returns what it may be sent now */
  reached(by: ValidatorIndex, at: Height): Sending[] {
    const peer = this.#peers[by]!;
    if (at <= peer.reached) return [];
    peer.reached = at;
    const due = peer.held.filter((frame) => isWithin(frame, peer));
    keep(
      peer,
      peer.held.filter((frame) => !isWithin(frame, peer)),
    );
    return due;
  }

  /** @returns what may be sent now; the rest is kept. */
  pass(frame: Sending): Sending[] {
    const { to } = frame;
    if (to !== 'all') return this.#admit(frame, to) ? [frame] : [];
    if (this.#peers.every((peer) => isWithin(frame, peer))) return [frame];
    return this.#peers.flatMap((_, i) => {
      const each = validatorIndex(i);
      const own = { ...frame, to: each };
      return this.#admit(own, each) ? [own] : [];
    });
  }

  /** A height is certified here: nobody needs its frames any more, nor those of heights before it. */
  certified(at: Height): void {
    for (const peer of this.#peers)
      keep(
        peer,
        peer.held.filter((frame) => frame.at! > at),
      );
  }

  #admit(frame: Sending, to: ValidatorIndex): boolean {
    const peer = this.#peers[to]!;
    if (isWithin(frame, peer)) return true;
    const weight = frame.bytes.length + QUEUE_ENTRY_BYTES;
    if (peer.bytes + weight <= HELD_BYTES) {
      peer.bytes += weight;
      peer.held.push(frame);
    }
    return false;
  }
}

function keep(peer: Peer, frames: readonly Sending[]): void {
  peer.held.splice(0, peer.held.length, ...frames);
  peer.bytes = frames.reduce((sum, { bytes }) => sum + bytes.length + QUEUE_ENTRY_BYTES, 0);
}

const isWithin = ({ at }: Sending, { reached }: Peer): boolean =>
  at === undefined || at <= reached + HEIGHT_WINDOW;
