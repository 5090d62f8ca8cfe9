import { equalBytes } from '../base/bytes.ts';
import { type Height, height, type ValidatorIndex, validatorIndex } from '../params/ids.ts';
import type { Destination, Sending } from '../validator/out.ts';

/** A frame with its number on the link to each receiver: one number, or for 'all' one a validator, 0 for oneself. */
export interface NumberedSending {
  readonly to: Destination;
  readonly numbers: readonly number[];
  readonly bytes: Uint8Array;
}

/** A frame on one link. */
export interface NumberedFrame {
  readonly number: number;
  readonly bytes: Uint8Array;
}

interface Waiting extends NumberedFrame {
  /** It is dropped when this height is certified. */
  readonly at: number;
}

/** No link has had so many frames: numbers that a peer makes up do not run out. */
const MAX_NUMBER = 2 ** 48;

interface Link {
  /** Number of the newest frame; the first one is 1. */
  last: number;
  /** Up to here frames may leave: what led to them is durable. */
  released: number;
  waiting: Waiting[];
  /** What had been sent when the re-send timer fired last. */
  overdue: number;
}

/** What an outbox is written down as. */
export type OutboxState = readonly { readonly last: number; readonly waiting: readonly Waiting[] }[];

/**
 * Frames on their way to each other validator, until the receiver says that it has them for good. A link hands frames
 * over in their order, so the receiver takes any number above the last one it took and passes over the rest: a frame may be sent
 * again at any time, and one that nobody needs any more may be left out.
 */
export class Outbox {
  readonly #self: ValidatorIndex;
  readonly #links: readonly Link[];

  constructor(n: number, self: ValidatorIndex, state?: OutboxState) {
    this.#self = self;
    this.#links = Array.from({ length: n }, (_, i) => {
      const { last, waiting } = state?.[i] ?? { last: 0, waiting: [] };
      return { last, released: last, waiting: [...waiting], overdue: 0 };
    });
  }

  /**
   * Numbers a frame and keeps it. What belongs to no round is kept until the height after the one in progress is certified: the
   * certificates of a height do not stand for those of the height before, which its signers may lack.
   * A question or an answer that waits already is not kept twice: for a peer that is down waits what there is to say, however
   * often it is said. What one says to oneself is not kept: nothing of it leaves.
   * @param current the height in progress
   */
  add({ to, at, bytes }: Sending, current: Height): NumberedSending {
    const mayRepeat = to !== 'all' || at === undefined;
    const receivers = to === 'all' ? this.#links.keys() : [to];
    const numbers = Array.from(receivers, (peer) => {
      if (peer === this.#self) return 0;
      const link = this.#links[peer]!;
      link.last += 1;
      if (mayRepeat) link.waiting = link.waiting.filter((frame) => !equalBytes(frame.bytes, bytes));
      link.waiting.push({ number: link.last, bytes, at: at ?? height(current + 1) });
      return link.last;
    });
    return { to, numbers, bytes };
  }

  /** A receiver has everything up to a number. One that says so of what was never sent harms itself only. */
  acknowledged(by: ValidatorIndex, number: number): void {
    const link = this.#links[by]!;
    if (link.waiting.length === 0 || link.waiting[0]!.number > number) return;
    link.waiting = link.waiting.filter((frame) => frame.number > number);
  }

  /** Whether a receiver has a frame that was never sent as far as one remembers. One that says so falsely harms itself only. */
  isBeyond(to: ValidatorIndex, number: number): boolean {
    return number > this.#links[to]!.last && number <= MAX_NUMBER;
  }

  /** Numbers go on after the last one that a receiver has: it takes none below. */
  goOnAfter(to: ValidatorIndex, number: number): void {
    const link = this.#links[to]!;
    link.last = Math.max(link.last, number);
    link.released = Math.max(link.released, number);
  }

  /** What led to a frame is durable. @returns to whom it goes now, and its number there */
  release({ to, numbers }: NumberedSending): readonly (readonly [to: ValidatorIndex, number: number])[] {
    return numbers.flatMap((number, i) => {
      const peer = to === 'all' ? validatorIndex(i) : to;
      if (peer === this.#self) return [];
      this.#links[peer]!.released = number;
      return [[peer, number] as const];
    });
  }

  /** Released frames that a receiver has not acknowledged. */
  waiting(to: ValidatorIndex): readonly NumberedFrame[] {
    const { waiting, released } = this.#links[to]!;
    return waiting.filter(({ number }) => number <= released);
  }

  /** Bytes that wait for a receiver. */
  bytesTo(to: ValidatorIndex): number {
    return this.#links[to]!.waiting.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  /** The re-send timer fired: what a receiver has not acknowledged since it fired before. */
  overdue(to: ValidatorIndex): readonly NumberedFrame[] {
    const link = this.#links[to]!;
    const before = link.overdue;
    link.overdue = link.released;
    return link.waiting.filter(({ number }) => number <= before);
  }

  /** A height is certified: the frames of its round are needed by nobody, for whoever lags takes the block. */
  forget(certified: Height): void {
    for (const link of this.#links) link.waiting = link.waiting.filter(({ at }) => at > certified);
  }

  state(): OutboxState {
    return this.#links.map(({ last, waiting }) => ({ last, waiting }));
  }
}
