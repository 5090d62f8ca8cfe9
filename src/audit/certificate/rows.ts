import { addScaled, addTerm, formKey, type LinearForm, leadOf, scaled } from '../system/linear-form.ts';
import type { ConstraintSystem } from '../system/system.ts';
import type { Fact, ProofRow } from './certificate.ts';
import type { Known } from './given.ts';

/** A weighted sum of constraints and facts: plain + Σ factorₖ·formₖ + products that are not taken apart = 0. */
export interface RowSum {
  readonly plain: Map<number, bigint>;
  /** By the key of the factor, which has one value in both witnesses: the factor and what it multiplies. */
  readonly multiplied: Map<string, { readonly factor: LinearForm; readonly terms: Map<number, bigint> }>;
  readonly products: Map<string, bigint>;
}

/**
 * Adds up rows.
 * @param paired of differences of two witnesses: what is the same in both is gone, and a factor that is the same is a coefficient;
 *               otherwise of one witness
 * @returns      undefined if a row is none
 */
export function addRows(
  system: ConstraintSystem,
  given: Known,
  rows: readonly ProofRow[],
  facts: readonly (Fact | undefined)[],
  paired: boolean,
): RowSum | undefined {
  const { field } = system;
  const sum: RowSum = { plain: new Map(), multiplied: new Map(), products: new Map() };
  for (const { of, index, factor } of rows) {
    if (of === 'fact') {
      const fact = facts[index];
      if (fact?.kind !== 'zero' && !(paired && fact?.kind === 'unique')) return undefined;
      addScaled(field, sum.plain, fact.form, factor);
      continue;
    }
    const constraint = system.constraints[index];
    if (constraint === undefined) return undefined;
    addScaled(field, sum.plain, constraint.c, field.p - factor);
    if (constraint.a.size > 0) addProduct(system, given, sum, constraint.a, constraint.b, factor, paired);
  }
  const plain = given.reduce(sum.plain);
  if (plain !== sum.plain) {
    sum.plain.clear();
    for (const [wire, coefficient] of plain) sum.plain.set(wire, coefficient);
  }
  if (paired) {
    dropUnique(given, sum.plain);
    for (const [key, { terms }] of sum.multiplied) {
      dropUnique(given, terms);
      if (terms.size === 0) sum.multiplied.delete(key);
    }
  }
  return sum;
}

function addProduct(
  system: ConstraintSystem,
  given: Known,
  sum: RowSum,
  a: LinearForm,
  b: LinearForm,
  factor: bigint,
  paired: boolean,
): void {
  const { field } = system;
  const [va, vb] = [given.value(a), given.value(b)];
  if (va !== undefined) return addScaled(field, sum.plain, b, factor * va);
  if (vb !== undefined) return addScaled(field, sum.plain, a, factor * vb);
  if (paired && given.isUnique(a) && given.isUnique(b)) return;
  const [ra, rb] = [given.reduce(a), given.reduce(b)];
  if (paired && (given.isUnique(ra) || given.isUnique(rb))) {
    const [shared, other] = given.isUnique(ra) ? [ra, rb] : [rb, ra];
    const lead = leadOf(shared);
    const key = formKey(field, shared);
    const bucket = sum.multiplied.get(key) ?? {
      factor: scaled(field, shared, field.inv(lead)),
      terms: new Map(),
    };
    sum.multiplied.set(key, bucket);
    return addScaled(field, bucket.terms, other, factor * lead);
  }
  const key = [formKey(field, ra), formKey(field, rb)].sort().join('*');
  const value = field.mod((sum.products.get(key) ?? 0n) + factor * leadOf(ra) * leadOf(rb));
  if (value === 0n) sum.products.delete(key);
  else sum.products.set(key, value);
}

function dropUnique(given: Known, terms: Map<number, bigint>): void {
  for (const wire of terms.keys()) if (given.isUniqueWire(wire)) terms.delete(wire);
}

/** factor with form = factor·unit, undefined if there is none. */
export function ratio(system: ConstraintSystem, form: LinearForm, unit: LinearForm): bigint | undefined {
  const { field } = system;
  const [first] = unit;
  if (first === undefined) return undefined;
  const factor = ((form.get(first[0]) ?? 0n) * field.inv(first[1])) % field.p;
  if (factor === 0n) return form.size === 0 ? 0n : undefined;
  if (form.size !== unit.size) return undefined;
  for (const [wire, c] of unit) if ((factor * c) % field.p !== form.get(wire)) return undefined;
  return factor;
}

/**
 * What a sum of rows multiplies the difference of a form by.
 * @returns k with k·form(x) = k·form(y) for every pair, undefined if the sum says something else
 */
export function coefficientOf(
  system: ConstraintSystem,
  sum: RowSum,
  form: LinearForm,
): LinearForm | undefined {
  if (sum.products.size > 0) return undefined;
  const constant = ratio(system, sum.plain, form);
  if (constant === undefined) return undefined;
  const out = new Map<number, bigint>();
  addTerm(system.field, out, 0, constant);
  for (const { factor, terms } of sum.multiplied.values()) {
    const by = ratio(system, terms, form);
    if (by === undefined) return undefined;
    addScaled(system.field, out, factor, by);
  }
  return out;
}
