import { distinct } from '../certificate/distinct.ts';
import { MAX_CHOICES } from '../certificate/values.ts';
import type { ProofContext } from './context.ts';

/** Wires of a constraint, and combinations of their values, for which all are tried. */
const MAX_WIRES = 10;
const MAX_TRIED = 1024;

/** A constraint whose open wires have few values, no two of which it can mistake for one another. */
export function useDistinct({ system, store }: ProofContext, index: number): void {
  const constraint = system.constraints[index]!;
  const forms = [constraint.a, constraint.b, constraint.c];
  if (forms.some((form) => form.size > MAX_WIRES + 1)) return;
  const ids = store.withRanges(store.premises(forms), forms);
  const given = store.given(ids);
  let size = 1;
  let isOpen = false;
  for (const form of forms)
    for (const wire of form.keys()) {
      if (store.isUniqueWire(wire)) {
        if (form === constraint.c || given.value(new Map([[wire, 1n]])) !== undefined) continue;
      } else isOpen = true;
      const set = given.sets.get(wire);
      const range = given.ranges.get(wire);
      if (set === undefined && (range === undefined || range.high - range.low >= MAX_CHOICES)) return;
      size *= set?.length ?? Number(range!.high - range!.low) + 1;
      if (size > MAX_TRIED) return;
    }
  if (!isOpen) return;
  for (const wire of distinct(system, given, [constraint]) ?? [])
    store.emit({
      rule: 'distinct',
      from: [...ids],
      constraints: [index],
      facts: [{ kind: 'unique', form: new Map([[wire, 1n]]) }],
    });
}
