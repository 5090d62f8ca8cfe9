import type { FactStore } from '../prove/fact-store.ts';
import { addScaled, addTerm, type LinearForm } from '../system/linear-form.ts';
import type { ConstraintSystem } from '../system/system.ts';
import { solveRows } from './linear-rows.ts';
import { evaluatePoly, rootsOfPoly } from './polynomial.ts';
import { type DigitRange, digitsOf, spelledSum } from './spelled.ts';

/** Values by wire; what is not there is to be found. */
export type PartialValues = (bigint | undefined)[];

export interface FillOptions {
  /** Values to prefer where a wire may have any. */
  readonly hint?: PartialValues;
  /** Wires to guess before what a factor of 0 frees, instead of those with a range. */
  readonly first?: readonly number[];
  /** Wires to guess next. */
  readonly order?: readonly number[];
  /** Wires to guess before all others, once a factor that is 0 has freed them. */
  readonly poles?: readonly number[];
  /** Prefer anything else to the hint. */
  readonly vary?: boolean;
  /** Contradictions after which a guess is taken back, at most; and values of one wire that are tried then, where facts leave it many. */
  readonly patience?: { readonly retreats: number; readonly values: number };
}

/** Wires to guess: the first ones; those of an order; all. */
interface Turns {
  readonly first: readonly number[];
  readonly order: readonly number[];
  readonly rest: readonly number[];
}

/** Terms of a constraint that is solved together with others, and how many of them, at most. */
const MAX_ROW = 8;
const MAX_ROWS = 80;
/** Terms from which a sum of bits with a wire that need not be one is spelled as if it were. */
const LEAST_SUGGESTED = 3;
/** Little, for many attempts: whoever makes one that matters says more. */
export const PATIENCE = { retreats: 4, values: 2 } as const;

/** A form with known wires put in: what is known of it, and the rest. */
interface Half {
  readonly known: bigint;
  readonly open: LinearForm;
}

interface Guess {
  readonly wire: number;
  /** How many wires had a value before, and where the turns were. */
  readonly trail: number;
  readonly turns: readonly number[];
  readonly tried: readonly bigint[];
}

/** One attempt at a witness: values that follow or were guessed, and guesses that can be taken back. */
export class Attempt {
  readonly values: PartialValues;
  private readonly system: ConstraintSystem;
  private readonly store: FactStore;
  private readonly draw: (below: bigint) => bigint;
  private queue: number[];
  private readonly isQueued: Uint8Array;
  private readonly choices = new Set<number>();
  /** Wires in the order in which they got their values, and the guesses among them. */
  private readonly trail: number[] = [];
  private readonly guesses: Guess[] = [];
  /** Wires whose guesses were contradicted: what is guessed for others may tell them. */
  private readonly postponed = new Set<number>();
  /** Digits of sums in which one wire is not known to be a digit, as if it were a bit; and the sums of which they are. */
  private readonly suggested = new Map<number, bigint>();
  private readonly suggestedOf = new Set<string>();
  private readonly freed: number[] = [];
  /** Lists of wires to guess, one after the other, and how far each of them is. */
  private readonly lists: readonly (readonly number[])[];
  private turns: number[] = [0, 0, 0];

