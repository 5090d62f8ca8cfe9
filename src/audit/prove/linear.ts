import type { ProofRow } from '../certificate/certificate.ts';
import { addRows, coefficientOf, type RowSum } from '../certificate/rows.ts';
import { constantOf, type LinearForm, onlyWire } from '../system/linear-form.ts';
import type { ProofContext } from './context.ts';
import { useDigits } from './digits.ts';
import { isNonzero } from './nonzero.ts';
import { useOneNonzero } from './one-nonzero.ts';

/** Forms of the constraints that rows name. */
export const formsOf = ({ system, store }: ProofContext, rows: readonly ProofRow[]): LinearForm[] =>
  rows.flatMap(({ of, index }) => {
    if (of === 'constraint') {
      const { a, b, c } = system.constraints[index]!;
      return [a, b, c];
    }
    const fact = store.facts[index]!;
    return fact.kind === 'unique' || fact.kind === 'zero' ? [fact.form] : [];
  });

/** Says that a form is the same in both witnesses, because rows say that a multiple of it is that is not 0. */
export function emitCombined(
  context: ProofContext,
  rows: readonly ProofRow[],
  form: LinearForm,
  by: LinearForm,
): void {
  const { store } = context;
  const from = store.premises([...formsOf(context, rows), form, by]);
  for (const { of, index } of rows) if (of === 'fact') from.add(index);
  store.emit({ rule: 'combine', from: [...from], rows, facts: [{ kind: 'unique', form }] });
}

/** The form that a sum of rows says something of: the first that is multiplied, or the rest. */
function subjectOf({ plain, multiplied }: RowSum): LinearForm | undefined {
  for (const { terms } of multiplied.values()) return terms;
  return plain.size > 0 ? plain : undefined;
}

/** Whether a constraint alone says nothing: all of it is the same in both witnesses, or its product stays a product. */
function saysNothing({ system, store }: ProofContext, index: number, isPaired: boolean): boolean {
  const { a, b, c } = system.constraints[index]!;
  if (a.size === 0) return isPaired && isAllUnique(store, c);
  if (isPaired && isAllUnique(store, a) && isAllUnique(store, b)) return isAllUnique(store, c);
  if (store.value(a) !== undefined || store.value(b) !== undefined) return false;
  if (!isPaired) return true;
  return (
    !store.isUnique(store.reduce(a)) &&
    !store.isUnique(store.reduce(b)) &&
    !(store.isUnique(a) && store.isUnique(b))
  );
}

function isAllUnique(store: ProofContext['store'], form: LinearForm): boolean {
  for (const wire of form.keys()) if (!store.isUniqueWire(wire)) return false;
  return true;
}

/** Looks at one constraint: as the difference of two witnesses, or in one. */
export function applyConstraint(context: ProofContext, index: number, isPaired: boolean): void {
  if (saysNothing(context, index, isPaired)) return;
  const rows = [{ of: 'constraint', index, factor: 1n }] as const;
  if (isPaired) applyRows(context, rows);
  else applySum(context, rows);
}

/** Rows as differences of two witnesses: one wire that is left has one value; of several, their digits may tell. */
export function applyRows(context: ProofContext, rows: readonly ProofRow[]): void {
  const { system, store } = context;
  const sum = addRows(system, store, rows, store.facts, true);
  if (sum === undefined || sum.products.size > 0) return;
  const subject = subjectOf(sum);
  const by = subject && coefficientOf(system, sum, subject);
  if (subject === undefined || by === undefined || !isNonzero(context, by)) return;
  const wire = onlyWire(subject);
  if (wire !== undefined) {
    emitCombined(context, rows, new Map([[wire, 1n]]), by);
    return;
  }
  const prepare = (): void => emitCombined(context, rows, subject, by);
  if (!useDigits(context, subject, prepare)) useOneNonzero(context, subject, prepare);
}

/** Rows in one witness: a wire that is left has a known value. */
function applySum(context: ProofContext, rows: readonly ProofRow[]): void {
  const { system, store } = context;
  const sum = addRows(system, store, rows, store.facts, false);
  if (sum === undefined || sum.products.size > 0) return;
  const from = (): number[] => {
    const ids = store.premises(formsOf(context, rows));
    for (const { of, index } of rows) if (of === 'fact') ids.add(index);
    return [...ids];
  };
  const constant = constantOf(sum.plain);
  if (constant !== undefined) {
    if (constant !== 0n) store.emit({ rule: 'sum', from: from(), rows, facts: [{ kind: 'absurd' }] });
    return;
  }
  if (onlyWire(sum.plain) !== undefined && sum.plain.size <= 2)
    store.emit({ rule: 'sum', from: from(), rows, facts: [{ kind: 'zero', form: sum.plain }] });
}
