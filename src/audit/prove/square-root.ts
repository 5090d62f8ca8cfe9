import { rootIsTold } from '../certificate/values.ts';
import { onlyWire } from '../system/linear-form.ts';
import type { ProofContext } from './context.ts';

/** A wire whose square is the same in both witnesses, and whose range holds no two opposite values. */
export function useSquareRoot({ system, store }: ProofContext, index: number): void {
  const constraint = system.constraints[index]!;
  const { a, b, c } = constraint;
  if (a.size !== 1 || b.size !== 1) return;
  const wire = onlyWire(a);
  if (wire === undefined || !b.has(wire) || store.isUniqueWire(wire) || !store.hasRange(wire)) return;
  if (!store.isUnique(c)) return;
  const from = [...store.withRanges(store.premises([a, b, c]), [a])];
  if (!rootIsTold(system, store.given(from), constraint, wire)) return;
  const facts = [{ kind: 'unique' as const, form: new Map([[wire, 1n]]) }];
  store.emit({ rule: 'square-root', from, constraint: index, facts });
}
