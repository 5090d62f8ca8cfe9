import { addScaled, type LinearForm } from './linear-form.ts';
import type { PrimeField } from './prime-field.ts';
import { type IsOver, isOverAt, type Quadratic } from './system.ts';

/** Terms from which a sum is looked for in other forms, and its wires by which it is looked for. */
const MIN_TERMS = 3;
const PROBES = 3;

type Side = 'a' | 'b' | 'c';

/**
 * Where a compiler has put a whole sum of bits for one bit, that bit stands again: a multiple of a sum that is 0 is taken off
 * each form that gets shorter by more than half of the sum.
 * @param sums indexes of linear constraints; they stay as they are
 * @returns undefined if the time was over before
 */
export function shortened(
  field: PrimeField,
  constraints: readonly Quadratic[],
  sums: readonly number[],
  isOver: IsOver,
): Quadratic[] | undefined {
  const out = [...constraints];
  const long = sums.filter((index) => out[index]!.c.size >= MIN_TERMS);
  if (long.length === 0) return out;
  const kept = new Set(sums);
  const wanted = new Map<number, number[]>();
  const probes = long.map((index) => [...out[index]!.c.keys()].filter((wire) => wire !== 0).slice(0, PROBES));
  for (const wires of probes) for (const wire of wires) wanted.set(wire, []);
  out.forEach(({ a, b, c }, index) => {
    if (a.size + b.size + c.size < MIN_TERMS || kept.has(index)) return;
    for (const form of [a, b, c])
      for (const wire of form.keys()) if (wanted.get(wire)?.at(-1) !== index) wanted.get(wire)?.push(index);
  });
  for (const [i, of] of long.entries()) {
    const sum = out[of]!.c;
    for (const wire of probes[i]!)
      for (const [looked, index] of wanted.get(wire)!.entries()) {
        if (isOverAt(looked, isOver)) return undefined;
        for (const side of ['a', 'b', 'c'] as const satisfies readonly Side[]) {
          const less = without(field, out[index]![side], sum, wire);
          if (less !== undefined) out[index] = { ...out[index]!, [side]: less };
        }
      }
    if (isOverAt(i, isOver)) return undefined;
  }
  return out;
}

/** form − t·sum, in which the wire is gone, if it is much shorter. */
function without(field: PrimeField, form: LinearForm, sum: LinearForm, wire: number): LinearForm | undefined {
  const own = form.get(wire);
  if (own === undefined || 2 * form.size < sum.size) return undefined;
  const out = new Map(form);
  addScaled(field, out, sum, field.mod(-own * field.inv(sum.get(wire)!)));
  return 2 * (form.size - out.size) > sum.size ? out : undefined;
}
