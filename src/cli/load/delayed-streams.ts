import type { NumberedFrame } from '../../host/outbox.ts';
import type { Transport, TransportOwner } from '../../net/transport.ts';
import type { LinkNumbers } from '../../net/wire.ts';
import { type ValidatorIndex, validatorIndex } from '../../params/ids.ts';
import { Links } from '../../sim/links.ts';
import type { Prng } from '../../sim/prng.ts';

/** When what one validator sends may leave for each other one, so that it arrives after the link's latency, in the order of the link. */
export class LinkClock {
  readonly #self: number;
  readonly #links: Links;
  readonly #last: Float64Array;

  /** @param ms one way, from row to column; validator i sits in row i mod their number. ±10 % at random */
  constructor(n: number, self: number, ms: readonly (readonly number[])[], prng: Prng) {
    this.#self = self;
    this.#links = new Links(n, { delay: { kind: 'matrix', ms } }, prng);
    this.#last = new Float64Array(n);
  }

  /** @returns when a frame that is sent now leaves for a validator, ms; never before one that was sent earlier */
  leavesMs(to: number, nowMs: number): number {
    const at = Math.max(this.#last[to]!, this.#links.arrival(this.#self, to, 0, nowMs));
    this.#last[to] = at;
    return at;
  }
}

interface Outgoing {
  /** Number of the newest frame; the first one is 1. */
  last: number;
  /** Not to leave yet, oldest first. */
  held: (NumberedFrame & { readonly leavesMs: number })[];
  /** May leave, and the peer has not said that it has them. */
  waiting: NumberedFrame[];
  timer: NodeJS.Timeout | undefined;
}

/** How often peers are told what has come, ms. */
const ACKNOWLEDGE_MS = 20;

export interface StreamEvents {
  onFrame(from: ValidatorIndex, bytes: Uint8Array): void;
  /** All streams are up. */
  onAllUp(): void;
  /** A stream is over: no validator of a measurement ends one. */
  onDown(peer: ValidatorIndex): void;
}

/**
 * The frames of one validator on the streams of `src/net`, each held back at its sender for the latency of its link. Peers acknowledge what they have, and
 * nothing is stored on a disk.
 */
export class DelayedStreams implements TransportOwner {
  readonly #self: ValidatorIndex;
  readonly #clock: LinkClock;
  readonly #events: StreamEvents;
  readonly #out: readonly Outgoing[];
  readonly #received: Float64Array;
  readonly #unacknowledged = new Set<ValidatorIndex>();
  readonly #up = new Set<ValidatorIndex>();
  readonly #timer: NodeJS.Timeout;
  #transport: Transport | undefined;

  constructor(n: number, self: ValidatorIndex, clock: LinkClock, events: StreamEvents) {
    this.#self = self;
    this.#clock = clock;
    this.#events = events;
    this.#out = Array.from({ length: n }, () => ({ last: 0, held: [], waiting: [], timer: undefined }));
    this.#received = new Float64Array(n);
    this.#timer = setInterval(() => this.#acknowledge(), ACKNOWLEDGE_MS);
  }

  open(transport: Transport): void {
    this.#transport = transport;
    transport.open();
  }

  close(): void {
    clearInterval(this.#timer);
    for (const { timer } of this.#out) clearTimeout(timer);
    this.#transport?.close();
  }

  /** Bytes that have left so far. */
  get bytesOut(): number {
    return (this.#transport?.peers() ?? []).reduce((sum, { bytesOut }) => sum + bytesOut, 0);
  }

  /** To one peer, or to all others. What one says to oneself was heard before it is sent. */
  send(to: ValidatorIndex | 'all', bytes: Uint8Array): void {
    if (to === this.#self) return;
    if (to !== 'all') return this.#hold(to, bytes);
    for (let i = 0; i < this.#out.length; i++) if (i !== this.#self) this.#hold(validatorIndex(i), bytes);
  }

  #hold(to: ValidatorIndex, bytes: Uint8Array): void {
    const out = this.#out[to]!;
    out.last += 1;
    out.held.push({ number: out.last, bytes, leavesMs: this.#clock.leavesMs(to, performance.now()) });
    if (out.timer === undefined) this.#release(to);
  }

  /** Lets go of what is due, and comes back for the rest. */
  #release(to: ValidatorIndex): void {
    const out = this.#out[to]!;
    out.timer = undefined;
    const nowMs = performance.now();
    const later = out.held.findIndex(({ leavesMs }) => leavesMs > nowMs);
    const due = out.held.splice(0, later < 0 ? out.held.length : later);
    for (const frame of due) {
      out.waiting.push(frame);
      this.#transport!.send(to, frame.number, frame.bytes);
    }
    const next = out.held[0];
    if (next !== undefined)
      out.timer = setTimeout(() => this.#release(to), Math.max(0, next.leavesMs - performance.now()));
  }

  #acknowledge(): void {
    for (const peer of this.#unacknowledged) this.#transport?.acknowledge(peer, this.#received[peer]!);
    this.#unacknowledged.clear();
  }

  numbersOf(peer: ValidatorIndex): LinkNumbers {
    const received = this.#received[peer]!;
    return { durable: received, received };
  }

  onUp(peer: ValidatorIndex, { durable }: LinkNumbers): void {
    this.onAcknowledged(peer, durable);
    this.#up.add(peer);
    if (this.#up.size === this.#out.length - 1) this.#events.onAllUp();
  }

  onDown(peer: ValidatorIndex): void {
    this.#up.delete(peer);
    this.#events.onDown(peer);
  }

  onFrame(peer: ValidatorIndex, number: number, bytes: Uint8Array): void {
    if (number <= this.#received[peer]!) return;
    this.#received[peer] = number;
    this.#unacknowledged.add(peer);
    this.#events.onFrame(peer, bytes);
  }

  onAcknowledged(peer: ValidatorIndex, number: number): void {
    const out = this.#out[peer]!;
    const left = out.waiting.findIndex((frame) => frame.number > number);
    out.waiting.splice(0, left < 0 ? out.waiting.length : left);
  }

  waiting(peer: ValidatorIndex, above: number): readonly NumberedFrame[] {
    return this.#out[peer]!.waiting.filter(({ number }) => number > above);
  }
}
