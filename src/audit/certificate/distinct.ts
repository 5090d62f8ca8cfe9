import type { ConstraintSystem, Quadratic } from '../system/system.ts';
import type { Given } from './given.ts';
import { choicesOf, MAX_CASES } from './values.ts';

/**
 * Wires that are the same in both witnesses because no two combinations of values of the open wires give the constraints the
 * same values: a·b − c, less what is the same in both anyway, must be equal in the two witnesses.
 * @returns undefined if there are too many combinations, or an open wire may have many values
 */
export function distinct(
  system: ConstraintSystem,
  given: Given,
  constraints: readonly Quadratic[],
): readonly number[] | undefined {
  const { field } = system;
  const rows = constraints.map(({ a, b, c }) => ({
    a: given.reduce(a),
    b: given.reduce(b),
    c: new Map([...given.reduce(c)].filter(([wire]) => wire === 0 || !given.isUniqueWire(wire))),
  }));
  const wires = new Set<number>();
  for (const { a, b, c } of rows)
    for (const form of [a, b, c]) for (const wire of form.keys()) wires.add(wire);
  wires.delete(0);
  const order = [...wires];
  const choices = order.map((wire) => choicesOf(system, given, wire));
  let size = 1;
  for (const of of choices) size = Math.min(size * (of?.length ?? MAX_CASES + 1), MAX_CASES + 1);
  if (size > MAX_CASES) return undefined;
  const shared = order.filter((wire) => given.isUniqueWire(wire));
  const open = order.filter((wire) => !given.isUniqueWire(wire));
  const same = new Set(open);
  const seen = new Map<string, readonly bigint[]>();
  const values = new Map([[0, 1n]]);
  const value = (form: ReadonlyMap<number, bigint>): bigint => {
    let sum = 0n;
    for (const [wire, c] of form) sum += c * values.get(wire)!;
    return sum;
  };
  const choose = (at: number): void => {
    if (at < order.length) {
      for (const one of choices[at]!) {
        values.set(order[at]!, one);
        choose(at + 1);
      }
      return;
    }
    const key = [
      ...shared.map((wire) => values.get(wire)),
      ...rows.map(({ a, b, c }) => field.mod(value(a) * value(b) - value(c))),
    ].join();
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(
        key,
        open.map((wire) => values.get(wire)!),
      );
      return;
    }
    open.forEach((wire, i) => {
      if (first[i] !== values.get(wire)) same.delete(wire);
    });
  };
  choose(0);
  return [...same];
}
