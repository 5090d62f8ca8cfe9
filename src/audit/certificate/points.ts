import { constantOf, isSameForm, type LinearForm, scaled } from '../system/linear-form.ts';
import type { ConstraintSystem, Quadratic } from '../system/system.ts';
import type { Fact, FactOf, PointRule, ProofStep, StepOf } from './certificate.ts';
import { hasCurve } from './curve.ts';
import type { Given } from './given.ts';
import { isKnownPoint } from './known-points.ts';
import {
  doubles,
  isWithin,
  type Multiples,
  neverEqual,
  signed,
  sums,
  union,
  withoutZero,
} from './multiples.ts';
import * as law from './point-laws.ts';
import { ratio } from './rows.ts';
import { choicesOf } from './values.ts';

type PointFact = FactOf<'point'>;

/** What a rule computes: a point, and forms that are 0 in no witness. */
export interface Found {
  readonly point: Pick<PointFact, 'curve' | 'u' | 'v' | 'multiples'> | undefined;
  readonly nonzero: readonly LinearForm[];
}

export const isPointStep = (step: ProofStep): step is StepOf<PointRule> => step.rule.startsWith('point-');

/** Does a rule about points of BabyJubJub give these facts? README.md has the argument for each. */
export function pointsHold(
  system: ConstraintSystem,
  given: Given,
  step: StepOf<PointRule>,
  facts: readonly (Fact | undefined)[],
): boolean {
  if (!hasCurve(system.field)) return false;
  if (step.rule === 'point-known') return step.facts.every((fact) => isKnownPoint(system, given, step, fact));
  const constraints = step.constraints.flatMap((index) => system.constraints[index] ?? []);
  if (constraints.length !== step.constraints.length) return false;
  const points = step.points.flatMap(([index, sign]) => withSign(system, facts[index], sign) ?? []);
  const [first] = points;
  if (first === undefined || points.length !== step.points.length) return false;
  if (!points.every((point) => isSameBase(point, first))) return false;
  const found =
    step.rule === 'point-choose'
      ? chosen(system, given, step, constraints, points)
      : computed(system, step.rule, constraints, points);
  return (
    found !== undefined &&
    step.facts.every((fact) => {
      if (fact.kind === 'nonzero') return found.nonzero.some((form) => ratio(system, fact.form, form));
      return fact.kind === 'point' && isSameBase(fact, first) && says(found.point, fact);
    })
  );
}

/** The facts of a step that follows from points and constraints alone. */
export function computed(
  system: ConstraintSystem,
  rule: Exclude<PointRule, 'point-known' | 'point-choose'>,
  constraints: readonly Quadratic[],
  points: readonly PointFact[],
): Found | undefined {
  const [p, q] = points;
  if (rule === 'point-coordinates') return coordinates(system, p!);
  if (rule === 'point-convert') return converted(system, constraints, p!);
  const isPair = points.every(({ curve }) => curve === 'montgomery') && p !== undefined;
  if (!isPair || points.length !== (rule === 'point-double' ? 1 : 2)) return undefined;
  if (rule === 'point-again') return again(system, constraints, p, q!);
  return sum(system, constraints, p, q ?? p);
}

/** No point of odd order has a coordinate at which a map between the two forms divides by 0. */
function coordinates(system: ConstraintSystem, { curve, u, v }: PointFact): Found {
  const nonzero =
    curve === 'edwards'
      ? [u, law.plusConstant(system, v, 1n), law.plusConstant(system, v, -1n)]
      : [u, v, law.plusConstant(system, u, 1n)];
  return { point: undefined, nonzero };
}

/** u·(1 − y) = 1 + y and v·x = u; back, x·v = u and y·(u + 1) = u − 1. */
function converted(
  system: ConstraintSystem,
  [first, second]: readonly Quadratic[],
  point: PointFact,
): Found | undefined {
  const { curve, u, v, multiples } = point;
  if (first === undefined || second === undefined) return undefined;
  const { nonzero } = coordinates(system, point);
  const minus = (form: LinearForm): LinearForm => scaled(system.field, form, system.field.p - 1n);
  if (curve === 'montgomery') {
    const x = law.quotient(system, first, u, v);
    const y = law.quotient(system, second, law.plusConstant(system, u, -1n), law.plusConstant(system, u, 1n));
    return x && y && { point: { curve: 'edwards', u: x, v: y, multiples }, nonzero };
  }
  const to = law.quotient(
    system,
    first,
    law.plusConstant(system, v, 1n),
    law.plusConstant(system, minus(v), 1n),
  );
  const up = to && law.quotient(system, second, to, u);
  return up && { point: { curve: 'montgomery', u: to, v: up, multiples }, nonzero };
}

/** P + Q for points that are never equal, or P + P. If they were opposite, their constraint would say 0 = −2v. */
function sum(
  system: ConstraintSystem,
  constraints: readonly Quadratic[],
  p: PointFact,
  q: PointFact,
): Found | undefined {
  const slope = slopeOf(system, constraints, p, q);
  if (slope === undefined) return undefined;
  const [square, last] = slope.rest;
  if (square === undefined || last === undefined) return undefined;
  const u = law.thirdU(system, square, slope.form, p, q);
  const v = u && law.thirdV(system, last, slope.form, u, [p, q]);
  const multiples = withoutZero(p === q ? doubles(p.multiples) : sums(p.multiples, q.multiples));
  return v && { point: { curve: 'montgomery', u, v, multiples }, nonzero: [slope.divisor] };
}

