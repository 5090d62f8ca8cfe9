import type { FormalCircuit, FormalConstraint } from './small-circuit.ts';
import { evaluate } from './small-circuit.ts';
import { inverses, mod } from './small-curves.ts';

/** Σ coefficient·wire mod p. */
interface Sum {
  readonly wires: Int32Array;
  readonly coefficients: Int32Array;
}

/** (A + α·x)(B + β·x) = C + γ·x for the wire x that the step finds, α·β = 0; without one, A·B = C is only checked. */
interface Step {
  readonly a: Sum;
  readonly b: Sum;
  readonly c: Sum;
  readonly wire: number;
  readonly alpha: number;
  readonly beta: number;
  readonly gamma: number;
  /** Of a constraint on x alone, such as x·(x − 1) = 0: its solutions. */
  readonly roots: readonly number[] | undefined;
}

type Order = readonly { readonly constraint: FormalConstraint; readonly wire: number }[];

/** 0·0 = 0 */
const NOTHING: FormalConstraint = { a: new Map(), b: new Map(), c: new Map() };

const wiresOf = ({ a, b, c }: FormalConstraint): number[] => [
  ...new Set([...a.keys(), ...b.keys(), ...c.keys()]),
];

/**
 * In which order constraints determine wires, one at a time. Constraints on one wire alone come late, the highest first: what follows
 * from the bits that are known is found before another bit is tried.
 * Where every constraint has two unknown wires, one of them is tried with every value: 0 = 0 determines it.
 * @throws Error if a wire occurs in no constraint
 */
function order({ names, constraints }: FormalCircuit, given: readonly string[]): Order {
  const known = new Set([0, ...given.map((name) => names.indexOf(name))]);
  const open = new Set(constraints);
  const out: { constraint: FormalConstraint; wire: number }[] = [];
  const unknown = (constraint: FormalConstraint): number[] =>
    wiresOf(constraint).filter((wire) => !known.has(wire));
  const isAlone = (constraint: FormalConstraint, wire: number): boolean =>
    wiresOf(constraint).every((other) => other === 0 || other === wire) &&
    constraint.a.has(wire) &&
    constraint.b.has(wire);
  const take = (constraint: FormalConstraint, wire: number): void => {
    open.delete(constraint);
    known.add(wire);
    out.push({ constraint, wire });
  };
  const guess = ({ constraint, wires }: { constraint: FormalConstraint; wires: readonly number[] }): void => {
    const wire = wires.find((one) => constraint.a.has(one) && constraint.b.has(one)) ?? wires[0]!;
    known.add(wire);
    out.push({ constraint: NOTHING, wire });
  };
  while (open.size > 0) {
    const ready = [...open].map((constraint) => ({ constraint, wires: unknown(constraint) }));
    const checks = ready.filter(({ wires }) => wires.length === 0);
    for (const { constraint } of checks) take(constraint, 0);
    if (checks.length > 0) continue;
    const single = ready.filter(({ wires }) => wires.length === 1);
    const linear = single.find(
      ({ constraint, wires }) => !(constraint.a.has(wires[0]!) && constraint.b.has(wires[0]!)),
    );
    const alone = single.filter(({ constraint, wires }) => isAlone(constraint, wires[0]!)).at(-1);
    const next = linear ?? alone;
    if (next !== undefined) take(next.constraint, next.wires[0]!);
    else guess(ready.reduce((least, one) => (one.wires.length < least.wires.length ? one : least)));
  }
  for (const [wire, name] of names.entries())
    if (!known.has(wire)) throw new Error(`no constraint determines ${name}`);
  return out;
}

/** All solutions of a circuit over F_p, for given inputs. */
export class SmallSolver {
  private readonly p: number;
  private readonly steps: readonly Step[];
  private readonly inverse: Int32Array;
  private readonly names: readonly string[];
  private readonly values: Int32Array;
  /** @param given names of the wires that each search sets */
  constructor(
    circuit: FormalCircuit,
    { p, A }: { readonly p: number; readonly A: number },
    given: readonly string[],
  ) {
    this.p = p;
    this.names = circuit.names;
    this.inverse = inverses(p);
    this.values = new Int32Array(circuit.names.length);
    this.steps = order(circuit, given).map(({ constraint, wire }) => stepOf(constraint, wire, p, A));
  }

  /** The wire of a name. @throws Error if there is none */
  wire(name: string): number {
    const wire = this.names.indexOf(name);
    if (wire < 0) throw new Error(`${name} is no wire`);
    return wire;
  }

  /**
   * Visits every assignment of all wires that satisfies every constraint and has these values at the given wires.
   * Where a constraint determines its wire the wire gets this value; where it says 0·x = 0 all p values are tried.
   * @param visit reads the values by wire, and says whether to go on
   */
  solve(given: Readonly<Record<string, number>>, visit: (values: Int32Array) => boolean): void {
    this.values[0] = 1;
    for (const [name, value] of Object.entries(given)) this.values[this.wire(name)] = value;
    this.descend(0, visit);
  }

  private descend(at: number, visit: (values: Int32Array) => boolean): boolean {
    const { p, values } = this;
    const step = this.steps[at];
    if (step === undefined) return visit(values);
    if (step.roots !== undefined) return this.each(step.roots, at, visit);
    const [a, b] = [this.sum(step.a), this.sum(step.b)];
    const right = mod(this.sum(step.c) - a * b, p);
    if (step.wire === 0) return right !== 0 || this.descend(at + 1, visit);
    const factor = mod(step.alpha * b + step.beta * a - step.gamma, p);
    if (factor !== 0) {
      values[step.wire] = (right * this.inverse[factor]!) % p;
      return this.descend(at + 1, visit);
    }
    return right !== 0 || this.each(Array(p).keys(), at, visit);
  }

  private each(candidates: Iterable<number>, at: number, visit: (values: Int32Array) => boolean): boolean {
    for (const value of candidates) {
      this.values[this.steps[at]!.wire] = value;
      if (!this.descend(at + 1, visit)) return false;
    }
    return true;
  }

  private sum({ wires, coefficients }: Sum): number {
    let sum = 0;
    for (let i = 0; i < wires.length; i++) sum += coefficients[i]! * this.values[wires[i]!]!;
    return sum % this.p;
  }
}

function stepOf({ a, b, c }: FormalConstraint, wire: number, p: number, A: number): Step {
  const value = (sum: FormalConstraint['a'], of: number): number =>
    Number(evaluate(sum.get(of) ?? [], BigInt(A), BigInt(p)));
  const others = (sum: FormalConstraint['a']): Sum => {
    const wires = [...sum.keys()].filter((other) => other !== wire || wire === 0);
    return {
      wires: Int32Array.from(wires),
      coefficients: Int32Array.from(wires, (other) => value(sum, other)),
    };
  };
  const [alpha, beta, gamma] = wire === 0 ? [0, 0, 0] : [value(a, wire), value(b, wire), value(c, wire)];
  const at = (sum: FormalConstraint['a'], factor: number, x: number): number =>
    (wire === 0 ? 0 : value(sum, 0)) + factor * x;
  const isSquare = wire !== 0 && a.has(wire) && b.has(wire);
  const roots = [...Array(p).keys()].filter(
    (x) => isSquare && mod(mod(at(a, alpha, x), p) * mod(at(b, beta, x), p) - at(c, gamma, x), p) === 0,
  );
  return {
    a: others(a),
    b: others(b),
    c: others(c),
    wire,
    alpha,
    beta,
    gamma,
    roots: isSquare ? roots : undefined,
  };
}
