import { invert, mod } from '@noble/curves/abstract/modular.js';
import { bn254_Fr } from '@noble/curves/bn254.js';
import {
  type Constraint,
  evaluate,
  holds,
  type LinearCombination,
  type R1cs,
  type Witness,
  wiresOf,
} from '../groth16/r1cs.ts';
import { r } from '../params/fields.ts';
import { type BitGroup, bitForm, bitGroups, type Digit, meant, spell } from './bits.ts';
import { type Direction, planSolver, type SolverPlan, type SolverStep } from './solver-plan.ts';

/** A witness that was changed somewhere and solved again, and the constraints it still breaks. */
export interface Solved {
  readonly witness: Witness;
  readonly broken: readonly number[];
}

/** Numbers taken apart again after one change, one after the other. */
const MAX_ROUNDS = 8;

/**
 * Makes witnesses that break as little as possible. The system as it is, a true witness and nothing else is needed: no
 * source and no witness program. What it returns is checked by evaluation, so a gap of the plan costs forgeries and
 * never makes a false one.
 */
export class Solver {
  readonly plan: SolverPlan;
  private readonly r1cs: R1cs;
  private readonly honest: Witness;
  private readonly users: number[][];
  /** Numbers that the system takes apart. */
  readonly groups: readonly BitGroup[];
  /** Forms that constraints make bits, where they are more than a wire. */
  private readonly bitForms = new Map<number, LinearCombination>();
  private readonly stepOf = new Map<number, SolverStep>();
  private readonly slopes = new Map<number, Slopes>();

  /**
   * @param honest    satisfies the system
   * @param fixed     wires that never move
   * @param preferred see planSolver
   */
  constructor(r1cs: R1cs, honest: Witness, fixed: ReadonlySet<number>, preferred: readonly number[] = []) {
    this.r1cs = r1cs;
    this.honest = honest;
    this.plan = planSolver(r1cs, honest, fixed, preferred);
    for (const step of this.plan.steps) {
      this.stepOf.set(step.row, step);
      this.slopes.set(step.row, slopesOf(r1cs.constraints[step.row]!, step.direction));
    }
    this.groups = bitGroups(r1cs);
    for (const { digits } of this.groups)
      for (const { row } of digits)
        if (row !== undefined) this.bitForms.set(row, bitForm(r1cs.constraints[row]!)!);
    this.users = Array.from({ length: r1cs.wireCount }, () => []);
    r1cs.constraints.forEach((constraint, row) => {
      for (const wire of wiresOf(constraint)) this.users[wire]!.push(row);
    });
  }

  /** Breaks one constraint by moving along its own direction, and solves everything after it. */
  breaking(row: number, amount: bigint, base: Witness = this.honest): Solved | undefined {
    const step = this.stepOf.get(row);
    return step && this.solve(base, step.direction, amount, row);
  }

  /** Moves a parameter, and solves everything. */
  moving(wire: number, amount: bigint): Solved | undefined {
    const direction = this.plan.parameters.get(wire);
    return direction && this.solve(this.honest, direction, amount);
  }

  /** The other value of what this constraint leaves two values for (a bit), and everything solved. */
  flipping(row: number): Solved | undefined {
    const step = this.stepOf.get(row);
    if (step === undefined) return undefined;
    const [quadratic, linear] = this.along(step, this.honest);
    if (quadratic === 0n) return undefined;
    // q·t² + l·t = 0 has the roots 0 and −l/q. The step itself is not taken again: it would go back.
    return this.solve(this.honest, step.direction, mod(-linear * invert(quadratic, r), r), row);
  }

  /** Overwrites wires, and solves everything. */
  overwriting(values: ReadonlyMap<number, bigint>, base: Witness = this.honest): Solved {
    return this.solve(base, differences(values, base), 1n);
  }

  /** Overwrites the digits of a number, and solves everything, the number among it. */
  respelling(group: BitGroup, value: bigint, base: Witness = this.honest): Solved {
    const { wires, forms } = spell(group, value);
    return this.solve(base, differences(wires, base), 1n, undefined, new Map(forms));
  }

  /**
   * One digit off by 2, and the others such that they still add up to the number: what a missing bit constraint allows.
   * @param row makes a digit of the group a bit
   */
  miscounting(group: BitGroup, digit: Digit, row: number): Solved | undefined {
    const number = meant(group, this.honest);
    const bit = (number >> BigInt(digit.exponent)) & 1n;
    const others = number - (bit << BigInt(digit.exponent));
    for (const off of [1n, -1n]) {
      const rest = others - (off << BigInt(digit.exponent + 1));
      if (rest < 0n || rest >> BigInt(group.digits.length) !== 0n) continue;
      const { wires, forms } = spell(group, rest);
      const values = new Map(wires);
      if (digit.wire !== undefined) values.set(digit.wire, mod(bit + 2n * off, r));
      return this.solve(this.honest, differences(values, this.honest), 1n, row, new Map(forms));
    }
    return undefined;
  }

  /** ⟨a, w⟩·⟨b, w⟩ − ⟨c, w⟩. */
  residue(row: number, witness: Witness): bigint {
    const { a, b, c } = this.r1cs.constraints[row]!;
    return mod(evaluate(a, witness) * evaluate(b, witness) - evaluate(c, witness), r);
  }

  /** Constraints that have a step, and read one of these wires. */
  stepsReading(wires: ReadonlySet<number>): number[] {
    const rows = new Set([...wires].flatMap((wire) => this.users[wire]!));
    return [...rows].filter((row) => this.stepOf.has(row));
  }

