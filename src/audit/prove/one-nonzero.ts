import { bodyOf, formKey, type LinearForm, leadOf } from '../system/linear-form.ts';
import type { ProofContext } from './context.ts';

const MAX_TERMS = 300;

/**
 * Σ c·s is the same in both witnesses and s·(M + k) = 0 with a k of its own for each wire: at most one s is not 0, so each
 * is the same. A selector by index has this form.
 */
export function useOneNonzero(
  { system, store }: ProofContext,
  subject: LinearForm,
  prepare: () => void,
): void {
  // A file has the form by wire, and the constraints belong to its wires in that order.
  const form: LinearForm = new Map([...subject].sort(([x], [y]) => x - y));
  const { field, constraints, readers } = system;
  if (form.size < 2 || form.size > MAX_TERMS || store.isUniqueWire(form.keys().next().value!)) return;
  const found: number[] = [];
  const factors: LinearForm[] = [];
  for (const wire of form.keys()) {
    const index = readers[wire]!.find((one) => {
      const { a, b, c } = constraints[one]!;
      if (a.size === 0 || store.value(c) !== 0n) return false;
      return [a, b].some((self, i) => {
        const other = i === 0 ? b : a;
        if (self.size !== 1 || !self.has(wire) || store.value(other) !== undefined) return false;
        if (!store.isUnique(other)) return false;
        factors.push(other);
        return true;
      });
    });
    if (index === undefined) return;
    found.push(index);
  }
  const bodies = new Set(factors.map((factor) => formKey(field, bodyOf(factor))));
  const constants = new Set(
    factors.map((factor) => ((factor.get(0) ?? 0n) * field.inv(leadOf(bodyOf(factor)))) % field.p),
  );
  if (bodies.size !== 1 || constants.size !== factors.length) return;
  prepare();
  if (!store.isUnique(form)) return;
  const zeros = found.map((index) => constraints[index]!.c);
  store.emit({
    rule: 'one-nonzero',
    from: [...store.premises([form, ...factors, ...zeros])],
    form,
    constraints: found,
    facts: [...form.keys()].map((wire) => ({ kind: 'unique', form: new Map([[wire, 1n]]) })),
  });
}
