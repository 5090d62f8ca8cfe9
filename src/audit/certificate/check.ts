import { gcd, magnitude } from '../system/integers.ts';
import { formKey, type LinearForm, onlyWire } from '../system/linear-form.ts';
import type { ConstraintSystem } from '../system/system.ts';
import type { Fact, FactOf, PointRule, ProofStep, StepOf, UniquenessCertificate } from './certificate.ts';
import { distinct } from './distinct.ts';
import { factKey } from './fact-key.ts';
import { Given } from './given.ts';
import { comparison, residue } from './lemmas.ts';
import { isPointStep, pointsHold } from './points.ts';
import { addRows, coefficientOf, ratio } from './rows.ts';
import { bounds, casesHold, rootIsTold, roots } from './values.ts';
import { isWellFormed } from './well-formed.ts';

export type CheckResult =
  | { readonly accepted: true; readonly proved: readonly number[] }
  | { readonly accepted: false; readonly reason: string };

type Rule<R extends ProofStep['rule']> = (
  step: StepOf<R>,
  given: Given,
  system: ConstraintSystem,
  facts: readonly (Fact | undefined)[],
) => boolean;

/** Every conclusion is of the kind and holds. */
const each = <K extends Fact['kind']>(
  facts: readonly Fact[],
  kind: K,
  holds: (fact: FactOf<K>) => boolean,
): boolean => facts.every((fact) => fact.kind === kind && holds(fact as FactOf<K>));

/** Coefficients at most: of a form in `digits`, where every other is looked at for each. */
const MAX_DIGITS = 5000;

