import { quorumOf } from '../params/quorum.ts';

/** A property that a run broke. */
export interface Violation {
  readonly property:
    | 'agreement'
    | 'validity'
    | 'total order'
    | 'convergence'
    | 'fault against correct'
    | 'panic'
    | 'budget';
  readonly height: number;
  readonly node: number;
  readonly detail: string;
}

/** One height; counts are what correct validators received from others, the mean over them. */
export interface HeightReport {
  readonly height: number;
  /** Proposals that came out. */
  readonly outputs: number;
  readonly messagesPerNode: number;
  readonly framesPerNode: number;
  readonly bytesPerNode: number;
  /** Messages, one after the other, from the proposals to the last correct validator's output. */
  readonly delays: number;
  /** Virtual time from the last correct output of the height before to the last one of this height. */
  readonly ms: number;
  /** Real coins whose share some correct validator released before all had put the height out. */
  readonly coins: number;
  /** Faults recorded by correct validators. */
  readonly faults: number;
}

/** Counts by height while a simulation runs. */
export class HeightCounts {
  readonly messages: number[] = [];
  readonly frames: number[] = [];
  readonly bytes: number[] = [];
  readonly faults: number[] = [];
  readonly delays: number[] = [];
  readonly lastMs: number[] = [];
  readonly outputs: number[] = [];
  readonly finished: number[] = [];
  private readonly coins: number[] = [];
  /** Coins of heights in progress, so that each counts once. */
  private readonly openCoins = new Map<number, Set<string>>();
  private lastClosed = 0;

  received(height: number, messages: number, bytes: number): void {
    this.messages[height] = (this.messages[height] ?? 0) + messages;
    this.frames[height] = (this.frames[height] ?? 0) + 1;
    this.bytes[height] = (this.bytes[height] ?? 0) + bytes;
  }

  fault(height: number): void {
    this.faults[height] = (this.faults[height] ?? 0) + 1;
  }

  coin(height: number, instance: number, round: number): void {
    if (height <= this.lastClosed) return;
    const seen = this.openCoins.get(height) ?? new Set();
    this.openCoins.set(height, seen.add(`${instance}/${round}`));
    this.coins[height] = seen.size;
  }

  /** All correct validators have put this height out. */
  close(height: number): void {
    this.lastClosed = height;
    this.openCoins.delete(height);
  }

  finish(height: number, outputs: number, depth: number, ms: number): void {
    this.finished[height] = (this.finished[height] ?? 0) + 1;
    this.outputs[height] = outputs;
    this.delays[height] = Math.max(this.delays[height] ?? 0, depth);
    this.lastMs[height] = Math.max(this.lastMs[height] ?? 0, ms);
  }

  /** @param correct validators that are correct */
  report(height: number, correct: number): HeightReport {
    return {
      height,
      outputs: this.outputs[height] ?? 0,
      messagesPerNode: (this.messages[height] ?? 0) / correct,
      framesPerNode: (this.frames[height] ?? 0) / correct,
      bytesPerNode: (this.bytes[height] ?? 0) / correct,
      delays: this.delays[height] ?? 0,
      ms: (this.lastMs[height] ?? 0) - (this.lastMs[height - 1] ?? 0),
      coins: this.coins[height] ?? 0,
      faults: this.faults[height] ?? 0,
    };
  }
}

/** More protocol messages a height and validator than any schedule leads to: 20 rounds of all votes of all agreements. */
export const messageBudget = (n: number): number => (5 + 4 * 20) * n * n + 20 * (quorumOf(n).f + 1) * n;

/** Deliveries in a run of so many heights, at most: each of these messages in a frame of its own, twice over for liars. */
export const eventBudget = (n: number, heights: number): number => 2 * n * (heights + 1) * messageBudget(n);