  /**
   * @param exempt a constraint that is not made true again
   * @param bits   values that forms shall have where a constraint leaves them two; the honest ones where nothing is said
   */
  private solve(
    base: Witness,
    direction: Direction,
    amount: bigint,
    exempt?: number,
    bits: Map<number, bigint> = new Map(),
  ): Solved {
    const witness = [...base];
    const touched = new Set<number>(bits.keys());
    const move = (along: Direction, by: bigint): void => {
      for (const [wire, coefficient] of along) {
        witness[wire] = mod(witness[wire]! + coefficient * by, r);
        for (const row of this.users[wire]!) touched.add(row);
      }
    };
    move(direction, amount);
    for (let round = 0; ; round++) {
      for (const step of this.plan.steps) {
        if (step.row === exempt || !touched.has(step.row)) continue;
        const by = this.stepLength(step, witness, bits.get(step.row));
        if (by !== undefined && by !== 0n) move(step.direction, by);
      }
      const broken = [...touched].filter((row) => !holds(this.r1cs.constraints[row]!, witness));
      const number = round < MAX_ROUNDS ? this.misspelt(broken, witness, exempt) : undefined;
      if (number === undefined) return { witness, broken: broken.sort((x, y) => x - y) };
      for (const [row, value] of number.forms) {
        bits.set(row, value);
        touched.add(row);
      }
      move(differences(number.wires, witness), 1n);
    }
  }

  /** The digits of the first number that has changed and still has other digits, if there is one. */
  private misspelt(
    broken: readonly number[],
    witness: Witness,
    exempt: number | undefined,
  ): ReturnType<typeof spell> | undefined {
    const rows = new Set(broken);
    for (const group of this.groups) {
      if (!group.rows.some((row) => rows.has(row) && row !== exempt)) continue;
      const value = meant(group, witness);
      if (value >> BigInt(group.digits.length) !== 0n) continue;
      const digits = spell(group, value);
      if (differences(digits.wires, witness).size > 0) return digits;
    }
    return undefined;
  }

  /** How far along its direction the constraint holds; undefined if nowhere. */
  private stepLength(step: SolverStep, witness: Witness, bit: bigint | undefined): bigint | undefined {
    const [quadratic, linear, residue] = this.along(step, witness);
    const form = bit === undefined ? undefined : this.bitForms.get(step.row);
    if (residue === 0n && form === undefined) return 0n;
    const { inverse } = this.slopes.get(step.row)!;
    if (inverse !== undefined) return mod(-residue * inverse, r);
    if (quadratic === 0n) return linear === 0n ? undefined : mod(-residue * invert(linear, r), r);
    const root = squareRoot(mod(linear * linear - 4n * quadratic * residue, r));
    if (root === undefined) return undefined;
    const half = invert(mod(2n * quadratic, r), r);
    const lengths = [mod((root - linear) * half, r), mod((-root - linear) * half, r)] as const;
    // Of a bit's two values the one that is asked for, else the honest one; which of two other roots does not matter.
    const told = form ?? this.r1cs.constraints[step.row]!.a;
    const wanted = form === undefined ? evaluate(told, this.honest) : bit!;
    const reached = evaluate(told, witness) + derivative(told, step.direction) * lengths[1];
    return mod(reached, r) === wanted ? lengths[1] : lengths[0];
  }

  /** Coefficients of ⟨a, w + t·d⟩⟨b, w + t·d⟩ − ⟨c, w + t·d⟩ in t: of t², t and 1. */
  private along({ row }: SolverStep, witness: Witness): readonly [bigint, bigint, bigint] {
    const { a, b, c } = this.r1cs.constraints[row]!;
    const [atA, atB, atC] = [evaluate(a, witness), evaluate(b, witness), evaluate(c, witness)];
    const { dA, dB, dC } = this.slopes.get(row)!;
    return [mod(dA * dB, r), mod(dA * atB + atA * dB - dC, r), mod(atA * atB - atC, r)];
  }
}

/** Derivatives of a constraint's three forms along its step; 1/−dC where only the sum moves. */
interface Slopes {
  readonly dA: bigint;
  readonly dB: bigint;
  readonly dC: bigint;
  readonly inverse: bigint | undefined;
}

function slopesOf({ a, b, c }: Constraint, direction: Direction): Slopes {
  const [dA, dB, dC] = [derivative(a, direction), derivative(b, direction), derivative(c, direction)];
  const inverse = dA === 0n && dB === 0n && dC !== 0n ? invert(mod(-dC, r), r) : undefined;
  return { dA, dB, dC, inverse };
}

/** How far wires are from these values. */
function differences(values: ReadonlyMap<number, bigint>, witness: Witness): Direction {
  const moves = [...values].map(([wire, value]) => [wire, mod(value - witness[wire]!, r)] as const);
  return new Map(moves.filter(([, by]) => by !== 0n));
}

/** A t with t² = x, if there is one. */
export function squareRoot(x: bigint): bigint | undefined {
  if (x === 0n) return 0n;
  return bn254_Fr.pow(x, (r - 1n) / 2n) === 1n ? bn254_Fr.sqrt(x) : undefined;
}

function derivative(form: ReadonlyMap<number, bigint>, direction: Direction): bigint {
  let sum = 0n;
  const [short, long] = form.size < direction.size ? [form, direction] : [direction, form];
  for (const [wire, coefficient] of short) {
    const other = long.get(wire);
    if (other !== undefined) sum += coefficient * other;
  }
  return mod(sum, r);
}
