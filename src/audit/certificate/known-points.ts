import { constantOf, evaluateForm, type LinearForm } from '../system/linear-form.ts';
import type { ConstraintSystem } from '../system/system.ts';
import type { Fact, StepOf } from './certificate.ts';
import { Base } from './curve.ts';
import type { Given } from './given.ts';
import { isWithin, one } from './multiples.ts';
import { choicesOf, polynomialOf } from './values.ts';

/** Combinations of values that a point is looked up for, at most. */
export const MAX_ENTRIES = 64;

/** The last base, with its tables: steps about one base stand beside one another. */
let last: { readonly key: string; readonly base: Base | undefined } | undefined;

/**
 * All combinations of values of some wires with few values, in order, the last wire fastest. Each tells the values of further
 * wires, one after the other, by constraints that are linear in them.
 * @returns the values of all these wires, by combination; undefined if a constraint does not tell its wire
 */
export function tabulated(
  system: ConstraintSystem,
  choices: readonly (readonly [wire: number, values: readonly bigint[]])[],
  definitions: StepOf<'point-known'>['definitions'],
  constants: (wire: number) => bigint | undefined,
): readonly ReadonlyMap<number, bigint>[] | undefined {
  const { field } = system;
  const found: Map<number, bigint>[] = [];
  const values = new Map<number, bigint>();
  const complete = (): boolean => {
    const all = new Map(values);
    for (const [wire, index] of definitions) {
      const constraint = system.constraints[index];
      const f =
        constraint && polynomialOf(system, constraint, wire, (other) => all.get(other) ?? constants(other));
      if (f === undefined || f[2] !== 0n || f[1] === 0n) return false;
      all.set(wire, field.mod(-f[0] * field.inv(f[1])));
    }
    return found.push(all) <= MAX_ENTRIES;
  };
  const choose = (at: number): boolean => {
    if (at === choices.length) return complete();
    const [wire, of] = choices[at]!;
    return of.every((value) => {
      values.set(wire, value);
      return choose(at + 1);
    });
  };
  return choose(0) ? found : undefined;
}

/** Is (u, v) the stated multiple of a constant base for every combination of values of the step's wires? */
export function isKnownPoint(
  system: ConstraintSystem,
  given: Given,
  step: StepOf<'point-known'>,
  fact: Fact,
): boolean {
  if (fact.kind !== 'point' || fact.curve !== 'montgomery') return false;
  const [x, y] = fact.base.map(constantOf);
  if (x === undefined || y === undefined) return false;
  const key = `${x} ${y}`;
  if (last?.key !== key) last = { key, base: Base.of(x, y) };
  const { base } = last;
  const choices = step.wires.map((wire) => [wire, choicesOf(system, given, wire) ?? []] as const);
  const entries = tabulated(system, choices, step.definitions, (wire) => given.value(new Map([[wire, 1n]])));
  if (
    base === undefined ||
    entries === undefined ||
    entries.length !== step.logs.length ||
    entries.length === 0
  )
    return false;
  return entries.every((values, i) => {
    const isTold = [fact.u, fact.v].every((form) => [...form.keys()].every((w) => w === 0 || values.has(w)));
    if (!isTold) return false;
    const at = (form: LinearForm): bigint => evaluateForm(system.field, form, (wire) => values.get(wire));
    const [u, v] = [at(fact.u), at(fact.v)];
    return base.isMultiple(system.field, step.logs[i]!, u, v) && isWithin(one(step.logs[i]!), fact.multiples);
  });
}
