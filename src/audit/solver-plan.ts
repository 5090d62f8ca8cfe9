import { invert, mod } from '@noble/curves/abstract/modular.js';
import { evaluate, type LinearCombination, type R1cs, type Witness, wiresOf } from '../groth16/r1cs.ts';
import { r } from '../params/fields.ts';

/** A direction in the space of wires: wire → coefficient. */
export type Direction = ReadonlyMap<number, bigint>;

/** A constraint and the direction along which it is made true without touching what earlier steps read. */
export interface SolverStep {
  readonly row: number;
  readonly direction: Direction;
}

/**
 * An order in which a system can be solved again after something in it was changed: each step makes one constraint
 * true by moving the witness along one direction. What has no step of its own is a check.
 */
export interface SolverPlan {
  readonly steps: readonly SolverStep[];
  /** Wires that no constraint determines here: inputs, and hints. Each with the direction that moves it alone. */
  readonly parameters: ReadonlyMap<number, Direction>;
  /** Constraints that hold or not once all others have been made true. */
  readonly checks: readonly number[];
}

/** Linear forms in wires that are not yet known, of ⟨a, w⟩·⟨b, w⟩ = ⟨c, w⟩. */
type Form = Map<number, bigint>;
interface Open {
  readonly a: Form;
  readonly b: Form;
  readonly c: Form;
}

const PARTS = ['a', 'b', 'c'] as const;

/**
 * Plans by elimination. A constraint is ready when, given the forms known so far, its product is known and its sum is
 * not (a definition), or only one wire is left in it (a quotient, a bit). A wire that only one constraint still reads
 * can wait: that constraint is solved last, for that wire. When nothing is ready, one more wire is taken as given.
 *
 * At `--O2` circom substitutes signals away, so what a constraint defines is often a sum of wires: that is why forms are
 * known, and not only wires.
 */
class Planner {
  private readonly r1cs: R1cs;
  private readonly witness: Witness;
  private readonly open: Open[];
  /** Wire → constraints whose reduced forms contain it. */
  private readonly readers = new Map<number, Set<number>>();
  /** Pivot wire → a known form: pivot + Σ others. Others are unknown wires that are no pivots. */
  private readonly known = new Map<number, Form>();
  /** Wire → pivots of the known forms that contain it. */
  private readonly knownWith = new Map<number, Set<number>>();
  /** Wire → constraints, as written, that are not left for last. */
  private readonly users = new Map<number, Set<number>>();
  private readonly done: boolean[];
  private readonly first: SolverStep[] = [];
  private readonly last: SolverStep[] = [];
  private readonly checks: number[] = [];
  private readonly parameters = new Map<number, Direction>();
  private readonly rows: number[];
  /** Constraints whose product is known and whose sum has several unknown wires; apart, those that are linear anyway. */
  private readonly sums = new Set<number>();
  private readonly linearSums = new Set<number>();
  private readonly wires: number[];
  private readonly settled: Set<number>;

  constructor(r1cs: R1cs, witness: Witness, fixed: ReadonlySet<number>) {
    this.r1cs = r1cs;
    this.witness = witness;
    this.settled = new Set(fixed);
    const unknown = (form: LinearCombination): Form =>
      new Map([...form].filter(([wire]) => !fixed.has(wire)));
    this.open = r1cs.constraints.map(({ a, b, c }) => ({ a: unknown(a), b: unknown(b), c: unknown(c) }));
    this.open.forEach((forms, row) => {
      for (const part of PARTS)
        for (const wire of forms[part].keys()) {
          entry(this.readers, wire).add(row);
          entry(this.users, wire).add(row);
        }
    });
    this.done = this.open.map(() => false);
    this.rows = [...this.open.keys()].reverse();
    this.wires = [...this.users.keys()];
  }

