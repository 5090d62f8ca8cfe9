import { addScaled, addTerm, type LinearForm, scaled } from '../system/linear-form.ts';
import type { ConstraintSystem, Quadratic } from '../system/system.ts';
import type { FactOf } from './certificate.ts';
import { MONTGOMERY_A } from './curve.ts';
import { ratio } from './rows.ts';

/** Σ factor·form */
export function combined(
  { field }: ConstraintSystem,
  ...terms: readonly (readonly [bigint, LinearForm])[]
): LinearForm {
  const out = new Map<number, bigint>();
  for (const [factor, form] of terms) addScaled(field, out, form, field.mod(factor));
  return out;
}

/** form + constant */
export function plusConstant({ field }: ConstraintSystem, form: LinearForm, constant: bigint): LinearForm {
  const out = new Map(form);
  addTerm(field, out, 0, constant);
  return out;
}

/** a·b = c says q·divisor = numerator: q. */
export function quotient(
  system: ConstraintSystem,
  { a, b, c }: Quadratic,
  numerator: LinearForm,
  divisor: LinearForm,
): LinearForm | undefined {
  const { field } = system;
  const by = ratio(system, c, numerator);
  if (by === undefined || by === 0n) return undefined;
  for (const [factor, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const of = ratio(system, other, divisor);
    if (of !== undefined && of !== 0n) return scaled(field, factor, (of * field.inv(by)) % field.p);
  }
  return undefined;
}

/** a·b = c says x·y = z: z. */
export function product(
  system: ConstraintSystem,
  { a, b, c }: Quadratic,
  x: LinearForm,
  y: LinearForm,
): LinearForm | undefined {
  const { field } = system;
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const [of, by] = [ratio(system, one, x), ratio(system, other, y)];
    if (of !== undefined && by !== undefined && of !== 0n && by !== 0n)
      return scaled(field, c, field.inv((of * by) % field.p));
  }
  return undefined;
}

type PointFact = FactOf<'point'>;
type Coordinates = Pick<PointFact, 'u' | 'v'>;

/** λ·(u₂ − u₁) = v₂ − v₁: λ. */
export const chord = (
  system: ConstraintSystem,
  constraint: Quadratic,
  p: Coordinates,
  q: Coordinates,
): LinearForm | undefined =>
  quotient(system, constraint, combined(system, [1n, q.v], [-1n, p.v]), chordDivisor(system, p, q));

export const chordDivisor = (system: ConstraintSystem, p: Coordinates, q: Coordinates): LinearForm =>
  combined(system, [1n, q.u], [-1n, p.u]);

/** u·u = s and λ·2v = 3s + 2A·u + 1: λ. */
export function tangent(
  system: ConstraintSystem,
  [square, slope]: readonly Quadratic[],
  { u, v }: Coordinates,
): LinearForm | undefined {
  const s = product(system, square!, u, u);
  if (s === undefined) return undefined;
  const numerator = plusConstant(system, combined(system, [3n, s], [2n * MONTGOMERY_A, u]), 1n);
  return quotient(system, slope!, numerator, combined(system, [2n, v]));
}

/** λ·λ = u₃ + A + u₁ + u₂: u₃. */
export function thirdU(
  system: ConstraintSystem,
  constraint: Quadratic,
  slope: LinearForm,
  p: Coordinates,
  q: Coordinates,
): LinearForm | undefined {
  const square = product(system, constraint, slope, slope);
  return (
    square && plusConstant(system, combined(system, [1n, square], [-1n, p.u], [-1n, q.u]), -MONTGOMERY_A)
  );
}

/** λ·(u₁ − u₃) = v₃ + v₁, or the same from the other point: v₃. */
export function thirdV(
  system: ConstraintSystem,
  constraint: Quadratic,
  slope: LinearForm,
  u: LinearForm,
  from: readonly Coordinates[],
): LinearForm | undefined {
  for (const p of from) {
    const sum = product(system, constraint, slope, combined(system, [1n, p.u], [-1n, u]));
    if (sum !== undefined) return combined(system, [1n, sum], [-1n, p.v]);
  }
  return undefined;
}

/** A slope by what a linear constraint says it is: the constraint is taken off as often as makes `wire` go. */
export function rewritten(
  system: ConstraintSystem,
  form: LinearForm,
  linear: Quadratic | undefined,
): LinearForm | undefined {
  if (linear === undefined) return form;
  const { field } = system;
  if (linear.a.size > 0) return undefined;
  for (const [wire, c] of form) {
    const own = linear.c.get(wire);
    if (wire !== 0 && own !== undefined) return combined(system, [1n, form], [-c * field.inv(own), linear.c]);
  }
  return undefined;
}