const RULES: { readonly [R in Exclude<ProofStep['rule'], PointRule | 'split'>]: Rule<R> } = {
  // Σ rows, as differences of two witnesses, is k·u with k ≠ 0: then u is the same in both.
  combine: (step, given, system, facts) => {
    const sum = addRows(system, given, step.rows, facts, true);
    return each(step.facts, 'unique', ({ form }) => {
      if (given.isUnique(form)) return true;
      const by = sum && coefficientOf(system, sum, given.difference(form));
      return by !== undefined && given.isNonzero(by);
    });
  },
  // Σ rows in one witness: a form that is 0, or a constant that is not.
  sum: (step, given, system, facts) => {
    const sum = addRows(system, given, step.rows, facts, false);
    if (sum === undefined || sum.products.size > 0) return false;
    return step.facts.every((fact) => {
      if (fact.kind === 'absurd') return sum.plain.size === 1 && sum.plain.has(0);
      if (fact.kind !== 'zero') return false;
      if (given.value(fact.form) === 0n) return true;
      return (ratio(system, sum.plain, given.reduce(fact.form)) ?? 0n) !== 0n;
    });
  },
  // Σ c·d = 0 with small differences holds over the integers: the largest d, or one modulo the others' gcd, is 0.
  digits: (step, given, system) => {
    const { field } = system;
    if (!given.isUnique(step.form) || step.form.size > MAX_DIGITS || step.scale === 0n) return false;
    const left = new Map<number, { c: bigint; width: bigint }>();
    let total = 0n;
    for (const [wire, coefficient] of given.difference(step.form)) {
      const range = given.rangeOf(wire);
      if (range === undefined) return false;
      const c = magnitude(field.centred((coefficient * step.scale) % field.p));
      left.set(wire, { c, width: range.high - range.low });
      total += c * (range.high - range.low);
    }
    const bounded = given.sums.some((sum) => {
      const by = ratio(system, given.difference(step.form), given.difference(sum.weights));
      if (by === undefined || (by * step.scale) % field.p !== 1n || sum.high >= field.p) return false;
      for (const [wire, digit] of left) digit.c = sum.weights.get(wire)!;
      total = [...left.values()].reduce((all, { c, width }) => all + c * width, 0n);
      return true;
    });
    if (total >= field.p && !bounded) return false;
    return each(step.facts, 'unique', ({ form }) => {
      const wire = onlyWire(form);
      const digit = wire === undefined ? undefined : left.get(wire);
      if (digit === undefined) return false;
      left.delete(wire!);
      total -= digit.c * digit.width;
      if (digit.c > total) return true;
      let shared = 0n;
      for (const { c } of left.values()) shared = gcd(shared, c);
      return digit.width < shared / gcd(digit.c, shared);
    });
  },
  // Σ c·s is the same in both, and s·(M + k) = 0 with a k of its own for each: at most one s is not 0.
  'one-nonzero': (step, given, system) => {
    const { field } = system;
    const wires = [...given.difference(step.form).keys()];
    if (!given.isUnique(step.form) || step.constraints.length !== wires.length) return false;
    const bodies = new Set<string>();
    const constants = new Set<bigint>();
    for (const [i, index] of step.constraints.entries()) {
      const constraint = system.constraints[index];
      if (constraint === undefined || given.value(constraint.c) !== 0n) return false;
      const isSelf = (form: LinearForm): boolean => form.size === 1 && form.has(wires[i]!);
      const other = isSelf(constraint.a) ? constraint.b : isSelf(constraint.b) ? constraint.a : undefined;
      if (other === undefined || !given.isUnique(other)) return false;
      const [lead] = [...other].filter(([wire]) => wire !== 0).sort(([x], [y]) => x - y);
      if (lead === undefined) return false;
      constants.add(((other.get(0) ?? 0n) * field.inv(lead[1])) % field.p);
      bodies.add(formKey(field, new Map([...other].filter(([wire]) => wire !== 0))));
    }
    const isApart = bodies.size === 1 && constants.size === wires.length;
    return isApart && each(step.facts, 'unique', ({ form }) => wires.includes(onlyWire(form)!));
  },
  // a·b = 0 and a ≠ 0: b = 0.
  factor: (step, given, system) => {
    const constraint = system.constraints[step.constraint];
    if (constraint === undefined || given.value(constraint.c) !== 0n) return false;
    const { a, b } = constraint;
    return each(step.facts, 'zero', ({ form }) =>
      [a, b].some((one, i) => isMultiple(system, given, form, one) && given.isNonzero(i === 0 ? b : a)),
    );
  },
  // a·b = c ≠ 0: neither is 0.
  'nonzero-factors': (step, given, system) => {
    const constraint = system.constraints[step.constraint];
    if (constraint === undefined || constraint.a.size === 0 || !given.isNonzero(constraint.c)) return false;
    return each(step.facts, 'nonzero', ({ form }) =>
      [constraint.a, constraint.b].some((one) => isMultiple(system, given, form, one)),
    );
  },
  roots: (step, given, system) => {
    const constraint = system.constraints[step.constraint];
    return constraint !== undefined && step.facts.every((fact) => roots(system, given, constraint, fact));
  },
  cases: (step, given, system) => {
    const constraints = step.constraints.map((index) => system.constraints[index]);
    return constraints.every((one) => one !== undefined) && casesHold(system, given, constraints, step.facts);
  },
  distinct: (step, given, system) => {
    const constraints = step.constraints.flatMap((index) => system.constraints[index] ?? []);
    const same = distinct(system, given, constraints);
    return (
      same !== undefined && each(step.facts, 'unique', ({ form }) => same.includes(onlyWire(form) ?? -1))
    );
  },
  bounds: (step, given, system) => {
    const constraint = system.constraints[step.constraint];
    return (
      constraint !== undefined &&
      each(step.facts, 'range', ({ wire, low, high }) => {
        const found = bounds(system, given, constraint, wire);
        return found !== undefined && low <= found.low && found.high <= high;
      })
    );
  },
  'square-root': (step, given, system) => {
    const constraint = system.constraints[step.constraint];
    const isTold = (form: LinearForm): boolean => rootIsTold(system, given, constraint!, onlyWire(form));
    return constraint !== undefined && each(step.facts, 'unique', ({ form }) => isTold(form));
  },
  // No multiple of p lies where the form lies.
  apart: (step, given, system) =>
    each(step.facts, 'nonzero', ({ form }) => {
      const interval = given.interval(form);
      if (interval === undefined) return false;
      const above = interval.low + system.field.mod(-interval.low);
      return above > interval.high;
    }),
  // A form is 0 and is not.
  clash: (step, given) =>
    given.conditions.some(({ kind, form }) => kind === 'nonzero' && given.value(form) === 0n) &&
    each(step.facts, 'absurd', () => true),
  residue: (step, given, system) =>
    each(step.facts, 'nonzero', ({ form }) => residue(system, given, step, form)),
  compare: (step, given, system, facts) =>
    each(step.facts, 'sum', (fact) => comparison(system, given, step, fact, facts)),
};

