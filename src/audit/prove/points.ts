import type { Fact, FactOf, StepOf } from '../certificate/certificate.ts';
import { hasCurve } from '../certificate/curve.ts';
import * as law from '../certificate/point-laws.ts';
import { computed, isSameBase } from '../certificate/points.ts';
import { type LinearForm, scaled } from '../system/linear-form.ts';
import type { ProofContext } from './context.ts';
import { useChoice } from './point-choice.ts';
import { type FoundPoint, PointIndex } from './point-index.ts';
import { PointTables, sayTables } from './point-tables.ts';

type Rule = Parameters<typeof computed>[1];
type Coordinates = Pick<FactOf<'point'>, 'u' | 'v'>;

const NEWS: ReadonlySet<Fact['kind']> = new Set(['point', 'set', 'range', 'zero']);
/** Constraints that share a factor, at most: more of them are no slope's. And terms of a linear constraint between slopes. */
const MAX_SHARED = 12;
const MAX_LINEAR = 4;

/** Follows points of BabyJubJub through additions, doublings, conversions and choices by bits. */
export class PointSearch {
  private readonly context: ProofContext;
  private known: PointIndex | undefined;
  /** Facts that were looked through for points, and the points among them. */
  private seen = 0;
  private readonly points: FactOf<'point'>[] = [];
  private readonly queue = new Set<number>();
  /** Facts that there were when it ended last. */
  private told = 0;

