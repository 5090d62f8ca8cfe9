import type { Fact } from '../certificate/certificate.ts';
import { Base } from '../certificate/curve.ts';
import { evaluateForm } from '../system/linear-form.ts';
import type { RawSystem } from '../system/normal-form.ts';

/** Two witnesses of the same inputs that differ in a target: what an under-constrained circuit allows. */
export interface Forgery {
  readonly first: readonly bigint[];
  readonly second: readonly bigint[];
  readonly target: number;
}

/**
 * Whether two lists of values are what they are called. Reads the constraints as the file has them and shares nothing with
 * the search that found the lists.
 * @param assumptions values that inputs were said to have
 */
export function isForgery(raw: RawSystem, forgery: Forgery, assumptions: readonly Fact[]): boolean {
  const { first, second, target } = forgery;
  return (
    isWitness(raw, first) &&
    isWitness(raw, second) &&
    raw.isInput.every((is, wire) => !is || first[wire] === second[wire]) &&
    raw.targets.includes(target) &&
    first[target] !== second[target] &&
    assumptions.every((fact) => isShared(raw, fact, forgery)) &&
    [first, second].every((values) => assumptions.every((fact) => isMet(raw, fact, values)))
  );
}

/** Whether values meet every constraint. */
export function isWitness({ field, wireCount, constraints }: RawSystem, values: readonly bigint[]): boolean {
  if (values.length !== wireCount || values[0] !== 1n) return false;
  if (!values.every((value) => value >= 0n && value < field.p)) return false;
  const sum = (form: ReadonlyMap<number, bigint>): bigint => {
    let total = 0n;
    for (const [wire, coefficient] of form) total += coefficient * values[wire]!;
    return total % field.p;
  };
  return constraints.every(({ a, b, c }) => (sum(a) * sum(b)) % field.p === sum(c));
}

function isMet({ field }: RawSystem, fact: Fact, values: readonly bigint[]): boolean {
  if (fact.kind === 'set') return fact.values.includes(values[fact.wire]!);
  if (fact.kind === 'range') return fact.low + field.mod(values[fact.wire]! - fact.low) <= fact.high;
  if (fact.kind !== 'point') return true;
  const [x, y] = fact.base.map((form) => evaluateForm(field, form, (wire) => values[wire]));
  return Base.of(x!, y!) !== undefined;
}

/** What was said to be an input is the same in both. */
const isShared = ({ field }: RawSystem, fact: Fact, { first, second }: Forgery): boolean =>
  fact.kind !== 'unique' ||
  evaluateForm(field, fact.form, (w) => first[w]) === evaluateForm(field, fact.form, (w) => second[w]);