  constructor(
    system: ConstraintSystem,
    store: FactStore,
    draw: (below: bigint) => bigint,
    start: PartialValues,
    { first, order, rest }: Turns,
  ) {
    this.lists = [first, order, rest];
    this.system = system;
    this.store = store;
    this.draw = draw;
    this.values = Array.from({ length: system.wireCount }, (_, wire) => (wire === 0 ? 1n : start[wire]));
    this.queue = [...system.constraints.keys()];
    this.isQueued = new Uint8Array(system.constraints.length).fill(1);
  }
  /** Wires that were guessed, in their order: all others followed from these. */
  get guessed(): number[] {
    return this.guesses.map(({ wire }) => wire);
  }
  /** Guesses a wire. @returns false if no value is left for it */
  decide(wire: number, options: FillOptions, tried: readonly bigint[] = []): boolean {
    const value = this.guess(wire, options, tried);
    if (value === undefined) return false;
    this.guesses.push({ wire, trail: this.trail.length, turns: [...this.turns], tried: [...tried, value] });
    this.set(wire, value);
    return true;
  }
  /** After a contradiction: the last guess becomes another one, or waits for what others tell. @returns false if there is none to take back */
  retreat(options: FillOptions): boolean {
    for (const index of this.queue) this.isQueued[index] = 0;
    this.queue = [];
    for (let last = this.guesses.pop(); last !== undefined; last = this.guesses.pop()) {
      const { wire, trail, turns, tried } = last;
      this.turns = [...turns];
      for (const undone of this.trail.splice(trail)) this.values[undone] = undefined;
      const few = this.store.setOf(wire);
      if (
        (few !== undefined || tried.length < (options.patience ?? PATIENCE).values) &&
        this.decide(wire, options, tried)
      )
        return true;
      if (few !== undefined || this.postponed.has(wire)) continue;
      this.postponed.add(wire);
      return true;
    }
    return false;
  }
  private set(wire: number, value: bigint): void {
    this.values[wire] = value;
    this.trail.push(wire);
    for (const index of this.system.readers[wire]!)
      if (this.isQueued[index] === 0) {
        this.isQueued[index] = 1;
        this.queue.push(index);
      }
  }
  propagate(isOver: () => boolean): boolean {
    let head = 0;
    for (; head < this.queue.length; head++) {
      if ((head & 255) === 255 && isOver()) return false;
      const index = this.queue[head]!;
      this.isQueued[index] = 0;
      if (!this.look(index)) return false;
    }
    this.queue = [];
    return true;
  }
  private half(form: LinearForm): Half {
    let known = 0n;
    const open = new Map<number, bigint>();
    for (const [wire, c] of form) {
      const value = wire === 0 ? 1n : this.values[wire];
      if (value === undefined) open.set(wire, c);
      else known += c * value;
    }
    return { known: known % this.system.field.p, open };
  }
  /** @returns false if the constraint cannot hold any more */
  private look(index: number): boolean {
    const { field } = this.system;
    const [a, b, c] = this.halves(index);
    const constant = field.mod(a.known * b.known - c.known);
    if (a.open.size > 0 && b.open.size > 0) {
      const wire = single(a, b, c);
      if (wire === undefined) return true;
      const roots = this.roots(wire, a, b, c);
      if (roots === undefined) return true;
      if (roots.length === 0) return false;
      if (roots.length === 1) this.set(wire, roots[0]!);
      else if (this.store.setOf(wire) === undefined) this.choices.add(wire);
      return true;
    }
    const sum = this.linear(a, b, c);
    if (sum.size === 0) {
      if (constant !== 0n) return false;
      for (const { open } of [a, b]) this.freed.push(...open.keys());
      return true;
    }
    if (sum.size > 1) return this.spell(index, sum, constant);
    const [[wire, by]] = [...sum] as [[number, bigint]];
    const value = field.mod(-constant * field.inv(by));
    if (this.store.setOf(wire)?.includes(value) === false) return false;
    this.set(wire, value);
    return true;
  }
  private halves(index: number): readonly [Half, Half, Half] {
    const { a, b, c } = this.system.constraints[index]!;
    return [this.half(a), this.half(b), this.half(c)];
  }
  /** What a constraint with one open factor says of open wires, its constant left out. */
  private linear(a: Half, b: Half, c: Half): Map<number, bigint> {
    const { field } = this.system;
    const sum = new Map<number, bigint>();
    addScaled(field, sum, b.open, a.known);
    addScaled(field, sum, a.open, b.known);
    addScaled(field, sum, c.open, field.p - 1n);
    return sum;
  }
  /** Solves linear constraints together. @returns whether that told any wire, undefined if they contradict one another */
  together(): boolean | undefined {
    const { field, constraints } = this.system;
    const rows: LinearForm[] = [];
    for (const index of constraints.keys()) {
      const [a, b, c] = this.halves(index);
      if (a.open.size > 0 && b.open.size > 0) continue;
      const sum = this.linear(a, b, c);
      if (sum.size === 0 || sum.size > MAX_ROW) continue;
      addTerm(field, sum, 0, a.known * b.known - c.known);
      if (rows.push(sum) > MAX_ROWS) return false;
    }
    const told = rows.length < 2 ? new Map<number, bigint>() : solveRows(field, rows);
    if (told === undefined) return undefined;
    for (const [wire, value] of told) this.set(wire, value);
    return told.size > 0;
  }
  /** A sum of digits spells the number: only one way where they do not overlap and stay below the field's order. */
  private spell(index: number, sum: LinearForm, constant: bigint): boolean {
    const ranges = new Map<number, DigitRange>();
    let loose: number | undefined;
    for (const wire of sum.keys()) {
      const range = this.store.rangeOf(wire);
      if (range === undefined && loose !== undefined) return true;
      if (range === undefined) loose = wire;
      ranges.set(wire, range ?? { low: 0n, high: 1n });
    }
    if (loose !== undefined) {
      const key = `${index},${loose}`;
      if (sum.size <= LEAST_SUGGESTED || this.suggestedOf.has(key)) return true;
      this.suggestedOf.add(key);
    }
    const { field } = this.system;
    const spelled = spelledSum(field, sum, ranges);
    if (spelled === undefined) return true;
    const digits = digitsOf(spelled, field, field.mod(-constant * spelled.scale));
    if (loose === undefined && digits === undefined) return false;
    for (const [wire, value] of digits ?? [])
      if (loose === undefined) this.set(wire, value);
      else this.suggested.set(wire, value);
    return true;
  }
  private roots(wire: number, a: Half, b: Half, c: Half): bigint[] | undefined {
    const { field } = this.system;
    const at = ({ open }: Half): bigint => open.get(wire) ?? 0n;
    const f = [
      field.mod(a.known * b.known - c.known),
      field.mod(a.known * at(b) + at(a) * b.known - at(c)),
      field.mod(at(a) * at(b)),
    ];
    while (f.length > 0 && f.at(-1) === 0n) f.pop();
    if (f.length === 0) return undefined;
    // Where the values that a wire may have are known, the roots are among them.
    const domain = this.store.setOf(wire);
    return domain?.filter((x) => evaluatePoly(field, f, x) === 0n) ?? rootsOfPoly(field, f, this.draw);
  }
  /** The wire to guess next: of two roots one; what a pole frees; what has a range, unless an order says otherwise; what nothing depends on any more. */
  next(poles: readonly number[]): number | undefined {
    for (const wire of this.choices) {
      if (this.values[wire] !== undefined) this.choices.delete(wire);
      else if (!this.postponed.has(wire)) return wire;
    }
    const pole = poles.find((wire) => this.values[wire] === undefined && this.freed.includes(wire));
    if (pole !== undefined) return pole;
    const ranged = this.turn(0);
    if (ranged !== undefined) return ranged;
    for (let wire = this.freed.pop(); wire !== undefined; wire = this.freed.pop())
      if (this.values[wire] === undefined && !this.postponed.has(wire)) return wire;
    const next = this.turn(1) ?? this.turn(2);
    if (next !== undefined) return next;
    for (const wire of this.postponed) if (this.values[wire] === undefined) return wire;
    return undefined;
  }
  /** The next wire of a list that has no value and does not wait. */
  private turn(list: number): number | undefined {
    const wires = this.lists[list]!;
    for (let at = this.turns[list]!; at < wires.length; at++) {
      const wire = wires[at]!;
      this.turns[list] = at;
      if (this.values[wire] === undefined && !this.postponed.has(wire)) return wire;
    }
    this.turns[list] = wires.length;
    return undefined;
  }
  private guess(wire: number, { hint, vary }: FillOptions, tried: readonly bigint[]): bigint | undefined {
    const { field } = this.system;
    const pick = (all: readonly bigint[]): bigint | undefined => {
      const from = all.filter((value) => !tried.includes(value));
      return from[from.length < 2 ? 0 : Number(this.draw(BigInt(from.length)))];
    };
    const known = hint?.[wire] ?? this.suggested.get(wire);
    const liked = known !== undefined && !tried.includes(known) ? known : undefined;
    for (const index of this.system.readers[wire]!) {
      const [a, b, c] = this.halves(index);
      if (single(a, b, c) !== wire) continue;
      const roots = this.roots(wire, a, b, c);
      if (roots === undefined) continue;
      if (vary) return pick(roots);
      return liked !== undefined && roots.includes(liked) ? liked : pick(roots);
    }
    if (liked !== undefined && (!vary || this.draw(3n) > 0n)) return liked;
    const domain = this.store.setOf(wire);
    if (domain !== undefined) return pick(domain);
    const range = this.store.rangeOf(wire);
    if (range !== undefined) return field.mod(range.low + this.draw(range.high - range.low + 1n));
    return this.draw(8n) === 0n ? 0n : this.draw(field.p);
  }
}

/** The one open wire of a constraint. */
function single(a: Half, b: Half, c: Half): number | undefined {
  let found: number | undefined;
  for (const { open } of [a, b, c])
    for (const wire of open.keys()) {
      if (found !== undefined && found !== wire) return undefined;
      found = wire;
    }
  return found;
}
