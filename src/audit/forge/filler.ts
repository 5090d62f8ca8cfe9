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
  /** Wires to guess first. */
  readonly order?: readonly number[];
  /** Wires to guess before all others, once a factor that is 0 has freed them. */
  readonly poles?: readonly number[];
  /** Prefer anything else to the hint. */
  readonly vary?: boolean;
}

export interface Filled {
  readonly values: bigint[];
  readonly guessed: readonly number[];
}

/** Guesses in one attempt, at most. */
const MAX_GUESSES = 4000;
/** Guesses before which linear constraints are solved together; of a small system, before each. */
const SOLVED_TOGETHER = 2;
export const SMALL_SYSTEM = 300;
/** Terms of such a constraint, and how many of them, at most. */
const MAX_ROW = 8;
const MAX_ROWS = 80;

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
    const guessed: number[] = [];
    const run = new Attempt(this.system, this.store, this.draw, start, {
      ranged: this.ranged,
      order: options.order ?? [],
      rest: this.rest,
    });
    for (let guesses = 0; guesses < MAX_GUESSES; guesses++) {
      if (this.isOver() || !run.propagate(this.isOver)) return undefined;
      if (guesses < SOLVED_TOGETHER || this.system.constraints.length <= SMALL_SYSTEM) {
        const told = run.together();
        if (told === undefined) return undefined;
        if (told) continue;
      }
      const wire = run.next(options.poles ?? []);
      if (wire === undefined) return { values: run.values as bigint[], guessed };
      const value = run.guess(wire, options);
      if (value === undefined) return undefined;
      guessed.push(wire);
      run.set(wire, value);
    }
    return undefined;
  }
}

/** A form with known wires put in: what is known of it, and the rest. */
interface Half {
  readonly known: bigint;
  readonly open: LinearForm;
}

/** Wires one after the other, those that have a value left out. */
class Turns {
  private readonly wires: readonly number[];
  private at = 0;

  constructor(wires: readonly number[]) {
    this.wires = wires;
  }
  next(values: PartialValues): number | undefined {
    while (this.at < this.wires.length && values[this.wires[this.at]!] !== undefined) this.at++;
    return this.wires[this.at];
  }
}

class Attempt {
  readonly values: PartialValues;
  private readonly system: ConstraintSystem;
  private readonly store: FactStore;
  private readonly draw: (below: bigint) => bigint;
  private queue: number[];
  private readonly isQueued: Uint8Array;
  private readonly choices = new Set<number>();
  private readonly freed: number[] = [];
  private readonly ranged: Turns;
  private readonly ordered: Turns;
  private readonly rest: Turns;

  constructor(
    system: ConstraintSystem,
    store: FactStore,
    draw: (below: bigint) => bigint,
    start: PartialValues,
    turns: {
      readonly ranged: readonly number[];
      readonly order: readonly number[];
      readonly rest: readonly number[];
    },
  ) {
    // What an order says goes before what has a range.
    this.ranged = new Turns(turns.order.length > 0 ? [] : turns.ranged);
    this.ordered = new Turns(turns.order);
    this.rest = new Turns(turns.rest);
    this.system = system;
    this.store = store;
    this.draw = draw;
    this.values = Array.from({ length: system.wireCount }, (_, wire) => (wire === 0 ? 1n : start[wire]));
    this.queue = [...system.constraints.keys()];
    this.isQueued = new Uint8Array(system.constraints.length).fill(1);
  }
  set(wire: number, value: bigint): void {
    this.values[wire] = value;
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
    if (sum.size > 1) return this.spell(sum, constant);
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
  private spell(sum: LinearForm, constant: bigint): boolean {
    const { field } = this.system;
    const ranges = new Map<number, DigitRange>();
    for (const wire of sum.keys()) {
      const range = this.store.rangeOf(wire);
      if (range === undefined) return true;
      ranges.set(wire, range);
    }
    const spelled = spelledSum(field, sum, ranges);
    if (spelled === undefined) return true;
    const digits = digitsOf(spelled, field, field.mod(-constant * spelled.scale));
    if (digits === undefined) return false;
    for (const [wire, value] of digits) this.set(wire, value);
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
      if (this.values[wire] === undefined) return wire;
      this.choices.delete(wire);
    }
    const pole = poles.find((wire) => this.values[wire] === undefined && this.freed.includes(wire));
    if (pole !== undefined) return pole;
    const ranged = this.ranged.next(this.values);
    if (ranged !== undefined) return ranged;
    for (let wire = this.freed.pop(); wire !== undefined; wire = this.freed.pop())
      if (this.values[wire] === undefined) return wire;
    return this.ordered.next(this.values) ?? this.rest.next(this.values);
  }
  guess(wire: number, { hint, vary }: FillOptions): bigint | undefined {
    const { field } = this.system;
    const pick = <T>(from: readonly T[]): T => from[Number(this.draw(BigInt(from.length)))]!;
    for (const index of this.system.readers[wire]!) {
      const [a, b, c] = this.halves(index);
      if (single(a, b, c) !== wire) continue;
      const roots = this.roots(wire, a, b, c);
      if (roots === undefined) continue;
      if (roots.length === 0) return undefined;
      if (vary) return pick(roots);
      const liked = hint?.[wire];
      return liked !== undefined && roots.includes(liked) ? liked : pick(roots);
    }
    const liked = hint?.[wire];
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
