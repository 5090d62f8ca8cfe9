import type { Fact, FactOf, SignedPoint } from '../certificate/certificate.ts';
import { combined } from '../certificate/point-laws.ts';
import { isSameBase, opposite } from '../certificate/points.ts';
import { formKey, type LinearForm } from '../system/linear-form.ts';
import type { ConstraintSystem } from '../system/system.ts';

/** A point or its opposite, with the number of the fact that says it. */
export interface FoundPoint {
  readonly at: SignedPoint;
  readonly point: FactOf<'point'>;
}

/** Equal for equal forms only, not for multiples. */
const exactly = (form: LinearForm): string =>
  [...form]
    .sort(([x], [y]) => x - y)
    .map(([wire, c]) => `${wire}:${c.toString(32)}`)
    .join();

export function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const all = map.get(key);
  if (all === undefined) map.set(key, [value]);
  else all.push(value);
}

/** Points by their coordinates, and constraints by their factors. */
export class PointIndex {
  /** By key of a form: constraints that square it, and others that have it as a factor. */
  readonly squares = new Map<string, number[]>();
  readonly factors = new Map<string, number[]>();
  private readonly system: ConstraintSystem;
  private readonly byBoth = new Map<string, FoundPoint[]>();
  private readonly byV = new Map<string, FoundPoint[]>();
  private readonly byDivisor = new Map<string, FoundPoint[]>();

  constructor(system: ConstraintSystem) {
    this.system = system;
    const { field, constraints } = system;
    constraints.forEach(({ a, b }, index) => {
      if (a.size === 0) return;
      const [ka, kb] = [formKey(field, a), formKey(field, b)];
      if (ka === kb) push(this.squares, ka, index);
      else {
        push(this.factors, ka, index);
        push(this.factors, kb, index);
      }
    });
  }
  add(fact: Fact, id: number): void {
    if (fact.kind !== 'point') return;
    for (const sign of [1, -1] as const) {
      const point = sign === 1 ? fact : opposite(this.system, fact);
      const found = { at: [id, sign] as const, point };
      push(this.byBoth, `${exactly(point.u)} ${exactly(point.v)}`, found);
      push(this.byV, exactly(point.v), found);
    }
    push(this.byDivisor, this.key(this.divisorOf(fact)), { at: [id, 1], point: fact });
  }
  private key(form: LinearForm): string {
    return formKey(this.system.field, form);
  }
  /** What the map to the other form divides by first: v, or 1 − y. */
  private divisorOf({ curve, v }: FactOf<'point'>): LinearForm {
    return curve === 'montgomery' ? v : combined(this.system, [1n, new Map([[0, 1n]])], [-1n, v]);
  }
  at(u: LinearForm, v: LinearForm): readonly FoundPoint[] {
    return this.byBoth.get(`${exactly(u)} ${exactly(v)}`) ?? [];
  }
  /** Whether these coordinates are known to be of some multiple of the base: a line leads from each of its points to the third. */
  has({ curve, u, v }: Pick<FactOf<'point'>, 'curve' | 'u' | 'v'>, base: FactOf<'point'>['base']): boolean {
    return this.at(u, v).some(({ point }) => point.curve === curve && isSameBase(point, { base }));
  }
  withV(v: LinearForm): readonly FoundPoint[] {
    return this.byV.get(exactly(v)) ?? [];
  }
  /** Points whose v, or 1 − y in Edwards form, the form is up to a factor. */
  dividedBy(form: LinearForm): readonly FoundPoint[] {
    return this.byDivisor.get(this.key(form)) ?? [];
  }
  squaring(form: LinearForm): readonly number[] {
    return this.squares.get(this.key(form)) ?? [];
  }
  multiplying(form: LinearForm): readonly number[] {
    return this.factors.get(this.key(form)) ?? [];
  }
}
