import { constantOf, type LinearForm } from '../system/linear-form.ts';
import type { ProofContext } from './context.ts';
import { applyRows } from './linear.ts';
import { isNonzero } from './nonzero.ts';

/** a·b = c: what a c that is 0, or is not, says of a and b. */
export function useProducts(context: ProofContext, index: number): void {
  const { system, store } = context;
  const { a, b, c } = system.constraints[index]!;
  if (a.size === 0) return;
  if (store.value(c) === 0n) {
    for (const [factor, other] of [
      [a, b],
      [b, a],
    ] as const) {
      if (store.value(other) === 0n || !isNonzero(context, factor)) continue;
      const form = told(store.reduce(other), other);
      const from = [...store.premises([a, b, c])];
      if (!store.emit({ rule: 'factor', from, constraint: index, facts: [{ kind: 'zero', form }] })) continue;
      applyRows(context, [{ of: 'fact', index: store.facts.length - 1, factor: 1n }]);
    }
    return;
  }
  if ((store.hasNonzero(a) && store.hasNonzero(b)) || !isNonzero(context, c)) return;
  for (const factor of [a, b]) {
    const form = store.reduce(factor);
    if (constantOf(form) !== undefined || store.hasNonzero(form)) continue;
    const from = [...store.premises([a, b, c])];
    store.emit({ rule: 'nonzero-factors', from, constraint: index, facts: [{ kind: 'nonzero', form }] });
  }
}

/** A form that has become a constant is said as it stands. */
const told = (reduced: LinearForm, form: LinearForm): LinearForm =>
  constantOf(reduced) === undefined ? reduced : form;
