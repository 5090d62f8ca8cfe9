import { invert, mod } from '@noble/curves/abstract/modular.js';
import { type R1cs, type Witness, wiresOf } from '../groth16/r1cs.ts';
import { r } from '../params/fields.ts';
import { bitForm } from './bits.ts';
import { dependentConstraints, inputWires } from './rank.ts';
import { type Solved, type Solver, squareRoot } from './solver.ts';

/** What notices each constraint's loss. Every constraint is in one of the four lists. */
export interface DropScore {
  /** The rank with the inputs fixed falls: some wire is no longer determined by them. */
  readonly byDeterminism: readonly number[];
  /** The rank with nothing fixed falls: more statements are true, to first order at a witness. */
  readonly byBinding: readonly number[];
  /** A witness was made that breaks this constraint and no other. */
  readonly byForgery: readonly number[];
  readonly undetected: readonly number[];
}

/**
 * Which single constraints could be lost unnoticed.
 * @param witnesses satisfy the system; each is another place to look from
 * @param solverOf  solver at the witness of this index with only wire 0 fixed; asked for only where ranks do not tell
 */
export function dropScore(
  r1cs: R1cs,
  witnesses: readonly Witness[],
  solverOf: (index: number) => Solver,
): DropScore {
  const all = [...r1cs.constraints.keys()];
  const afterDeterminism = dependentConstraints(r1cs, witnesses[0]!, inputWires(r1cs));
  let afterBinding = afterDeterminism;
  for (const witness of witnesses) {
    if (afterBinding.length === 0) break;
    const dependent = new Set(dependentConstraints(r1cs, witness, new Set([0])));
    afterBinding = afterBinding.filter((row) => dependent.has(row));
  }
  const left = new Set(afterBinding);
  for (const index of witnesses.keys()) {
    if (left.size === 0) break;
    for (const row of forgeable(r1cs, solverOf(index), left)) left.delete(row);
  }
  return {
    byDeterminism: without(all, afterDeterminism),
    byBinding: without(afterDeterminism, afterBinding),
    byForgery: afterBinding.filter((row) => !left.has(row)),
    undetected: [...left],
  };
}

const without = (all: readonly number[], some: readonly number[]): number[] => {
  const drop = new Set(some);
  return all.filter((row) => !drop.has(row));
};

/** Changes tried at one witness, each solved through the whole system: a sound circuit leaves few rows to forge for. */
const MAX_TRIES = 400;

/** Those of the constraints for which a witness was found that breaks them alone. */
function forgeable(r1cs: R1cs, solver: Solver, rows: ReadonlySet<number>): Set<number> {
  const found = new Set<number>();
  /** Constraints that make a single wire a bit, by wire. */
  const bitRows = new Map<number, number>();
  for (const row of rows) {
    const form = bitForm(r1cs.constraints[row]!);
    if (form?.size === 1) bitRows.set([...form.keys()][0]!, row);
  }
  const note = (solved: Solved | undefined): void => {
    if (solved?.broken.length === 1 && rows.has(solved.broken[0]!)) found.add(solved.broken[0]!);
  };
  for (const group of solver.groups)
    for (const digit of group.digits) {
      const row = digit.row ?? bitRows.get(digit.wire!);
      if (row !== undefined && rows.has(row) && !found.has(row)) note(solver.miscounting(group, digit, row));
    }
  const left = [...rows].filter((row) => !found.has(row));
  if (left.length === 0) return found;
  const wires = new Set(left.flatMap((row) => wiresOf(r1cs.constraints[row]!)));
  const bases: Solved[] = [];
  const steps = solver.stepsReading(new Set([...wires].filter((wire) => wire !== 0)));
  for (const row of steps.slice(0, MAX_TRIES / 2)) {
    const flipped = solver.flipping(row);
    note(flipped);
    if (flipped?.broken.length === 1) bases.push(flipped);
    if (rows.has(row) && !found.has(row)) note(solver.breaking(row, 2n));
  }
  for (const wire of [...solver.plan.parameters.keys()].slice(0, MAX_TRIES / 4)) {
    if (found.size === rows.size) break;
    note(solver.moving(wire, 1n));
  }
  for (const row of [...rows].filter((one) => !found.has(one)).slice(0, MAX_TRIES / 4))
    if (bases.some((base) => breaksAlone(solver, row, base))) found.add(row);
  return found;
}

/** From a witness that breaks one other constraint: is there a step along this one's direction that mends the other? */
function breaksAlone(solver: Solver, row: number, base: Solved): boolean {
  const [other] = base.broken;
  if (other === row || other === undefined) return false;
  const at = [0n, 1n, 2n].map((amount) => {
    const solved = amount === 0n ? base : solver.breaking(row, amount, base.witness);
    return solved && solver.residue(other, solved.witness);
  });
  if (at.includes(undefined)) return false;
  return rootsThrough(at as bigint[]).some((amount) => {
    const solved = solver.breaking(row, amount, base.witness);
    return solved?.broken.length === 1 && solved.broken[0] === row;
  });
}

/** Where the parabola through (0, y0), (1, y1), (2, y2) is 0. */
function rootsThrough([y0, y1, y2]: readonly bigint[]): bigint[] {
  const quadratic = mod((y2! - 2n * y1! + y0!) * invert(2n, r), r);
  const linear = mod(y1! - y0! - quadratic, r);
  if (quadratic === 0n) return linear === 0n ? [] : [mod(-y0! * invert(linear, r), r)];
  const root = squareRoot(mod(linear * linear - 4n * quadratic * y0!, r));
  if (root === undefined) return [];
  const half = invert(mod(2n * quadratic, r), r);
  return [mod((root - linear) * half, r), mod((-root - linear) * half, r)];
}
