import type { BitSet } from './votes.ts';

const AUX_SHIFT = 2;
const CONF_SHIFT = 4;
const MASK = 3;

/**
 * One round's votes: a byte a sender (BVAL values, AUX value, CONF set, two bits each) and counts by value.
 * Recording is all it does; the rules are in mmr.ts.
 */
export class RoundVotes {
  private readonly slots: Uint8Array;
  private readonly bvals = [0, 0, 0, 0];
  private readonly auxes = [0, 0, 0, 0];
  private readonly confs = [0, 0, 0, 0];
  /** bin_r, as a mask. */
  bin = 0;
  /** The first member of bin_r: what AUX carries; 0 while there is none. */
  first: BitSet | 0 = 0;
  /** Values this validator has sent BVAL of, as a mask. */
  sentBval = 0;
  sentAux = false;
  sentConf = false;
  /** V, frozen when the coin may be released; 0 before. */
  decided: BitSet | 0 = 0;

  constructor(n: number) {
    this.slots = new Uint8Array(n);
  }

  /** @returns the number of senders of BVAL(b), or 0 if this one is a repetition. */
  addBval(from: number, b: BitSet): number {
    if (this.slots[from]! & b) return 0;
    this.slots[from]! |= b;
    this.bvals[b]! += 1;
    return this.bvals[b]!;
  }

  /** @returns the sender's AUX, or 0: what counts is the first. */
  auxOf(from: number): BitSet | 0 {
    return ((this.slots[from]! >> AUX_SHIFT) & MASK) as BitSet | 0;
  }

  setAux(from: number, b: BitSet): void {
    this.slots[from]! |= b << AUX_SHIFT;
    this.auxes[b]! += 1;
  }

  /** @returns the sender's CONF, or 0: what counts is the first. */
  confOf(from: number): BitSet | 0 {
    return ((this.slots[from]! >> CONF_SHIFT) & MASK) as BitSet | 0;
  }

  setConf(from: number, set: BitSet): void {
    this.slots[from]! |= set << CONF_SHIFT;
    this.confs[set]! += 1;
  }

  /** The values of q AUX within bin_r; 0 while there are fewer. NOT bin_r itself: a value nobody's AUX carries stays out. */
  auxValues(q: number): BitSet | 0 {
    const zeros = this.bin & 1 ? this.auxes[1]! : 0;
    const ones = this.bin & 2 ? this.auxes[2]! : 0;
    if (zeros + ones < q) return 0;
    return ((zeros > 0 ? 1 : 0) | (ones > 0 ? 2 : 0)) as BitSet;
  }

  /** The union of q CONF sets within bin_r; 0 while there are fewer. */
  confValues(q: number): BitSet | 0 {
    const zeros = this.bin & 1 ? this.confs[1]! : 0;
    const ones = this.bin & 2 ? this.confs[2]! : 0;
    const both = this.bin === MASK ? this.confs[3]! : 0;
    if (zeros + ones + both < q) return 0;
    return (both > 0 ? MASK : (zeros > 0 ? 1 : 0) | (ones > 0 ? 2 : 0)) as BitSet;
  }
}
