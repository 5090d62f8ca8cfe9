import { largest, smallest } from '../system/integers.ts';
import { addTerm, constantOf, evaluateForm, type LinearForm, scaled } from '../system/linear-form.ts';
import type { PrimeField } from '../system/prime-field.ts';
import type { ConstraintSystem, Quadratic } from '../system/system.ts';
import type { Fact } from './certificate.ts';
import type { Given } from './given.ts';

/** f₀ + f₁·x + f₂·x² */
type Polynomial = readonly [bigint, bigint, bigint];

/** a·b − c as a polynomial of one wire, the others having values. @returns undefined if another wire has none */
export function polynomialOf(
  system: ConstraintSystem,
  { a, b, c }: Pick<Quadratic, 'a' | 'b' | 'c'>,
  wire: number,
  values: (wire: number) => bigint | undefined,
): Polynomial | undefined {
  const { field } = system;
  const line = (form: LinearForm): readonly [bigint, bigint] | undefined => {
    let constant = 0n;
    for (const [other, coefficient] of form) {
      if (other === wire) continue;
      const value = other === 0 ? 1n : values(other);
      if (value === undefined) return undefined;
      constant += coefficient * value;
    }
    return [constant, form.get(wire) ?? 0n];
  };
  const [la, lb, lc] = [line(a), line(b), line(c)];
  if (la === undefined || lb === undefined || lc === undefined) return undefined;
  return [
    field.mod(la[0] * lb[0] - lc[0]),
    field.mod(la[0] * lb[1] + la[1] * lb[0] - lc[1]),
    field.mod(la[1] * lb[1]),
  ];
}

/** All roots, if a hint says one of two. @returns undefined if there may be others, or any value is one */
function rootsFrom(system: ConstraintSystem, f: Polynomial, hint: readonly bigint[]): bigint[] | undefined {
  const { field } = system;
  if (f[2] === 0n) {
    if (f[1] !== 0n) return [field.mod(-f[0] * field.inv(f[1]))];
    return f[0] === 0n ? undefined : [];
  }
  if (!field.isSquare(field.mod(f[1] * f[1] - 4n * f[2] * f[0]))) return [];
  const one = hint.find((x) => field.mod(f[0] + x * (f[1] + x * f[2])) === 0n);
  return one === undefined ? undefined : [one, field.mod(-f[1] * field.inv(f[2]) - one)];
}

/** Does a constraint of one wire say this of it? */
export function roots(system: ConstraintSystem, given: Given, constraint: Quadratic, fact: Fact): boolean {
  const reduced = {
    a: given.reduce(constraint.a),
    b: given.reduce(constraint.b),
    c: given.reduce(constraint.c),
  };
  const wires = new Set([...reduced.a.keys(), ...reduced.b.keys(), ...reduced.c.keys()]);
  wires.delete(0);
  const [wire] = wires;
  if (wires.size !== 1) return false;
  const f = polynomialOf(system, reduced, wire!, () => undefined);
  if (f === undefined) return false;
  if (fact.kind === 'absurd') return rootsFrom(system, f, [])?.length === 0;
  if (fact.kind !== 'set' || fact.wire !== wire) return false;
  return rootsFrom(system, f, fact.values)?.every((root) => fact.values.includes(root)) ?? false;
}

/** Combinations that are looked at in one step, at most; and elements of a range that is taken for a set. */
export const MAX_CASES = 4096;
export const MAX_CHOICES = 64n;

/** The values a wire may have, if they are few. */
export function choicesOf(
  system: ConstraintSystem,
  given: Given,
  wire: number,
): readonly bigint[] | undefined {
  const set = given.sets.get(wire);
  if (set !== undefined) return set;
  const range = given.ranges.get(wire);
  if (range === undefined || range.high - range.low >= MAX_CHOICES) return undefined;
  const size = Number(range.high - range.low) + 1;
  return Array.from({ length: size }, (_, i) => system.field.mod(range.low + BigInt(i)));
}

