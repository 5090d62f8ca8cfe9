import type { BitSet } from './votes.ts';

/** The first TERM of every sender as plain data: {b}, 0 for none, and its round. */
export type TermsState = {
  readonly terms: Uint8Array;
  readonly termRounds: readonly number[];
};

/** The first TERM(b, r) of every sender, and how many say which b. Recording is all it does; the rules are in mmr.ts. */
export class Terms {
  private readonly values: Uint8Array;
  private readonly rounds: Uint16Array;
  private readonly counts = [0, 0, 0, 0];

  /** @param n senders */
  constructor(n: number) {
    this.values = new Uint8Array(n);
    this.rounds = new Uint16Array(n);
  }

  /** May share memory with this: encode it before the next TERM. */
  state(): TermsState {
    return { terms: this.values, termRounds: [...this.rounds] };
  }

  static restore({ terms, termRounds }: TermsState): Terms {
    const restored = new Terms(terms.length);
    terms.forEach((b, from) => {
      if (b !== 0) restored.add(from, b as BitSet, termRounds[from]!);
    });
    return restored;
  }

  /** Senders of any TERM. */
  get size(): number {
    return this.counts[1]! + this.counts[2]!;
  }

  /** @returns the sender's {b}, or 0: what counts is the first. */
  of(from: number): BitSet | 0 {
    return this.values[from]! as BitSet | 0;
  }

  /** The round of the sender's TERM. */
  roundOf(from: number): number {
    return this.rounds[from]!;
  }

  /** @returns the number of senders of TERM(b, ·). */
  add(from: number, b: BitSet, round: number): number {
    this.values[from] = b;
    this.rounds[from] = round;
    this.counts[b]! += 1;
    return this.counts[b]!;
  }

  /** @returns the sender's {b} if its TERM stands for its votes of this round, or 0. */
  standsIn(from: number, round: number): BitSet | 0 {
    return this.rounds[from]! < round ? this.of(from) : 0;
  }
}