  run(preferred: readonly number[]): SolverPlan {
    // What speaks of one wire says so before anything else can: a bit is a bit.
    for (const [row, { a, b, c }] of this.open.entries())
      if (new Set([...a.keys(), ...b.keys(), ...c.keys()]).size === 1) this.tryFirst(row);
    for (;;) {
      const row = this.rows.pop();
      if (row !== undefined) {
        if (!this.done[row]) this.tryFirst(row);
        continue;
      }
      const wire = this.wires.pop();
      if (wire !== undefined) {
        this.tryLast(wire);
        continue;
      }
      if (this.trySum(this.sums)) continue;
      const given = this.choose(preferred);
      if (given === undefined && this.trySum(this.linearSums)) continue;
      const choice = given ?? this.choose([...this.readers.keys()]);
      if (choice === undefined) break;
      this.parameters.set(choice, this.directionOf(choice));
      this.learn(choice, new Map([[choice, 1n]]));
    }
    return {
      steps: [...this.first, ...this.last.reverse()],
      parameters: this.parameters,
      checks: this.checks,
    };
  }

  /** Solves the constraint now if it is ready. */
  private tryFirst(row: number): void {
    const { a, b, c } = this.open[row]!;
    if (a.size === 0 && b.size === 0) {
      const [pivot, ...others] = c.keys();
      if (pivot === undefined) {
        this.done[row] = true;
        this.checks.push(row);
        return;
      }
      if (others.length > 0) {
        const { a: left, b: right } = this.r1cs.constraints[row]!;
        (isConstant(left) || isConstant(right) ? this.linearSums : this.sums).add(row);
        return;
      }
      this.done[row] = true;
      this.first.push({ row, direction: this.directionOf(pivot) });
      this.learn(pivot, c);
      return;
    }
    const wires = new Set([...a.keys(), ...b.keys(), ...c.keys()]);
    const [wire, ...more] = wires;
    if (more.length > 0 || this.slope(row, wire!) === 0n) return;
    this.done[row] = true;
    this.first.push({ row, direction: this.directionOf(wire!) });
    this.learn(wire!, new Map([[wire!, 1n]]));
  }

  /** Takes a known sum of several unknown wires as known: needed where a block of sums is solved together. */
  private trySum(sums: Set<number>): boolean {
    for (const row of sums) {
      sums.delete(row);
      const { c } = this.open[row]!;
      const [pivot] = c.keys();
      if (this.done[row] || pivot === undefined) continue;
      this.done[row] = true;
      this.first.push({ row, direction: this.directionOf(pivot) });
      this.learn(pivot, c);
      return true;
    }
    return false;
  }

  /** Leaves the only constraint that reads a wire for last. */
  private tryLast(wire: number): void {
    const users = this.users.get(wire);
    if (users?.size !== 1 || this.settled.has(wire) || this.knownWith.has(wire)) return;
    const [row] = users;
    if (this.done[row!] || this.rawSlope(row!, wire) === 0n) return;
    this.done[row!] = true;
    this.last.push({ row: row!, direction: new Map([[wire, 1n]]) });
    this.settled.add(wire);
    for (const other of wiresOf(this.r1cs.constraints[row!]!)) {
      this.users.get(other)?.delete(row!);
      this.wires.push(other);
    }
    for (const part of PARTS)
      for (const other of this.open[row!]![part].keys()) this.readers.get(other)?.delete(row!);
  }

  /** d(row)/d(wire) along the wire's direction: what remains once the known forms are kept. */
  private slope(row: number, wire: number): bigint {
    const { a, b, c } = this.open[row]!;
    return this.slopeOf(row, a.get(wire), b.get(wire), c.get(wire));
  }

  private rawSlope(row: number, wire: number): bigint {
    const { a, b, c } = this.r1cs.constraints[row]!;
    return this.slopeOf(row, a.get(wire), b.get(wire), c.get(wire));
  }

  private slopeOf(row: number, inA = 0n, inB = 0n, inC = 0n): bigint {
    const { a, b } = this.r1cs.constraints[row]!;
    const byA = inA === 0n ? 0n : inA * evaluate(b, this.witness);
    const byB = inB === 0n ? 0n : inB * evaluate(a, this.witness);
    return mod(byA + byB - inC, r);
  }

