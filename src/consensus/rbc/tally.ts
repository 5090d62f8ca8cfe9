import { equalBytes } from '../../base/bytes.ts';

const NONE = -1;

/** A tally as plain data: distinct digests, and of every sender the position of its digest, −1 for none. */
export type DigestTallyState = {
  readonly digests: readonly Uint8Array[];
  readonly choice: readonly number[];
};

/**
 * First digest of every sender, and how many senders share one. Memory: a byte or two a sender and 32 bytes a
 * distinct digest, of which there are at most as many as senders.
 */
export class DigestTally {
  private readonly digests: Uint8Array[] = [];
  private readonly counts: number[] = [];
  private readonly choice: Int16Array;
  private total = 0;

  /** @param n number of senders */
  constructor(n: number) {
    this.choice = new Int16Array(n).fill(NONE);
  }

  /** May share memory with the tally: encode it before the next digest. */
  state(): DigestTallyState {
    return { digests: this.digests, choice: [...this.choice] };
  }

  /** @param state of a tally over as many senders */
  static restore({ digests, choice }: DigestTallyState): DigestTally {
    const tally = new DigestTally(choice.length);
    choice.forEach((digest, from) => {
      tally.choice[from] = digest;
      if (digest !== NONE) tally.total += 1;
    });
    digests.forEach((digest, index) => {
      tally.digests.push(digest);
      tally.counts.push(choice.filter((chosen) => chosen === index).length);
    });
    return tally;
  }

  /** Senders counted, whatever their digest. */
  get size(): number {
    return this.total;
  }

  /** @returns 'counted', 'repeated' (the same digest again) or 'different' (a second digest, not counted). */
  add(from: number, digest: Uint8Array): 'counted' | 'repeated' | 'different' {
    const before = this.choice[from]!;
    if (before !== NONE) return equalBytes(this.digests[before]!, digest) ? 'repeated' : 'different';
    let index = 0;
    while (index < this.digests.length && !equalBytes(this.digests[index]!, digest)) index++;
    if (index === this.digests.length) {
      this.digests.push(digest.slice());
      this.counts.push(0);
    }
    this.choice[from] = index;
    this.counts[index] = this.counts[index]! + 1;
    this.total += 1;
    return 'counted';
  }

  /** @returns what the sender sent first. */
  of(from: number): Uint8Array | undefined {
    return this.digests[this.choice[from]!];
  }

  /** @returns how many senders share the sender's digest. */
  supportOf(from: number): number {
    return this.counts[this.choice[from]!] ?? 0;
  }

  /** @returns whether this sender sent this digest. */
  has(from: number, digest: Uint8Array): boolean {
    const own = this.of(from);
    return own !== undefined && equalBytes(own, digest);
  }
}
