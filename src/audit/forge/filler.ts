import type { FactStore } from '../prove/fact-store.ts';
import type { ConstraintSystem } from '../system/system.ts';
import { Attempt, type FillOptions, PATIENCE, type PartialValues } from './attempt.ts';

export interface Filled {
  readonly values: bigint[];
  readonly guessed: readonly number[];
}

/** Guesses in one attempt, at most. */
const MAX_GUESSES = 4000;
/** Guesses before which linear constraints are solved together; of a small system, before each. */
const SOLVED_TOGETHER = 2;
export const SMALL_SYSTEM = 300;

/** Finds values for the wires that have none, so that the constraints hold: what follows is put in, the rest is guessed. */
export class Filler {
  private readonly system: ConstraintSystem;
  private readonly store: FactStore;
  private readonly draw: (below: bigint) => bigint;
  private readonly isOver: () => boolean;
  /** Wires with a range, but too many values to try; and all wires, what is asked for last. */
  private readonly ranged: readonly number[];
  private readonly rest: readonly number[];

  constructor(store: FactStore, draw: (below: bigint) => bigint, isOver: () => boolean) {
    this.system = store.system;
    const { wireCount, targets, resolve } = store.system;
    const last = new Set(targets.map((wire) => resolve(wire).wire));
    const all = Array.from({ length: wireCount - 1 }, (_, i) => i + 1).filter(
      (wire) => resolve(wire).wire === wire && !last.has(wire),
    );
    this.ranged = all.filter((wire) => store.setOf(wire) === undefined && store.rangeOf(wire) !== undefined);
    this.rest = [...all, ...last];
    this.store = store;
    this.draw = draw;
    this.isOver = isOver;
  }
  /** Values that facts leave to a wire, if they are few. */
  domain(wire: number): readonly bigint[] | undefined {
    return this.store.setOf(wire);
  }
  /** @returns values of all wires, undefined if the attempt met a contradiction or took too long */
  complete(start: PartialValues, options: FillOptions = {}): bigint[] | undefined {
    return this.fill(start, options)?.values;
  }
  /** As `complete`, with the wires that were guessed, in their order: all others followed from these. */
  fill(start: PartialValues, options: FillOptions = {}): Filled | undefined {
    let { retreats } = options.patience ?? PATIENCE;
    const run = new Attempt(this.system, this.store, this.draw, start, {
      // What an order says goes before what has a range.
      first: options.first ?? (options.order === undefined ? this.ranged : []),
      order: options.order ?? [],
      rest: this.rest,
    });
    for (let guesses = 0; guesses < MAX_GUESSES; guesses++) {
      if (this.isOver()) return undefined;
      const isTogether = guesses < SOLVED_TOGETHER || this.system.constraints.length <= SMALL_SYSTEM;
      const told = run.propagate(this.isOver) ? isTogether && run.together() : undefined;
      if (told === true) continue;
      if (told === false) {
        const wire = run.next(options.poles ?? []);
        if (wire === undefined) return { values: run.values as bigint[], guessed: run.guessed };
        if (run.decide(wire, options)) continue;
      }
      if (retreats-- <= 0 || !run.retreat(options)) return undefined;
    }
    return undefined;
  }
}
