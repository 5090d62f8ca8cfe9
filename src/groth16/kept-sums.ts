/**
 * Sums of the signals that stay the same from one proof of a key to the next: a validator's ballots have its path in the
 * committee's tree in common, which is three quarters of their witness. Where at least half of the signals of two proofs
 * in a row are equal, their part of each sum is made apart and kept; later proofs with the same values add up the other
 * signals and what is kept.
 */
import { littleEndian } from '../base/bytes.ts';
import { q } from '../params/fields.ts';
import { EL } from '../wasm/field-constants.ts';
import type { Kernels } from '../wasm/kernels.ts';

/** Points of one multi-scalar multiplication, in the kernels' memory. */
export interface KeyPoints {
  readonly points: number;
  /** Of each point, which scalar is its. */
  readonly indexes: number;
  readonly count: number;
}

/** A and B on G1, B on G2, C with H: the sums of a proof. */
export type SumName = 'A' | 'B1' | 'B2' | 'CH';
export type NamedBases = { readonly [K in SumName]?: KeyPoints };

/** Affine coordinates, 32 bytes little-endian each; undefined is infinity. */
export type Sum = Uint8Array | undefined;
export type MakeSum = (name: SumName, bases: KeyPoints) => Sum;

const NAMES = ['A', 'B1', 'B2', 'CH'] as const;
/** Bytes of a base with its image. */
const bytesOf = (name: SumName): number => 2 * (name === 'B2' ? 4 : 2) * EL;

/** Chooses the bases of each proof of one key. It holds the witness of the last proof, which is secret. */
export class KeptSums {
  readonly #kernels: Kernels;
  readonly #all: NamedBases;
  readonly #signals: number;
  readonly #one: number;
  /** Where the bases of signals that are not kept lie, and behind them the sum that is kept. */
  readonly #room: { readonly [K in SumName]?: { readonly points: number; readonly indexes: number } };
  #last: BigUint64Array | undefined;
  /** Signals whose sum is kept, and the bases beside it. */
  #kept: { readonly signals: readonly number[]; readonly bases: NamedBases } | undefined;

  /**
   * @param all scalars of bases are those of the signals first, then others, which are never kept
   * @param one which scalar is 1
   */
  constructor(kernels: Kernels, all: NamedBases, signals: number, one: number) {
    this.#kernels = kernels;
    this.#all = all;
    this.#signals = signals;
    this.#one = one;
    const room: { -readonly [K in SumName]?: { points: number; indexes: number } } = {};
    for (const [name, count] of this.#counts())
      room[name] = {
        points: kernels.alloc(bytesOf(name) * (count + 1)),
        indexes: kernels.alloc(4 * (count + 1)),
      };
    this.#room = room;
  }

  /**
   * The bases whose sums with the scalars at hand are this proof's.
   * @param witness 32 bytes a signal; secret
   * @param makeSum a sum with the scalars of this witness
   */
  basesFor(witness: Uint8Array, makeSum: MakeSum): NamedBases {
    const words = new BigUint64Array(new Uint8Array(witness).buffer);
    const last = this.#last;
    this.#last = words;
    if (last === undefined) return this.#all;
    if (this.#kept?.signals.every((i) => isEqual(words, last, i)) === true) return this.#kept.bases;
    const signals = Array.from({ length: this.#signals }, (_, i) => i).filter((i) => isEqual(words, last, i));
    // What was kept is written over, and a sum may fail for want of memory.
    this.#kept = undefined;
    if (2 * signals.length < this.#signals) return this.#all;
    const bases = this.#keep(new Set(signals), makeSum);
    this.#kept = { signals, bases };
    return bases;
  }

  #counts(): [SumName, number][] {
    return NAMES.flatMap((name) => {
      const bases = this.#all[name];
      return bases === undefined ? [] : [[name, bases.count]];
    });
  }

  #keep(signals: ReadonlySet<number>, makeSum: MakeSum): NamedBases {
    const rest: { -readonly [K in SumName]?: KeyPoints } = {};
    for (const [name] of this.#counts()) {
      const [from, { points, indexes }] = [this.#all[name]!, this.#room[name]!];
      // One room serves both: the bases to be kept until their sum is made, then the others.
      const isKept = (scalar: number): boolean => signals.has(scalar);
      const sum = makeSum(name, { points, indexes, count: this.#gather(name, from, isKept) });
      const count = this.#gather(name, from, (scalar) => !isKept(scalar));
      rest[name] = { points, indexes, count: count + (sum === undefined ? 0 : this.#add(name, count, sum)) };
    }
    return rest;
  }

  /** Copies the bases of some scalars into their room. @returns how many */
  #gather(name: SumName, from: KeyPoints, isWanted: (scalar: number) => boolean): number {
    const { points, indexes } = this.#room[name]!;
    const { buffer } = this.#kernels.exports.memory;
    const [memory, view] = [new Uint8Array(buffer), new DataView(buffer)];
    const size = bytesOf(name);
    let count = 0;
    for (let i = 0; i < from.count; i++) {
      const scalar = view.getUint32(from.indexes + 4 * i, true);
      if (!isWanted(scalar)) continue;
      memory.copyWithin(points + size * count, from.points + size * i, from.points + size * (i + 1));
      view.setUint32(indexes + 4 * count, scalar, true);
      count += 1;
    }
    return count;
  }

  /** The kept sum as a base whose scalar is 1. @returns 1 */
  #add(name: SumName, at: number, sum: Uint8Array): number {
    const { exports, [name === 'B2' ? 'g2' : 'g1']: group } = this.#kernels;
    const load = name === 'B2' ? exports.loadBasesG2 : exports.loadBasesG1;
    const { points, indexes } = this.#room[name]!;
    const mark = exports.mark();
    const words = this.#kernels.put(inStockForm(sum));
    load(points + bytesOf(name) * at, indexes + 4 * at, words, 1, this.#one, group.beta, group.b);
    exports.release(mark);
    return 1;
  }
}

/** Whether a signal has the same value in both. */
const isEqual = (a: BigUint64Array, b: BigUint64Array, signal: number): boolean => {
  const at = 4 * signal;
  return a[at] === b[at] && a[at + 1] === b[at + 1] && a[at + 2] === b[at + 2] && a[at + 3] === b[at + 3];
};

/** Coordinates times 2^256, as proving keys have them. */
function inStockForm(sum: Uint8Array): Uint8Array {
  const words = new BigUint64Array(new Uint8Array(sum).buffer);
  return littleEndian(
    Array.from({ length: sum.length / 32 }, (_, i) => {
      const [a, b, c, d] = words.subarray(4 * i, 4 * i + 4) as unknown as [bigint, bigint, bigint, bigint];
      return ((a | (b << 64n) | (c << 128n) | (d << 192n)) << 256n) % q;
    }),
  );
}
