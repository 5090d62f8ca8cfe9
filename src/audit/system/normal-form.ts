import type { Constraint } from '../../groth16/r1cs.ts';
import { addScaled, addTerm, constantOf, EMPTY_FORM, type LinearForm, rootOf } from './linear-form.ts';
import { nameForms } from './named-forms.ts';
import type { PrimeField } from './prime-field.ts';
import { type ConstraintSystem, type IsOver, isOverAt, type Quadratic, type Substitution } from './system.ts';

/** A compiled system as a file has it, over any field. */
export interface RawSystem {
  readonly field: PrimeField;
  readonly wireCount: number;
  readonly isInput: readonly boolean[];
  readonly targets: readonly number[];
  readonly constraints: readonly Constraint[];
}

/** Union–find over wires: each class has one wire that stands for the others, each with its factor and constant. */
class Classes {
  private readonly field: PrimeField;
  private readonly links = new Map<number, Substitution>();

  constructor(field: PrimeField) {
    this.field = field;
  }
  find(wire: number): Substitution {
    const direct = this.links.get(wire);
    if (direct === undefined) return { wire, factor: wire === 0 ? 0n : 1n, constant: wire === 0 ? 1n : 0n };
    if (direct.wire === 0 || !this.links.has(direct.wire)) return direct;
    const path = [wire];
    for (let at = direct.wire; this.links.has(at); at = this.links.get(at)!.wire) path.push(at);
    // From the end of the path back, so that each link then leads to the last one.
    for (let i = path.length - 2; i >= 0; i--) {
      const link = this.links.get(path[i]!)!;
      const next = this.links.get(link.wire)!;
      this.links.set(path[i]!, {
        wire: next.wire,
        factor: (link.factor * next.factor) % this.field.p,
        constant: (link.factor * next.constant + link.constant) % this.field.p,
      });
    }
    return this.links.get(wire)!;
  }
  link(wire: number, to: Substitution): void {
    this.links.set(wire, to);
  }
  apply(form: LinearForm): LinearForm {
    let isWhole = true;
    for (const wire of form.keys()) isWhole &&= !this.links.has(wire);
    if (isWhole) return form;
    const out = new Map<number, bigint>();
    for (const [wire, coefficient] of form) {
      if (wire === 0) {
        addTerm(this.field, out, 0, coefficient);
        continue;
      }
      const { wire: to, factor, constant } = this.find(wire);
      if (to !== 0) addTerm(this.field, out, to, coefficient * factor);
      if (constant !== 0n) addTerm(this.field, out, 0, coefficient * constant);
    }
    return out.size === 0 ? EMPTY_FORM : out;
  }
}

/** A product with a constant factor is a sum: then a and b are empty and c is what is 0. */
function folded(field: PrimeField, { a, b, c }: Constraint): Omit<Quadratic, 'origin'> {
  const [ka, kb] = [constantOf(a), constantOf(b)];
  if (ka === undefined && kb === undefined) return { a, b, c };
  const sum = new Map<number, bigint>();
  addScaled(field, sum, ka === undefined ? a : b, ka ?? kb!);
  addScaled(field, sum, c, field.p - 1n);
  return { a: EMPTY_FORM, b: EMPTY_FORM, c: sum };
}

/** Substitutes constants and copies until none is left. Two inputs that are equal stay a constraint. */
export const normalForm = (raw: RawSystem): ConstraintSystem => normalFormWithin(raw, () => false)!;

/** @returns undefined if the time was over before: a normal form that is not through is none, since a certificate names its constraints */
export function normalFormWithin(raw: RawSystem, isOver: IsOver): ConstraintSystem | undefined {
  const { field, isInput, wireCount } = raw;
  const classes = new Classes(field);
  const now = (constraint: Constraint): Omit<Quadratic, 'origin'> =>
    folded(field, {
      a: classes.apply(constraint.a),
      b: classes.apply(constraint.b),
      c: classes.apply(constraint.c),
    });
  const waiting: number[] = [...raw.constraints.keys()].reverse();
  const isWaiting = raw.constraints.map(() => true);
  const readers = readersOf(raw.wireCount, raw.constraints);
  const isGone = raw.constraints.map(() => false);
  for (let looked = 0; waiting.length > 0; looked++) {
    if (isOverAt(looked, isOver)) return undefined;
    const index = waiting.pop()!;
    isWaiting[index] = false;
    if (isGone[index]) continue;
    const { a, c } = now(raw.constraints[index]!);
    if (a.size > 0 || c.size > 3) continue;
    const wires = [...c.keys()].filter((wire) => wire !== 0);
    let gone: number | undefined;
    if (wires.length === 0) isGone[index] = c.size === 0;
    else if (wires.length === 1) {
      gone = wires[0]!;
      classes.link(gone, { wire: 0, factor: 0n, constant: rootOf(field, c, gone) });
    } else if (wires.length === 2 && !(isInput[wires[0]!] && isInput[wires[1]!])) {
      const [low, high] = wires[0]! < wires[1]! ? [wires[0]!, wires[1]!] : [wires[1]!, wires[0]!];
      gone = isInput[high] ? low : high;
      const kept = gone === low ? high : low;
      const inverse = field.p - field.inv(c.get(gone)!);
      const factor = (c.get(kept)! * inverse) % field.p;
      classes.link(gone, { wire: kept, factor, constant: ((c.get(0) ?? 0n) * inverse) % field.p });
      readers[kept] = joined(readers[kept]!, readers[gone]!);
    }
    if (gone === undefined) continue;
    isGone[index] = true;
    for (const reader of readers[gone]!)
      if (!isWaiting[reader] && !isGone[reader]) {
        isWaiting[reader] = true;
        waiting.push(reader);
      }
  }
  const kept: Quadratic[] = [];
  for (const [origin, constraint] of raw.constraints.entries()) {
    if (isOverAt(origin, isOver)) return undefined;
    if (isGone[origin]) continue;
    const own = now(constraint);
    if (own.a.size > 0 || own.c.size > 0) kept.push({ ...own, origin });
  }
  const named = nameForms(field, kept, wireCount, isOver);
  if (named === undefined) return undefined;
  const all = wireCount + named.added;
  return {
    field,
    wireCount: all,
    isInput: [...isInput, ...new Array<boolean>(named.added).fill(false)],
    targets: raw.targets,
    constraints: named.constraints,
    readers: readersOf(all, named.constraints),
    resolve: (wire) => classes.find(wire),
  };
}

function joined(kept: number[], gone: number[]): number[] {
  if (kept.length < gone.length) return joined(gone, kept);
  for (const reader of gone) kept.push(reader);
  return kept;
}

function readersOf(wireCount: number, constraints: readonly Constraint[]): number[][] {
  const readers = Array.from({ length: wireCount }, (): number[] => []);
  constraints.forEach(({ a, b, c }, index) => {
    for (const form of [a, b, c])
      for (const wire of form.keys())
        if (wire !== 0 && readers[wire]!.at(-1) !== index) readers[wire]!.push(index);
  });
  return readers;
}