/**
 * Whether a certificate proves what it says of a system. There is no search here: each step is looked at once, and its rule
 * computes what it may conclude.
 * @param certificate from anybody
 */
export function check(system: ConstraintSystem, certificate: UniquenessCertificate): CheckResult {
  const facts: (Fact | undefined)[] = certificate.assumptions.map(({ fact }) => fact);
  const granted = { rule: 'apart' as const, from: [], facts: facts as Fact[] };
  if (!isWellFormed(system, granted)) return { accepted: false, reason: 'an assumption names no wire' };
  const refused = walk(system, certificate.steps, facts);
  if (refused !== undefined) return { accepted: false, reason: refused };
  const given = new Given(
    system,
    facts.filter((fact) => fact !== undefined),
  );
  const isAbsurd = facts.some((fact) => fact?.kind === 'absurd');
  const open = certificate.proved.find((wire) => !isAbsurd && !given.isUniqueWire(system.resolve(wire).wire));
  if (open !== undefined) return { accepted: false, reason: `no step says that wire ${open} has one value` };
  return { accepted: true, proved: certificate.proved };
}

/** @returns why a step is refused, undefined if all are accepted; their facts are then at the end of the list */
function walk(
  system: ConstraintSystem,
  steps: readonly ProofStep[],
  facts: (Fact | undefined)[],
): string | undefined {
  for (const step of steps) {
    const premises = step.from.map((index) => facts[index]);
    const missing = premises.indexOf(undefined);
    if (missing >= 0) return `${step.rule} rests on fact ${step.from[missing]}, which is not said before it`;
    if (!isWellFormed(system, step)) return `${step.rule} names what is not in the system`;
    const given = new Given(system, premises as Fact[]);
    const number = facts.length;
    if (step.rule === 'split') {
      const refused = split(system, step, given, facts);
      if (refused !== undefined) return refused;
    } else if (
      isPointStep(step)
        ? !pointsHold(system, given, step, facts)
        : !(RULES[step.rule] as Rule<typeof step.rule>)(step as never, given, system, facts)
    )
      return `${step.rule} does not give fact ${number}`;
    for (const fact of step.facts) facts.push(fact);
  }
  return undefined;
}

/** A form is the same in both witnesses: it is 0 in both, or in neither. What follows either way is so. */
function split(
  system: ConstraintSystem,
  step: StepOf<'split'>,
  given: Given,
  facts: (Fact | undefined)[],
): string | undefined {
  if (!given.isUnique(step.form)) return 'split on a form that may differ between two witnesses';
  for (const kind of ['zero', 'nonzero'] as const) {
    const before = facts.length;
    facts.push({ kind, form: step.form });
    const refused = walk(system, step[kind], facts);
    if (refused !== undefined) return refused;
    const said = new Set(facts.slice(before).map((fact) => fact && factKey(system, fact)));
    const lacks = said.has('absurd')
      ? undefined
      : step.facts.find((fact) => !said.has(factKey(system, fact)));
    if (lacks !== undefined) return `split concludes what its case ${kind} does not`;
    facts.fill(undefined, before);
  }
  return undefined;
}

function isMultiple(system: ConstraintSystem, given: Given, form: LinearForm, of: LinearForm): boolean {
  const key = formKey(system.field, form);
  return key === formKey(system.field, of) || key === formKey(system.field, given.reduce(of));
}
