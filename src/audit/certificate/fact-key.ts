import { bodyOf, formKey } from '../system/linear-form.ts';
import type { ConstraintSystem } from '../system/system.ts';
import type { Fact } from './certificate.ts';

/** Equal for equal facts; forms up to a factor. */
export function factKey(system: ConstraintSystem, fact: Fact): string {
  if (fact.kind === 'absurd') return fact.kind;
  if (fact.kind === 'range') return `range ${fact.wire} ${fact.low} ${fact.high}`;
  if (fact.kind === 'set') return `set ${fact.wire} ${[...fact.values].sort().join()}`;
  if (fact.kind === 'sum')
    return `sum ${[...fact.weights].sort(([x], [y]) => x - y).join(' ')} ${fact.low} ${fact.high}`;
  if (fact.kind === 'point') {
    const forms = [fact.u, fact.v, ...fact.base].map((form) => [...form].sort(([x], [y]) => x - y).join(' '));
    const multiples = fact.multiples.map(({ low, high, step }) => `${low} ${high} ${step}`);
    return `point ${fact.curve} ${[...forms, ...multiples].join(', ')}`;
  }
  if (fact.kind === 'unique') return `unique ${formKey(system.field, bodyOf(fact.form))}`;
  return `${fact.kind} ${formKey(system.field, fact.form)}`;
}
