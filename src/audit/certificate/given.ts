import { largest, smallest } from '../system/integers.ts';
import {
  addScaled,
  addTerm,
  bodyOf,
  constantOf,
  formKey,
  type LinearForm,
  leadOf,
  onlyWire,
  rootOf,
} from '../system/linear-form.ts';
import type { ConstraintSystem } from '../system/system.ts';
import type { Fact, FactOf } from './certificate.ts';

/** What rules ask of what is known. */
export interface Known {
  reduce(form: LinearForm): LinearForm;
  value(form: LinearForm): bigint | undefined;
  isUniqueWire(wire: number): boolean;
  isUnique(form: LinearForm): boolean;
}

/** What the premises of one step say, so that a rule can look it up. */
export class Given implements Known {
  readonly ranges = new Map<number, { readonly low: bigint; readonly high: bigint }>();
  readonly sets = new Map<number, readonly bigint[]>();
  readonly sums: FactOf<'sum'>[] = [];
  readonly conditions: FactOf<'zero' | 'nonzero'>[] = [];
  private readonly system: ConstraintSystem;
  private readonly uniqueWires = new Set<number>();
  private readonly uniqueForms = new Set<string>();
  private readonly fixed = new Map<number, bigint>();
  private readonly valued = new Map<string, bigint>();
  private readonly nonzero = new Set<string>();

  constructor(system: ConstraintSystem, facts: readonly Fact[]) {
    this.system = system;
    for (const fact of facts) this.add(fact);
    // What is fixed later in the list is known to the forms before it, too.
    for (const fact of facts) if (fact.kind === 'nonzero') this.nonzero.add(this.key(this.reduce(fact.form)));
  }
  private key(form: LinearForm): string {
    return formKey(this.system.field, form);
  }
  private add(fact: Fact): void {
    if (fact.kind === 'unique') {
      const wire = fact.form.size === 1 ? onlyWire(fact.form) : undefined;
      if (wire !== undefined) this.uniqueWires.add(wire);
      else this.uniqueForms.add(this.key(bodyOf(fact.form)));
    } else if (fact.kind === 'zero') this.addZero(fact);
    else if (fact.kind === 'nonzero') {
      this.conditions.push(fact);
      this.nonzero.add(this.key(fact.form));
    } else if (fact.kind === 'range') this.ranges.set(fact.wire, fact);
    else if (fact.kind === 'set') this.sets.set(fact.wire, fact.values);
    else if (fact.kind === 'sum') this.sums.push(fact);
  }
  private addZero(fact: FactOf<'zero' | 'nonzero'>): void {
    const { field } = this.system;
    this.conditions.push(fact);
    const wire = onlyWire(fact.form);
    if (wire !== undefined) this.fixed.set(wire, rootOf(field, fact.form, wire));
    else if (constantOf(fact.form) === undefined) {
      const inverse = field.inv(leadOf(fact.form));
      this.valued.set(this.key(bodyOf(fact.form)), field.mod(-(fact.form.get(0) ?? 0n) * inverse));
    }
  }
  /** The form with known wires replaced by their values. */
  reduce(form: LinearForm): LinearForm {
    if (this.fixed.size === 0) return form;
    let out: Map<number, bigint> | undefined;
    for (const [wire, coefficient] of form) {
      const value = this.fixed.get(wire);
      if (value === undefined) continue;
      out ??= new Map(form);
      out.delete(wire);
      addTerm(this.system.field, out, 0, coefficient * value);
    }
    return out ?? form;
  }
  /** The value of a form in every witness, if the premises tell it. */
  value(form: LinearForm): bigint | undefined {
    const { field } = this.system;
    const reduced = this.reduce(form);
    const constant = constantOf(reduced);
    if (constant !== undefined) return constant;
    const body = this.valued.size === 0 ? undefined : this.valued.get(this.key(bodyOf(reduced)));
    return body === undefined ? undefined : field.mod(body * leadOf(reduced) + (reduced.get(0) ?? 0n));
  }
  isUniqueWire(wire: number): boolean {
    return wire === 0 || this.system.isInput[wire]! || this.uniqueWires.has(wire) || this.fixed.has(wire);
  }
  isUnique(form: LinearForm): boolean {
    for (const wire of form.keys())
      if (!this.isUniqueWire(wire))
        return this.uniqueForms.size > 0 && this.uniqueForms.has(this.key(bodyOf(form)));
    return true;
  }
  isNonzero(form: LinearForm): boolean {
    const constant = constantOf(form);
    if (constant !== undefined) return constant !== 0n;
    if (this.nonzero.has(this.key(form))) return true;
    const reduced = this.reduce(form);
    return reduced !== form && this.isNonzero(reduced);
  }
  /** Integers between which a form lies when its coefficients are taken centred. */
  interval(form: LinearForm): { readonly low: bigint; readonly high: bigint } | undefined {
    const { field } = this.system;
    const spelled = this.spelled(form);
    if (spelled !== undefined) return spelled;
    let [low, high] = [0n, 0n];
    for (const [wire, coefficient] of this.reduce(form)) {
      const c = field.centred(coefficient);
      const range = wire === 0 ? { low: 1n, high: 1n } : this.rangeOf(wire);
      if (range === undefined) return undefined;
      low += c * (c > 0n ? range.low : range.high);
      high += c * (c > 0n ? range.high : range.low);
    }
    return { low, high };
  }
  /** Integers between which a form lies that sums of bits are known of, beside a constant. */
  private spelled(form: LinearForm): { readonly low: bigint; readonly high: bigint } | undefined {
    const constant = this.system.field.centred(form.get(0) ?? 0n);
    const size = form.has(0) ? form.size - 1 : form.size;
    let found: { low: bigint; high: bigint } | undefined;
    for (const { weights, low, high } of this.sums) {
      if (weights.size !== size || ![...weights].every(([wire, c]) => form.get(wire) === c)) continue;
      found = {
        low: largest([constant + low, found?.low ?? constant + low]),
        high: smallest([constant + high, found?.high ?? constant + high]),
      };
    }
    return found;
  }
  /** The tighter of what is said of a wire. */
  rangeOf(wire: number): { readonly low: bigint; readonly high: bigint } | undefined {
    const range = this.ranges.get(wire);
    const values = this.sets.get(wire);
    if (values === undefined || values.length === 0) return range;
    const centred = values.map((value) => this.system.field.centred(value));
    const low = smallest(centred);
    const high = largest(centred);
    return range !== undefined && range.high - range.low <= high - low ? range : { low, high };
  }
  /** Takes out of a form what is the same in both witnesses. */
  difference(form: LinearForm): Map<number, bigint> {
    const out = new Map<number, bigint>();
    addScaled(this.system.field, out, form, 1n);
    for (const wire of form.keys()) if (this.isUniqueWire(wire)) out.delete(wire);
    return out;
  }
}
