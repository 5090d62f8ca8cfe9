import type { FactStore } from '../prove/fact-store.ts';
import { constantOf, type LinearForm, onlyWire } from '../system/linear-form.ts';
import type { PartialValues } from './attempt.ts';
import type { Filler } from './filler.ts';
import { evaluatePoly, gcdPoly, numeratorThrough, type Poly, rootsOfPoly } from './polynomial.ts';
import { type Rational, Symbolic } from './symbolic.ts';

/** A factor that is the same in both witnesses and hides an open wire where it is 0. */
export interface Pole {
  readonly constraint: number;
  readonly factor: LinearForm;
  /** What must be 0 with it, where that is the same in both witnesses, too. */
  readonly also: LinearForm | undefined;
  /** Open wires that are freed there. */
  readonly freed: readonly number[];
}

/** Inputs that are tried as the unknown, and points through which a resultant is laid. */
const MAX_UNKNOWNS = 10;
const MAX_DEPENDENT = 30;
const MAX_POINTS = 20;
const MAX_RESULTANT = 8;

export function polesOf(store: FactStore): Pole[] {
  const { constraints } = store.system;
  return constraints.flatMap(({ a, b, c }, constraint) => {
    if (a.size === 0) return [];
    return [
      [a, b],
      [b, a],
    ].flatMap(([factor, other]) => {
      if (!store.isUnique(factor!) || constantOf(factor!) !== undefined || store.hasNonzero(factor!))
        return [];
      const open = [...other!.keys()].filter((wire) => !store.isUniqueWire(wire));
      if (open.length === 0) return [];
      const openC = [...c.keys()].filter((wire) => !store.isUniqueWire(wire));
      return [
        { constraint, factor: factor!, also: openC.length === 0 ? c : undefined, freed: [...open, ...openC] },
      ];
    });
  });
}

/** Divisions by what is open only because something before it is: where divisor and numerator are 0, any quotient will do. */
export function deepPolesOf(store: FactStore): Pole[] {
  return store.system.constraints.flatMap(({ a, b, c }, constraint) =>
    [
      [a, b],
      [b, a],
    ].flatMap(([factor, other]) => {
      const quotient = onlyWire(other!);
      if (quotient === undefined || store.isUniqueWire(quotient) || store.isUnique(factor!)) return [];
      if (factor!.has(quotient) || c.has(quotient) || store.hasNonzero(factor!)) return [];
      return [{ constraint, factor: factor!, also: c, freed: [quotient] }];
    }),
  );
}

/** Finds inputs at which a pole is hit: the generator asserts them away, so they are solved for over the constraints. */
export class PoleFinder {
  private readonly store: FactStore;
  private readonly draw: (below: bigint) => bigint;
  private readonly isOver: () => boolean;
  private readonly inputs: readonly number[];