/** Values of wires together: each row has one value for each wire, at the wire's place. */
export interface Combinations {
  readonly places: ReadonlyMap<number, number>;
  readonly rows: readonly (readonly bigint[])[];
}

/**
 * All combinations of the wires with few values that meet the constraints and the conditions. One further wire is solved for.
 * @returns undefined if there are too many, or the further wire is not told by a linear equation
 */
export function survivors(
  system: ConstraintSystem,
  given: Given,
  constraints: readonly Quadratic[],
): Combinations | undefined {
  const { field } = system;
  const reduced = constraints.map(({ a, b, c }) => ({
    a: given.reduce(a),
    b: given.reduce(b),
    c: given.reduce(c),
  }));
  const choices = new Map<number, readonly bigint[]>();
  for (const wire of new Set([...given.sets.keys(), ...given.ranges.keys()])) {
    const of = choicesOf(system, given, wire);
    if (of !== undefined) choices.set(wire, of);
  }
  let size = 1;
  for (const of of choices.values()) size = Math.min(size * of.length, MAX_CASES + 1);
  if (size > MAX_CASES) return undefined;
  const unknown = new Set<number>();
  for (const { a, b, c } of reduced)
    for (const form of [a, b, c])
      for (const wire of form.keys()) if (wire !== 0 && !choices.has(wire)) unknown.add(wire);
  if (unknown.size > 1) return undefined;
  const [free] = unknown;
  const wires = [...choices.keys()];
  const places = new Map(wires.map((wire, at) => [wire, at]));
  const lines = reduced.map(({ a, b, c }) => [a, b, c].map((form) => lineOf(field, form, places, free)));
  if (free !== undefined) places.set(free, wires.length);
  const conditions = given.conditions.filter(({ form }) =>
    [...form.keys()].every((wire) => wire === 0 || choices.has(wire)),
  );
  const rows: bigint[][] = [];
  const values = new Array<bigint>(wires.length).fill(0n);
  /** The same values, centred: small numbers are fast. */
  const at = new Array<bigint>(wires.length).fill(0n);
  const complete = (): boolean => {
    let solved: bigint | undefined;
    for (const [a, b, c] of lines as [Line, Line, Line][]) {
      const [va, vb] = [sumAt(a, at), sumAt(b, at)];
      const f = [
        field.mod(va * vb - sumAt(c, at)),
        free === undefined ? 0n : field.mod(va * b.own + a.own * vb - c.own),
        free === undefined ? 0n : field.mod(a.own * b.own),
      ] as const;
      if (f[2] !== 0n) return false;
      if (f[1] === 0n) {
        if (f[0] !== 0n) return true;
        continue;
      }
      const root = field.mod(-f[0] * field.inv(f[1]));
      if (solved !== undefined && solved !== root) return true;
      solved = root;
    }
    if (free !== undefined && solved === undefined) return false;
    for (const { kind, form } of conditions)
      if ((evaluateForm(field, form, (wire) => values[places.get(wire)!]) === 0n) !== (kind === 'zero'))
        return true;
    rows.push(free === undefined ? [...values] : [...values, solved!]);
    return true;
  };
  const choose = (place: number): boolean => {
    if (place === wires.length) return complete();
    for (const value of choices.get(wires[place]!)!) {
      values[place] = value;
      at[place] = field.centred(value);
      if (!choose(place + 1)) return false;
    }
    return true;
  };
  return choose(0) ? { places, rows } : undefined;
}

/** A form over wires with places, and one wire more: all coefficients centred. */
interface Line {
  readonly constant: bigint;
  readonly own: bigint;
  readonly terms: readonly (readonly [place: number, coefficient: bigint])[];
}

