import { union, withoutZero } from '../certificate/multiples.ts';
import { isSameBase, lineAt } from '../certificate/points.ts';
import { type LinearForm, onlyWire, scaled } from '../system/linear-form.ts';
import type { ProofContext } from './context.ts';
import type { FoundPoint, PointIndex } from './point-index.ts';

/** Values of a wire that chooses, at most, and constraints that read it. */
const MAX_VALUES = 4;
const MAX_READERS = 64;

/** A constraint in which a wire with few values chooses what another wire is: its form for each value. */
interface Choice {
  readonly wire: number;
  readonly chosen: number;
  readonly forms: readonly LinearForm[];
}

/** A coordinate v that a bit chooses from those of points, or from v and −v; with it a u that the same bit chooses, or that stays. */
export function useChoice(context: ProofContext, index: PointIndex, at: number): void {
  const { system } = context;
  for (const { wire, chosen, forms } of choicesIn(context, at)) {
    const v: LinearForm = new Map([[chosen, 1n]]);
    for (const first of index.withV(forms[0]!)) {
      const { u } = first.point;
      say(context, index, { wire, u, v, us: forms.map(() => u), vs: forms, constraints: [at] });
      const readers = system.readers[wire]!;
      if (readers.length > MAX_READERS) continue;
      for (const other of readers)
        for (const one of other === at ? [] : choicesIn(context, other))
          if (one.wire === wire)
            say(context, index, {
              wire,
              u: new Map([[one.chosen, 1n]]),
              v,
              us: one.forms,
              vs: forms,
              constraints: [other, at],
            });
    }
  }
}

function choicesIn({ system, store }: ProofContext, at: number): Choice[] {
  const { field } = system;
  const constraint = system.constraints[at]!;
  const { a, b, c } = constraint;
  if (a.size === 0 || a.size + b.size + c.size > 16) return [];
  const found: Choice[] = [];
  for (const wire of new Set([onlyWire(a), onlyWire(b)])) {
    if (wire === undefined) continue;
    const fixed = store.value(new Map([[wire, 1n]]));
    const values = fixed === undefined ? store.setOf(wire) : [fixed];
    if (values === undefined || values.length === 0 || values.length > MAX_VALUES) continue;
    for (const chosen of c.keys()) {
      if (chosen === 0 || chosen === wire || a.has(chosen) || b.has(chosen)) continue;
      const forms = values.flatMap((value) => {
        const line = lineAt(system, constraint, wire, value);
        const own = line?.get(chosen);
        if (line === undefined || own === undefined) return [];
        const out = new Map(scaled(field, line, field.p - field.inv(own)));
        out.delete(chosen);
        return [out];
      });
      if (forms.length === values.length) found.push({ wire, chosen, forms });
    }
  }
  return found;
}

function say(
  { store }: ProofContext,
  index: PointIndex,
  choice: {
    readonly wire: number;
    readonly u: LinearForm;
    readonly v: LinearForm;
    readonly us: readonly LinearForm[];
    readonly vs: readonly LinearForm[];
    readonly constraints: readonly number[];
  },
): void {
  const { wire, u, v, us, vs, constraints } = choice;
  for (const first of index.at(us[0]!, vs[0]!)) {
    const found: FoundPoint[] = [first];
    for (let i = 1; i < us.length; i++) {
      const next = index
        .at(us[i]!, vs[i]!)
        .find(({ point }) => isSameBase(point, first.point) && point.curve === first.point.curve);
      if (next !== undefined) found.push(next);
    }
    if (found.length < us.length) continue;
    const { curve, base } = first.point;
    if (index.has({ curve, u, v }, base)) continue;
    const multiples = withoutZero(union(found.map(({ point }) => point.multiples)));
    const from = store.withRanges(new Set(found.map(({ at: [id] }) => id)), [new Map([[wire, 1n]])]);
    const points = found.map(({ at }) => at);
    const facts = [{ kind: 'point' as const, curve, u, v, base, multiples }];
    store.emit({ rule: 'point-choose', from: [...from], wire, points, constraints, facts });
  }
}