  /** @param inputs wires that may be chosen */
  constructor(
    store: FactStore,
    inputs: readonly number[],
    draw: (below: bigint) => bigint,
    isOver: () => boolean,
  ) {
    this.store = store;
    this.inputs = inputs;
    this.draw = draw;
    this.isOver = isOver;
  }
  /** @param base values of inputs to start from */
  at(pole: Pole, base: PartialValues | undefined, filler: Filler): bigint[] | undefined {
    const { field } = this.store.system;
    const values: PartialValues = [];
    for (const wire of this.inputs) {
      const domain = this.store.setOf(wire);
      const any =
        domain?.[Number(this.draw(BigInt(domain.length)))] ?? this.draw(this.draw(3n) === 0n ? 2n : field.p);
      values[wire] = base?.[wire] === undefined || this.draw(2n) === 0n ? any : base[wire];
    }
    if (!this.meet(pole, values)) return undefined;
    return filler.complete(values, { order: pole.freed, poles: pole.freed });
  }
  /** Changes inputs so that the factor is 0, and what must be 0 with it. */
  private meet({ factor, also }: Pole, values: PartialValues): boolean {
    if (!this.vanish(values, (symbolic) => [symbolic.of(factor)])) return false;
    if (also === undefined || also.size === 0) return true;
    if (this.vanish(values, (symbolic) => [symbolic.of(factor), symbolic.of(also)])) return true;
    return this.vanishTwo(values, factor, also);
  }
  private shuffled(): number[] {
    const out = [...this.inputs];
    for (let i = out.length - 1; i > 0; i--) {
      const j = Number(this.draw(BigInt(i + 1)));
      [out[i], out[j]] = [out[j]!, out[i]!];
    }
    return out;
  }
  /** Chooses one input so that functions of it vanish together. */
  private vanish(values: PartialValues, of: (symbolic: Symbolic) => (Rational | undefined)[]): boolean {
    const { field } = this.store.system;
    for (const unknown of this.shuffled().slice(0, MAX_UNKNOWNS)) {
      if (this.isOver()) return false;
      const functions = of(new Symbolic(this.store.system, values, unknown, this.isOver));
      if (functions.some((one) => one === undefined)) continue;
      let common: Poly = [];
      for (const one of functions) common = gcdPoly(field, common, one!.numerator);
      if (common.length === 0) return true;
      const domain = this.store.setOf(unknown);
      const roots = rootsOfPoly(field, common, this.draw).filter(
        (root) =>
          domain?.includes(root) !== false &&
          functions.every((one) => evaluatePoly(field, one!.denominator, root) !== 0n),
      );
      if (roots.length === 0) continue;
      values[unknown] = roots[Number(this.draw(BigInt(roots.length)))]!;
      return true;
    }
    return false;
  }
  /** Two inputs at once, where both functions are polynomials of the inner one: their resultant's roots. */
  private vanishTwo(values: PartialValues, factor: LinearForm, also: LinearForm): boolean {
    const { field } = this.store.system;
    if (field.p < 1000n) return false;
    const [outer, inner] = this.dependent(values, factor, also);
    if (outer === undefined || inner === undefined) return false;
    const at = (x: bigint): readonly [Poly, Poly] | undefined => {
      values[outer] = x;
      const symbolic = new Symbolic(this.store.system, values, inner, this.isOver);
      const [f, g] = [symbolic.of(factor), symbolic.of(also)];
      const isPolynomial = f?.denominator.length === 1 && g?.denominator.length === 1;
      return isPolynomial ? [f.numerator, g.numerator] : undefined;
    };
    const points: { x: bigint; f: Poly; g: Poly }[] = [];
    for (let i = 0; i < MAX_POINTS; i++) {
      const x = this.draw(field.p);
      const pair = this.isOver() ? undefined : at(x);
      if (pair === undefined) return false;
      points.push({ x, f: pair[0], g: pair[1] });
    }
    const df = Math.max(...points.map(({ f }) => f.length - 1));
    const dg = Math.max(...points.map(({ g }) => g.length - 1));
    if (df < 1 || dg < 1 || df + dg > MAX_RESULTANT) return false;
    const curve = numeratorThrough(
      field,
      points.map(({ x, f, g }) => [x, this.resultant(f, df, g, dg)]),
    );
    if (curve.length === 0) return false;
    for (const x of rootsOfPoly(field, curve, this.draw)) {
      const pair = at(x);
      if (pair === undefined) continue;
      const [root] = rootsOfPoly(field, gcdPoly(field, pair[0], pair[1]), this.draw);
      if (root === undefined) continue;
      values[outer] = x;
      values[inner] = root;
      return true;
    }
    return false;
  }
  /** Two inputs on which both functions depend, the inner one last: of it they are polynomials. */
  private dependent(values: PartialValues, factor: LinearForm, also: LinearForm): readonly number[] {
    const found: number[] = [];
    let inner: number | undefined;
    for (const wire of this.shuffled().slice(0, MAX_DEPENDENT)) {
      if (this.isOver() || (inner !== undefined && found.length > 0)) break;
      const symbolic = new Symbolic(this.store.system, values, wire, this.isOver);
      const [f, g] = [symbolic.of(factor), symbolic.of(also)];
      if (f === undefined || g === undefined) continue;
      const isPolynomial = f.denominator.length === 1 && g.denominator.length === 1;
      if (isPolynomial && (f.numerator.length < 2 || g.numerator.length < 2)) continue;
      if (inner === undefined && isPolynomial) inner = wire;
      else found.push(wire);
    }
    return inner === undefined ? [] : [...found.slice(0, 1), inner];
  }
  /** The determinant of Sylvester's matrix, for degrees that may be less than they are called. */
  private resultant(f: Poly, df: number, g: Poly, dg: number): bigint {
    const { field } = this.store.system;
    const size = df + dg;
    const row = (poly: Poly, degree: number, shift: number): bigint[] =>
      Array.from({ length: size }, (_, j) => poly[degree - (j - shift)] ?? 0n);
    const rows = [
      ...Array.from({ length: dg }, (_, i) => row(f, df, i)),
      ...Array.from({ length: df }, (_, i) => row(g, dg, i)),
    ];
    let determinant = 1n;
    for (let column = 0; column < size; column++) {
      const pivot = rows.findIndex((one, i) => i >= column && one[column] !== 0n);
      if (pivot < 0) return 0n;
      if (pivot !== column) {
        [rows[pivot], rows[column]] = [rows[column]!, rows[pivot]!];
        determinant = field.mod(-determinant);
      }
      const head = rows[column]!;
      determinant = (determinant * head[column]!) % field.p;
      const inverse = field.inv(head[column]!);
      for (const other of rows.slice(column + 1)) {
        const by = (other[column]! * inverse) % field.p;
        if (by !== 0n) for (let j = column; j < size; j++) other[j] = field.mod(other[j]! - by * head[j]!);
      }
    }
    return determinant;
  }
}