  constructor(context: ProofContext) {
    this.context = context;
  }
  /** @returns whether anything new was said */
  run(): boolean {
    const { context } = this;
    const { store, system } = context;
    if (!hasCurve(system.field)) return false;
    this.known ??= new PointIndex(system);
    const index = this.known;
    const before = store.facts.length;
    // Points follow from points, and from which values wires have.
    const hasNews = store.facts.some(({ kind }, id) => id >= this.told && NEWS.has(kind));
    if (this.told > 0 && !hasNews) return false;
    const tables = new PointTables(context);
    sayTables(
      context,
      this.candidates(index).flatMap(({ u, v }) => tables.tableOf(u, v) ?? []),
    );
    // Bits that were told since the last time may let old points go on.
    for (const point of this.points) this.wake(point);
    this.learn(index);
    for (const at of this.queue) {
      if (context.isOver() || store.absurd !== undefined) break;
      this.queue.delete(at);
      this.look(index, at);
      this.learn(index);
    }
    this.queue.clear();
    this.told = store.facts.length;
    return store.facts.length > before;
  }
  private learn(index: PointIndex): void {
    const { facts } = this.context.store;
    for (; this.seen < facts.length; this.seen++) {
      const fact = facts[this.seen]!;
      if (fact.kind !== 'point') continue;
      index.add(fact, this.seen);
      this.points.push(fact);
      this.wake(fact);
      if (fact.curve === 'edwards')
        this.emit(index, 'point-coordinates', [], [{ at: [this.seen, 1], point: fact }]);
    }
  }
  private wake({ u, v }: Coordinates): void {
    for (const form of [u, v])
      for (const wire of form.keys())
        for (const reader of this.context.system.readers[wire] ?? []) this.queue.add(reader);
  }
  /** Forms that may be the coordinates of a point that few bits choose: of what is added, and of what is converted. */
  private candidates(index: PointIndex): Coordinates[] {
    const { constraints } = this.context.system;
    const found: Coordinates[] = [];
    for (const [key, squares] of index.squares) {
      const slopes = index.factors.get(key) ?? [];
      if (slopes.length > MAX_SHARED || slopes.length === 0) continue;
      const { a: slope } = constraints[squares[0]!]!;
      for (const at of slopes)
        for (const [, divisor] of this.factorsOf(at, slope))
          found.push(...sidesOf(this.context, divisor, constraints[at]!.c).flat());
    }
    for (const { a, b, c } of constraints)
      if (a.size === 1 && b.size === 1 && c.size === 1) found.push({ u: c, v: a }, { u: c, v: b });
    return found;
  }
  /** Both orders of the factors of a constraint, or the one with a form first. */
  private factorsOf(at: number, first?: LinearForm): (readonly [LinearForm, LinearForm])[] {
    const { a, b } = this.context.system.constraints[at]!;
    const both = [[a, b] as const, [b, a] as const];
    if (first === undefined) return both;
    const [wire] = first.keys();
    return both.filter(([one]) => one.size === first.size && one.has(wire!));
  }
  private look(index: PointIndex, at: number): void {
    const { system } = this.context;
    const { a, c } = system.constraints[at]!;
    if (a.size === 0) return;
    for (const [slope, divisor] of this.factorsOf(at)) {
      for (const found of index.dividedBy(divisor)) {
        this.convert(index, at, found);
        if (found.point.curve !== 'montgomery') continue;
        for (const square of index.squaring(found.point.u))
          this.add(index, [square, at], slope, [found, found]);
      }
      if (index.multiplying(slope).length > MAX_SHARED || index.squaring(slope).length === 0) continue;
      for (const [p, q] of sidesOf(this.context, divisor, c))
        for (const one of index.at(p.u, p.v))
          for (const other of index.at(q.u, q.v)) this.add(index, [at], slope, [one, other]);
    }
    useChoice(this.context, index, at);
  }
  private convert(index: PointIndex, at: number, found: FoundPoint): void {
    const { system } = this.context;
    const { curve, u } = found.point;
    const divisor = curve === 'edwards' ? u : law.plusConstant(system, u, 1n);
    for (const second of index.multiplying(divisor)) this.emit(index, 'point-convert', [at, second], [found]);
  }
  /** What is made of a slope: a sum, or a sum to which the first point is added again. */
  private add(
    index: PointIndex,
    before: readonly number[],
    slope: LinearForm,
    [p, q]: readonly [FoundPoint, FoundPoint],
  ): void {
    const { system } = this.context;
    for (const square of index.squaring(slope)) {
      for (const last of index.multiplying(slope)) {
        if (before.includes(last)) continue;
        if (p === q) this.emit(index, 'point-double', [...before, square, last], [p]);
        else this.emit(index, 'point-add', [...before, square, last], [p, q]);
      }
      for (const [first, second] of p === q ? [[p, q] as const] : [[p, q] as const, [q, p] as const]) {
        const u = law.thirdU(system, system.constraints[square]!, slope, first.point, second.point);
        if (u === undefined) continue;
        const divisor = law.combined(system, [1n, first.point.u], [-1n, u]);
        for (const both of index.multiplying(divisor))
          this.again(index, [...before, square, both], slope, divisor, [first, second]);
      }
    }
  }
  private again(
    index: PointIndex,
    before: readonly number[],
    slope: LinearForm,
    divisor: LinearForm,
    points: readonly [FoundPoint, FoundPoint],
  ): void {
    const { system } = this.context;
    const { constraints, readers } = system;
    const double = law.combined(system, [2n, points[0].point.v]);
    const slopes = law.quotient(system, constraints[before.at(-1)!]!, double, divisor);
    if (slopes === undefined) return;
    const difference = law.combined(system, [1n, slopes], [-1n, slope]);
    const near = [...slopes.keys()].flatMap((wire) => readers[wire] ?? []);
    const linear = near.filter(
      (at) => constraints[at]!.a.size === 0 && constraints[at]!.c.size <= MAX_LINEAR,
    );
    for (const by of [undefined, ...linear]) {
      const second = law.rewritten(system, difference, by === undefined ? undefined : constraints[by]);
      if (second === undefined) continue;
      for (const square of index.squaring(second))
        for (const last of index.multiplying(second))
          this.emit(
            index,
            'point-again',
            [...before, square, last, ...(by === undefined ? [] : [by])],
            points,
          );
    }
  }
  private emit(
    index: PointIndex,
    rule: Rule,
    constraints: readonly number[],
    found: readonly FoundPoint[],
  ): void {
    const { system, store } = this.context;
    const [first, second] = found;
    if (second !== undefined && !isSameBase(first!.point, second.point)) return;
    const of = constraints.map((at) => system.constraints[at]!);
    const result = computed(
      system,
      rule,
      of,
      found.map(({ point }) => point),
    );
    const { base } = first!.point;
    if (result === undefined || (result.point !== undefined && index.has(result.point, base))) return;
    const step: StepOf<Rule> = {
      rule,
      from: [...new Set(found.map(({ at: [id] }) => id))],
      points: found.map(({ at }) => at),
      constraints,
      facts: [
        ...result.nonzero.map((form) => ({ kind: 'nonzero' as const, form })),
        ...(result.point === undefined ? [] : [{ kind: 'point' as const, ...result.point, base }]),
      ],
    };
    store.emit(step);
  }
}

/**
 * λ·divisor = c as λ·(u_q − u_p) = v_q − v_p: what p and q may be. q has coordinates of one wire each; so has p, or they are
 * sums of bits and constants.
 */
function sidesOf(
  { system, store }: ProofContext,
  divisor: LinearForm,
  c: LinearForm,
): (readonly [Coordinates, Coordinates])[] {
  const { field } = system;
  const isOpen = (wire: number): boolean => wire !== 0 && !store.isBit(wire);
  const [first, second, more] = [...divisor.keys()].filter(isOpen);
  if (first === undefined || more !== undefined) return [];
  const by = field.inv(divisor.get(first)!);
  const [u, v] = [scaled(field, divisor, by), scaled(field, c, by)];
  const open = [...v.keys()].filter(isOpen);
  if (open.length !== (second === undefined ? 1 : 2)) return [];
  const only = (form: LinearForm, wire: number): LinearForm => new Map([[wire, form.get(wire)!]]);
  return open.map((wire) => {
    const q = { u: only(u, first), v: only(v, wire) };
    return [
      { u: law.combined(system, [1n, q.u], [-1n, u]), v: law.combined(system, [1n, q.v], [-1n, v]) },
      q,
    ];
  });
}
