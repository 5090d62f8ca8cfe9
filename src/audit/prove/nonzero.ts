import { casesHold } from '../certificate/values.ts';
import { constantOf, type LinearForm, onlyWire, rootOf } from '../system/linear-form.ts';
import type { ProofContext } from './context.ts';

/** Terms of a form whose interval is looked at, at most. */
const MAX_TERMS = 600;
/** Combinations of values of its wires that are tried, at most. */
const MAX_COMBINATIONS = 64;

/** Whether a form is 0 in no witness: known, or told by the values of its wires, which then is a step of its own. */
export function isNonzero({ system, store }: ProofContext, form: LinearForm): boolean {
  if (store.hasNonzero(form)) return true;
  const reduced = store.reduce(form);
  if (constantOf(reduced) !== undefined || reduced.size > MAX_TERMS) return false;
  for (const wire of reduced.keys()) if (wire !== 0 && !store.hasRange(wire)) return false;
  if (isZeroAtZeros(store, reduced)) return false;
  const wire = onlyWire(reduced);
  const values = wire === undefined ? undefined : store.setOf(wire);
  if (values !== undefined) {
    if (values.includes(rootOf(system.field, reduced, wire!))) return false;
    const from = [...store.withRanges(new Set(), [form])];
    return store.emit({ rule: 'cases', from, constraints: [], facts: [{ kind: 'nonzero', form: reduced }] });
  }
  const from = store.withRanges(new Set(), [form]);
  if (hasFewValues(store, reduced)) {
    const facts = [{ kind: 'nonzero' as const, form: reduced }];
    if (casesHold(system, store.given(from), [], facts))
      return store.emit({ rule: 'cases', from: [...from], constraints: [], facts });
  }
  const interval = store.given(from).interval(reduced);
  if (interval === undefined || interval.low + system.field.mod(-interval.low) <= interval.high) return false;
  return store.emit({ rule: 'apart', from: [...from], facts: [{ kind: 'nonzero', form: reduced }] });
}

/** Whether a form is 0 where its wires are, and they may be as far as their values tell: what most forms of bits are. */
function isZeroAtZeros(store: ProofContext['store'], form: LinearForm): boolean {
  for (const wire of form.keys()) if (wire === 0 || !store.mayBeZero(wire)) return false;
  return true;
}

/** Whether all combinations of values of a form's wires are few enough to look at each. */
function hasFewValues(store: ProofContext['store'], form: LinearForm): boolean {
  let size = 1;
  for (const wire of form.keys())
    if (wire !== 0) size *= store.setOf(wire)?.length ?? Number.POSITIVE_INFINITY;
  return size <= MAX_COMBINATIONS;
}
