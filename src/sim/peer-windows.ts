import type { ValidatorIndex } from '../params/ids.ts';
import type { Packet } from './packet.ts';

/** Heights ahead of its own that a validator takes packets of, if nothing else is said. */
export const PACKET_WINDOW = 16;

interface Waiting<M> {
  readonly packet: Packet<M>;
  readonly depth: number;
}
interface Peer<M> {
  /** The least height it can be at. */
  reached: number;
  waiting: Waiting<M>[];
  /** The next height to tell it about when its machine is gone; the next one to serve. */
  nextDone: number;
  nextServed: number;
}

/**
 * What the sender keeps back beyond each receiver's window: packets of the one or two heights that have machines here.
 * Of older heights only the output is kept, so a peer that lags costs at most two heights' packets, however far it lags.
 */
export class PeerWindows<M> {
  private readonly peers: Peer<M>[];
  private readonly self: ValidatorIndex;
  private readonly window: number;
  private lowest = 1;

  /** @param window heights ahead of its own that a validator takes packets of */
  constructor(n: number, self: ValidatorIndex, window: number = PACKET_WINDOW) {
    this.self = self;
    this.window = window;
    this.peers = Array.from({ length: n }, () => ({ reached: 1, waiting: [], nextDone: 1, nextServed: 1 }));
  }

  /** Packets kept back now. */
  get withheld(): number {
    return this.peers.reduce((sum, { waiting }) => sum + waiting.length, 0);
  }

  /** @returns whether this is news */
  reached(by: ValidatorIndex, height: number): boolean {
    const peer = this.peers[by]!;
    if (height <= peer.reached) return false;
    const wasLowest = peer.reached === this.lowest;
    peer.reached = height;
    if (wasLowest) this.findLowest();
    return true;
  }

  allWithin(height: number): boolean {
    return height <= this.lowest + this.window;
  }

  /** @returns whether the packet may go to this peer now; else it is kept */
  passes(to: ValidatorIndex, packet: Packet<M>, depth: number): boolean {
    const peer = this.peers[to]!;
    if (to === this.self || packet.height <= peer.reached + this.window) return true;
    peer.waiting.push({ packet, depth });
    return false;
  }

  /** Takes out what the peer may be sent now. */
  due(to: ValidatorIndex): Waiting<M>[] {
    const peer = this.peers[to]!;
    if (peer.waiting.length === 0) return [];
    const due = peer.waiting.filter(({ packet }) => packet.height <= peer.reached + this.window);
    peer.waiting = peer.waiting.filter(({ packet }) => packet.height > peer.reached + this.window);
    return due;
  }

  /** The machine of a height is gone; its output stands for it. */
  forget(height: number): void {
    for (const peer of this.peers) {
      if (peer.waiting.length > 0) peer.waiting = peer.waiting.filter(({ packet }) => packet.height > height);
    }
  }

  /** Takes out the heights up to `last` that the peer has not finished, within its window: it is told of each once. */
  dones(to: ValidatorIndex, last: number): number[] {
    const peer = this.peers[to]!;
    peer.nextDone = Math.max(peer.nextDone, peer.reached);
    const heights: number[] = [];
    while (peer.nextDone <= Math.min(last, peer.reached + this.window)) heights.push(peer.nextDone++);
    return heights;
  }

  /** Whether an output may be served: each height once, upwards. */
  serves(to: ValidatorIndex, height: number): boolean {
    const peer = this.peers[to]!;
    if (height < peer.nextServed) return false;
    peer.nextServed = height + 1;
    return true;
  }

  private findLowest(): void {
    this.lowest = Number.POSITIVE_INFINITY;
    this.peers.forEach(({ reached }, i) => {
      if (i !== this.self) this.lowest = Math.min(this.lowest, reached);
    });
  }
}
