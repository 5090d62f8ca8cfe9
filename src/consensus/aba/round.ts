import type { BitSet } from './votes.ts';

const AUX_SHIFT = 2;
const CONF_SHIFT = 4;
const FIRST = 64;
const SPOKE = 128;
const MASK = 3;
// Counts of senders by value, behind the senders' bytes: four cells a kind. No BVAL is of the set 0, so its cell counts speakers.
const SPEAKER_COUNT = 0;
const AUX_COUNTS = 4;
const CONF_COUNTS = 8;
const COUNT_CELLS = 12;

/** One round's votes as plain data; the fields are those of RoundVotes. */
export type RoundVotesState = {
  readonly cells: Uint8Array;
  readonly bin: number;
  readonly first: BitSet | 0;
  readonly sentBval: number;
  readonly sentAux: boolean;
  readonly sentConf: boolean;
  readonly values: BitSet | 0;
};

/**
 * One round's votes: a byte a sender (BVAL values, AUX value, CONF set, two bits each, FIRST, spoke) and counts by value, in one
 * array, for liars may make us keep a window of rounds. Recording is all it does; the rules are in mmr.ts.
 */
export class RoundVotes {
  private readonly cells: Uint8Array;
  private readonly counts: number;
  /** bin_r, as a mask. */
  bin = 0;
  /** The first member of bin_r: what AUX carries; 0 while there is none. */
  first: BitSet | 0 = 0;
  /** Values this validator has sent BVAL of, as a mask. */
  sentBval = 0;
  sentAux = false;
  sentConf = false;
  /** V, frozen when the coin may be released; 0 before. */
  values: BitSet | 0 = 0;

  /** @param n senders, at most 255: counts are bytes */
  constructor(n: number) {
    this.cells = new Uint8Array(n + COUNT_CELLS);
    this.counts = n;
  }

  /** May share memory with the round: encode it before the next vote. */
  state(): RoundVotesState {
    const { cells, bin, first, sentBval, sentAux, sentConf, values } = this;
    return { cells, bin, first, sentBval, sentAux, sentConf, values };
  }

  /** @param state of a round with as many senders */
  static restore(n: number, { cells, ...rest }: RoundVotesState): RoundVotes {
    const round = new RoundVotes(n);
    round.cells.set(cells);
    Object.assign(round, rest);
    return round;
  }

  /** @returns the number of senders of BVAL(b), or 0 if this one is a repetition. */
  addBval(from: number, b: BitSet): number {
    if (this.cells[from]! & b) return 0;
    this.cells[from]! |= b;
    this.cells[this.counts + b]! += 1;
    return this.cells[this.counts + b]!;
  }

  /** @returns whether this is the sender's first FIRST. */
  addFirst(from: number): boolean {
    if (this.cells[from]! & FIRST) return false;
    this.cells[from]! |= FIRST;
    return true;
  }

  /** The sender sent an AUX or CONF of this round itself, as against a TERM that stands for one. */
  addSpeaker(from: number): void {
    if (this.cells[from]! & SPOKE) return;
    this.cells[from]! |= SPOKE;
    this.cells[this.counts + SPEAKER_COUNT]! += 1;
  }

  /** Senders of an AUX or CONF message. */
  get speakers(): number {
    return this.cells[this.counts + SPEAKER_COUNT]!;
  }

  /** @returns the sender's AUX, or 0: what counts is the first. */
  auxOf(from: number): BitSet | 0 {
    return ((this.cells[from]! >> AUX_SHIFT) & MASK) as BitSet | 0;
  }

  setAux(from: number, b: BitSet): void {
    this.cells[from]! |= b << AUX_SHIFT;
    this.cells[this.counts + AUX_COUNTS + b]! += 1;
  }

  /** @returns the sender's CONF, or 0: what counts is the first. */
  confOf(from: number): BitSet | 0 {
    return ((this.cells[from]! >> CONF_SHIFT) & MASK) as BitSet | 0;
  }

  setConf(from: number, set: BitSet): void {
    this.cells[from]! |= set << CONF_SHIFT;
    this.cells[this.counts + CONF_COUNTS + set]! += 1;
  }

  /** The values of q AUX within bin_r; 0 while there are fewer. NOT bin_r itself: a value nobody's AUX carries stays out. */
  auxValues(q: number): BitSet | 0 {
    return this.unionWithinBin(AUX_COUNTS, q);
  }

  /** The union of q CONF sets within bin_r; 0 while there are fewer. */
  confValues(q: number): BitSet | 0 {
    return this.unionWithinBin(CONF_COUNTS, q);
  }

  /** Union of the sets S ⊆ bin_r that have senders, if these are q together; else 0. */
  private unionWithinBin(kind: number, q: number): BitSet | 0 {
    let senders = 0;
    let union = 0;
    for (let set = 1; set <= MASK; set++) {
      const count = this.cells[this.counts + kind + set]!;
      if (count === 0 || set & ~this.bin) continue;
      senders += count;
      union |= set;
    }
    return senders >= q ? (union as BitSet) : 0;
  }
}
