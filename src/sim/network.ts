import { type ValidatorIndex, validatorIndex } from '../params/ids.ts';
import { Prng } from './prng.ts';

/** One message handed over. */
export interface Delivery<M> {
  readonly from: ValidatorIndex;
  readonly to: ValidatorIndex;
  readonly message: M;
}

/** A message as it was sent, with the number of receivers that still wait for it. */
interface Sent<M> {
  readonly from: ValidatorIndex;
  readonly message: M;
  waiting: number;
}

/**
 * An asynchronous network in memory: authentic channels, nothing lost, any order. Equal seeds and equal sends give
 * equal deliveries. Messages are handed over as they are, so nobody may write to one that was sent.
 * A pending delivery is one integer, slot · n + receiver: a multicast is kept once, and a million deliveries on
 * their way are one flat array.
 */
export class Network<M> {
  private readonly n: number;
  private readonly prng: Prng;
  private pending: number[] = [];
  private readonly slots: (Sent<M> | undefined)[] = [];
  private readonly freeSlots: number[] = [];

  /** @param n validators; `'all'` means every one of them, the sender included */
  constructor({ n, seed }: { n: number; seed: number }) {
    this.n = n;
    this.prng = new Prng(seed);
  }

  /** Messages on their way. */
  get size(): number {
    return this.pending.length;
  }

  send(from: ValidatorIndex, to: ValidatorIndex | 'all', message: M): void {
    const slot = this.freeSlots.pop() ?? this.slots.length;
    this.slots[slot] = { from, message, waiting: to === 'all' ? this.n : 1 };
    if (to !== 'all') this.pending.push(slot * this.n + to);
    else for (let i = 0; i < this.n; i++) this.pending.push(slot * this.n + i);
  }

  /** @returns any pending message, each equally likely; undefined if there is none. Constant time. */
  next(): Delivery<M> | undefined {
    const last = this.pending.pop();
    if (last === undefined) return undefined;
    const pick = this.prng.below(this.pending.length + 1);
    const picked = this.pending[pick];
    if (picked === undefined) return this.handOver(last);
    this.pending[pick] = last;
    return this.handOver(picked);
  }

  /** @returns all pending messages in the order they were sent: one message delay of a synchronous network. */
  nextRound(): Delivery<M>[] {
    const round = this.pending;
    this.pending = [];
    return round.map((entry) => this.handOver(entry));
  }

  private handOver(entry: number): Delivery<M> {
    const slot = Math.floor(entry / this.n);
    const sent = this.slots[slot]!;
    sent.waiting -= 1;
    if (sent.waiting === 0) {
      this.slots[slot] = undefined;
      this.freeSlots.push(slot);
    }
    return { from: sent.from, to: validatorIndex(entry % this.n), message: sent.message };
  }
}
