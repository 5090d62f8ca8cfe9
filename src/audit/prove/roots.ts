import type { Fact } from '../certificate/certificate.ts';
import { constantOf } from '../system/linear-form.ts';
import type { ProofContext } from './context.ts';

/** A constraint of one wire: the wire is one of at most two roots. */
export function useRoots({ system, store }: ProofContext, index: number): void {
  const { field } = system;
  const constraint = system.constraints[index]!;
  if (constraint.a.size === 0) return;
  const [a, b, c] = [store.reduce(constraint.a), store.reduce(constraint.b), store.reduce(constraint.c)];
  if (constantOf(a) !== undefined || constantOf(b) !== undefined) return;
  let wire = 0;
  for (const form of [a, b, c])
    for (const one of form.keys()) {
      if (one === 0) continue;
      if (wire !== 0 && wire !== one) return;
      wire = one;
    }
  const at = (form: ReadonlyMap<number, bigint>, which: number): bigint => form.get(which) ?? 0n;
  const f0 = field.mod(at(a, 0) * at(b, 0) - at(c, 0));
  const f1 = field.mod(at(a, 0) * at(b, wire) + at(a, wire) * at(b, 0) - at(c, wire));
  const f2 = field.mod(at(a, wire) * at(b, wire));
  const root = field.sqrt(field.mod(f1 * f1 - 4n * f2 * f0));
  const half = field.inv((2n * f2) % field.p);
  const fact: Fact =
    root === undefined
      ? { kind: 'absurd' }
      : {
          kind: 'set',
          wire,
          values: [...new Set([field.mod((root - f1) * half), field.mod((-root - f1) * half)])],
        };
  if (!store.isNew(fact)) return;
  const from = [...store.premises([constraint.a, constraint.b, constraint.c])];
  store.emit({ rule: 'roots', from, constraint: index, facts: [fact] });
}
