import type { ValidatorIndex } from '../params/ids.ts';
import { EventQueue } from './event-queue.ts';
import type { Packet } from './packet.ts';

/** A packet with who sent it, the length of the chain of messages that led to it, and its number in the run. */
export interface Parcel<M> {
  readonly packet: Packet<M>;
  readonly from: ValidatorIndex;
  readonly depth: number;
  readonly number: number;
  waiting: number;
}

/**
 * What is on its way. A multicast is kept once, until its last receiver has it; a delivery is one integer ≥ 0,
 * slot · n + receiver.
 */
export class InFlight<M> {
  private readonly n: number;
  private readonly queue = new EventQueue();
  private readonly slots: (Parcel<M> | undefined)[] = [];
  private readonly freeSlots: number[] = [];
  private sent = 0;

  constructor(n: number) {
    this.n = n;
  }

  /** Deliveries on their way. */
  get size(): number {
    return this.queue.size;
  }

  /** Slots ever used at once: what the packets on their way have cost at most. */
  get mostParcels(): number {
    return this.slots.length;
  }

  /** Key of the next event; only if there is one. */
  get nextKey(): number {
    return this.queue.nextKey;
  }

  /** Takes out the next event; only if there is one. */
  next(): number {
    return this.queue.pop();
  }

  /** Opens a slot for a packet; `push` its deliveries before the next event is taken out. */
  open(packet: Packet<M>, from: ValidatorIndex, depth: number): number {
    const slot = this.freeSlots.pop() ?? this.slots.length;
    this.slots[slot] = { packet, from, depth, number: this.sent++, waiting: 0 };
    return slot;
  }

  push(key: number, slot: number, to: number): void {
    this.slots[slot]!.waiting += 1;
    this.queue.push(key, slot * this.n + to);
  }

  /** Gives a slot back that nobody receives from. */
  close(slot: number): void {
    if (this.slots[slot]!.waiting === 0) this.release(slot);
  }

  receiverOf(event: number): number {
    return event % this.n;
  }

  parcelOf(event: number): Parcel<M> {
    return this.slots[(event - (event % this.n)) / this.n]!;
  }

  /** A delivery is made. */
  arrived(event: number): void {
    const slot = (event - (event % this.n)) / this.n;
    const parcel = this.slots[slot]!;
    parcel.waiting -= 1;
    if (parcel.waiting === 0) this.release(slot);
  }

  private release(slot: number): void {
    this.slots[slot] = undefined;
    this.freeSlots.push(slot);
  }
}