/** The slope of P + Q, from as many constraints as it takes: of the tangent if they are one fact. */
function slopeOf(
  system: ConstraintSystem,
  constraints: readonly Quadratic[],
  p: PointFact,
  q: PointFact,
): { form: LinearForm; divisor: LinearForm; rest: readonly Quadratic[] } | undefined {
  const [first, second] = constraints;
  if (first === undefined || second === undefined) return undefined;
  if (p === q) {
    const form = law.tangent(system, [first, second], p);
    return form && { form, divisor: p.v, rest: constraints.slice(2) };
  }
  if (!neverEqual(p.multiples, q.multiples)) return undefined;
  const form = law.chord(system, first, p, q);
  return form && { form, divisor: law.chordDivisor(system, p, q), rest: constraints.slice(1) };
}

/**
 * (Q + R) + Q without the v of Q + R: (λ₁ + λ₂)·(u_Q − u_S) = 2·v_Q. S = Q + R is not Q, since R is not O; if it were −Q, the
 * constraint would say 0 = 2·v_Q.
 */
function again(
  system: ConstraintSystem,
  constraints: readonly Quadratic[],
  q: PointFact,
  r: PointFact,
): Found | undefined {
  const slope = slopeOf(system, constraints, q, r);
  const [middle, both, square, last, linear] = slope?.rest ?? [];
  if (slope === undefined || middle === undefined || both === undefined) return undefined;
  const u = law.thirdU(system, middle, slope.form, q, r);
  if (u === undefined || square === undefined || last === undefined) return undefined;
  const divisor = law.combined(system, [1n, q.u], [-1n, u]);
  const slopes = law.quotient(system, both, law.combined(system, [2n, q.v]), divisor);
  const second =
    slopes && law.rewritten(system, law.combined(system, [1n, slopes], [-1n, slope.form]), linear);
  const toU = second && law.thirdU(system, square, second, { u, v: q.v }, q);
  const toV = toU && law.thirdV(system, last, second, toU, [q]);
  const multiples = withoutZero(sums(doubles(q.multiples), r.multiples));
  return (
    toV && { point: { curve: 'montgomery', u: toU, v: toV, multiples }, nonzero: [slope.divisor, divisor] }
  );
}

/** A wire with few values, and for each of them a point whose coordinates the new ones are then. */
function chosen(
  system: ConstraintSystem,
  given: Given,
  { wire, facts }: StepOf<'point-choose'>,
  constraints: readonly Quadratic[],
  points: readonly PointFact[],
): Found | undefined {
  const fixed = given.value(new Map([[wire, 1n]]));
  const values = fixed === undefined ? choicesOf(system, given, wire) : [fixed];
  const fact = facts.find((one) => one.kind === 'point');
  if (fact === undefined || values?.length !== points.length || values.length === 0) return undefined;
  const { curve, u, v } = fact;
  const isSame = values.every((value, i) => {
    const rows = constraints.map((constraint) => lineAt(system, constraint, wire, value));
    return [
      [u, points[i]!.u],
      [v, points[i]!.v],
    ].every(([to, from]) => {
      const difference = law.combined(system, [1n, to!], [-1n, from!]);
      return difference.size === 0 || rows.some((row) => row !== undefined && ratio(system, difference, row));
    });
  });
  const multiples = withoutZero(union(points.map((point) => point.multiples)));
  if (!isSame || !points.every((point) => point.curve === curve)) return undefined;
  return { point: { curve, u, v, multiples }, nonzero: [] };
}

/** A constraint where a wire has a value, if it then is linear: the form that is 0. */
export function lineAt(
  system: ConstraintSystem,
  { a, b, c }: Quadratic,
  wire: number,
  value: bigint,
): LinearForm | undefined {
  const at = (form: LinearForm): LinearForm => {
    const own = form.get(wire);
    if (own === undefined) return form;
    return law.combined(system, [1n, form], [-own, new Map([[wire, 1n]])], [own * value, new Map([[0, 1n]])]);
  };
  const [fa, fb] = [at(a), at(b)];
  const [ka, kb] = [constantOf(fa), constantOf(fb)];
  if (ka === undefined && kb === undefined) return undefined;
  return law.combined(system, [ka ?? kb!, ka === undefined ? fa : fb], [-1n, at(c)]);
}

function withSign(system: ConstraintSystem, fact: Fact | undefined, sign: 1 | -1): PointFact | undefined {
  if (fact?.kind !== 'point') return undefined;
  return sign === 1 ? fact : opposite(system, fact);
}

/** −P: (u, −v), or (−x, y). */
export function opposite({ field }: ConstraintSystem, fact: PointFact): PointFact {
  const side = fact.curve === 'edwards' ? 'u' : 'v';
  const form = scaled(field, fact[side], field.p - 1n);
  return { ...fact, [side]: form, multiples: signed(fact.multiples, -1) };
}

/** Whether two points are multiples of one base. */
export const isSameBase = (x: Pick<PointFact, 'base'>, y: Pick<PointFact, 'base'>): boolean =>
  x.base.every((form, i) => isSameForm(form, y.base[i]!));

function says(found: Found['point'], fact: PointFact): boolean {
  if (found === undefined || fact.curve !== found.curve) return false;
  if (!isSameForm(found.u, fact.u) || !isSameForm(found.v, fact.v)) return false;
  return isWithin(found.multiples as Multiples, fact.multiples);
}
