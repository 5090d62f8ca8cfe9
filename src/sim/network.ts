import { type ValidatorIndex, validatorIndex } from '../params/ids.ts';
import { Prng } from './prng.ts';

/** One message on its way, or handed over. */
export interface Delivery<M> {
  readonly from: ValidatorIndex;
  readonly to: ValidatorIndex;
  readonly message: M;
}

/**
 * An asynchronous network in memory: authentic channels, nothing lost, any order. Equal seeds and equal sends give
 * equal deliveries. Messages are handed over as they are, so nobody may write to one that was sent.
 */
export class Network<M> {
  private readonly n: number;
  private readonly prng: Prng;
  private pending: Delivery<M>[] = [];

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
    if (to !== 'all') this.pending.push({ from, to, message });
    else for (let i = 0; i < this.n; i++) this.pending.push({ from, to: validatorIndex(i), message });
  }

  /** @returns any pending message, each equally likely; undefined if there is none. Constant time. */
  next(): Delivery<M> | undefined {
    const last = this.pending.pop();
    if (last === undefined) return undefined;
    const pick = this.prng.below(this.pending.length + 1);
    const picked = this.pending[pick];
    if (picked === undefined) return last;
    this.pending[pick] = last;
    return picked;
  }

  /** @returns all pending messages in the order they were sent: one message delay of a synchronous network. */
  nextRound(): Delivery<M>[] {
    const round = this.pending;
    this.pending = [];
    return round;
  }
}