function lineOf(
  field: PrimeField,
  form: LinearForm,
  places: ReadonlyMap<number, number>,
  free: number | undefined,
): Line {
  const terms: [number, bigint][] = [];
  let [constant, own] = [0n, 0n];
  for (const [wire, coefficient] of form) {
    const c = field.centred(coefficient);
    if (wire === 0) constant = c;
    else if (wire === free) own = c;
    else terms.push([places.get(wire)!, c]);
  }
  return { constant, own, terms };
}

function sumAt({ constant, terms }: Line, at: readonly bigint[]): bigint {
  let sum = constant;
  for (const [place, c] of terms) sum += c * at[place]!;
  return sum;
}

/** Do the conclusions hold in every combination that meets the constraints? */
export function casesHold(
  system: ConstraintSystem,
  given: Given,
  constraints: readonly (Quadratic | undefined)[],
  facts: readonly Fact[],
): boolean {
  const found = survivors(
    system,
    given,
    constraints.filter((one) => one !== undefined),
  );
  if (found === undefined) return false;
  const { places, rows } = found;
  return facts.every((fact) => {
    if (fact.kind === 'set') {
      const place = places.get(fact.wire);
      return place !== undefined ? rows.every((at) => fact.values.includes(at[place]!)) : rows.length === 0;
    }
    if (fact.kind !== 'zero' && fact.kind !== 'nonzero') return rows.length === 0;
    const form = given.reduce(fact.form);
    if (![...form.keys()].every((wire) => wire === 0 || places.has(wire))) return rows.length === 0;
    const isZero = (at: readonly bigint[]): boolean =>
      evaluateForm(system.field, form, (wire) => at[places.get(wire)!]) === 0n;
    return rows.every((at) => isZero(at) === (fact.kind === 'zero'));
  });
}

/** The interval in which a constraint keeps a wire, the others having ranges. */
export function bounds(
  system: ConstraintSystem,
  given: Given,
  { a, b, c }: Quadratic,
  wire: number,
): { readonly low: bigint; readonly high: bigint } | undefined {
  const { field } = system;
  const [va, vb] = [given.value(a), given.value(b)];
  const isLinear = va !== undefined || vb !== undefined;
  const sum = new Map(scaled(field, given.reduce(c), field.p - 1n));
  if (isLinear)
    for (const [other, coefficient] of given.reduce(va === undefined ? a : b))
      addTerm(field, sum, other, coefficient * (va ?? vb!));
  else if (a.has(wire) || b.has(wire)) return undefined;
  const own = sum.get(wire);
  if (own === undefined) return undefined;
  sum.delete(wire);
  const by = field.p - field.inv(own);
  const rest = given.interval(scaled(field, sum, by));
  if (rest === undefined || isLinear) return rest;
  const [ia, ib] = [given.interval(scaled(field, a, by)), given.interval(b)];
  if (ia === undefined || ib === undefined) return undefined;
  const ends = [ia.low * ib.low, ia.low * ib.high, ia.high * ib.low, ia.high * ib.high];
  return {
    low: rest.low + smallest(ends),
    high: rest.high + largest(ends),
  };
}

/**
 * w² is the same in both witnesses, so that w is the same or the opposite. Of two opposite values that are not 0, the
 * representatives add up to a multiple of p: where no such sum can be, w is the same. A sign, or a range, tells a root.
 */
export function rootIsTold(
  { field }: ConstraintSystem,
  given: Given,
  { a, b, c }: Quadratic,
  wire: number | undefined,
): boolean {
  const range = wire === undefined ? undefined : given.rangeOf(wire);
  if (range === undefined || range.low < 0n || !given.isUnique(c)) return false;
  if (![a, b].every((form) => form.size === 1 && form.has(wire!))) return false;
  const least = range.low > 0n ? 2n * range.low : 1n;
  return (2n * range.high) / field.p === (least - 1n) / field.p;
}

/** Has the system a constant that is not 0 where 0 should be? */
export const isContradiction = ({ a, c }: Quadratic): boolean => a.size === 0 && (constantOf(c) ?? 0n) !== 0n;