  /** Moves the wire, and the pivots of known forms against it so that these forms stay. */
  private directionOf(wire: number): Direction {
    const direction = new Map([[wire, 1n]]);
    for (const pivot of this.knownWith.get(wire) ?? [])
      direction.set(pivot, mod(-this.known.get(pivot)!.get(wire)!, r));
    return direction;
  }

  /** From now on `form` is known: its pivot is replaced by the rest of it wherever it stands. */
  private learn(pivot: number, form: Form): void {
    this.settled.add(pivot);
    const scale = invert(form.get(pivot)!, r);
    const unit: Form = new Map([...form].map(([wire, coefficient]) => [wire, mod(coefficient * scale, r)]));
    const rest: Form = new Map(unit);
    rest.delete(pivot);
    for (const row of [...(this.readers.get(pivot) ?? [])]) {
      if (this.done[row]) continue;
      for (const part of PARTS) replace(this.open[row]![part], pivot, rest);
      for (const wire of rest.keys()) {
        const { a, b, c } = this.open[row]!;
        if (a.has(wire) || b.has(wire) || c.has(wire)) entry(this.readers, wire).add(row);
        else this.readers.get(wire)?.delete(row);
      }
      this.rows.push(row);
    }
    this.readers.delete(pivot);
    for (const other of [...(this.knownWith.get(pivot) ?? [])]) {
      const known = this.known.get(other)!;
      replace(known, pivot, rest);
      for (const wire of rest.keys()) {
        if (known.has(wire)) entry(this.knownWith, wire).add(other);
        else drop(this.knownWith, wire, other);
      }
    }
    this.knownWith.delete(pivot);
    if (rest.size === 0) return;
    this.known.set(pivot, unit);
    for (const wire of rest.keys()) entry(this.knownWith, wire).add(pivot);
  }

  /** An unknown wire to take as given: one that leaves no constraint without a wire to solve it for, if there is one. */
  private choose(among: readonly number[]): number | undefined {
    let best: number | undefined;
    let bestCost = Number.POSITIVE_INFINITY;
    for (const wire of among) {
      const rows = [...(this.readers.get(wire) ?? [])].filter((row) => !this.done[row]);
      if (this.settled.has(wire) || rows.length === 0) continue;
      const spoiled = rows.filter((row) => this.spoils(row, wire)).length;
      const cost = spoiled * 1e6 - rows.length;
      if (cost < bestCost) [best, bestCost] = [wire, cost];
    }
    return best;
  }

  /** Would the constraint be left with no wire it can be solved for? */
  private spoils(row: number, wire: number): boolean {
    const { a, b, c } = this.open[row]!;
    const others = [...new Set([...a.keys(), ...b.keys(), ...c.keys()])].filter((other) => other !== wire);
    return others.every((other) => this.slope(row, other) === 0n);
  }
}

const isConstant = (form: LinearCombination): boolean => form.size === 0 || (form.size === 1 && form.has(0));

function entry(index: Map<number, Set<number>>, key: number): Set<number> {
  const found = index.get(key) ?? new Set<number>();
  index.set(key, found);
  return found;
}

function drop(index: Map<number, Set<number>>, key: number, value: number): void {
  const found = index.get(key);
  found?.delete(value);
  if (found?.size === 0) index.delete(key);
}

/** form with pivot replaced by −rest. */
function replace(form: Form, pivot: number, rest: Form): void {
  const factor = form.get(pivot);
  if (factor === undefined) return;
  form.delete(pivot);
  for (const [wire, coefficient] of rest) {
    const value = mod((form.get(wire) ?? 0n) - factor * coefficient, r);
    if (value === 0n) form.delete(wire);
    else form.set(wire, value);
  }
}

/**
 * @param witness  satisfies the system
 * @param fixed    wires that never move
 * @param preferred what to take as given first where nothing else is determined: the inputs, as a rule
 */
export function planSolver(
  r1cs: R1cs,
  witness: Witness,
  fixed: ReadonlySet<number>,
  preferred: readonly number[],
): SolverPlan {
  return new Planner(r1cs, witness, fixed).run(preferred);
}
