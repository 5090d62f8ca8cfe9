import type { LinearForm } from '../system/linear-form.ts';
import type { ConstraintSystem } from '../system/system.ts';
import type { PartialValues } from './attempt.ts';
import { addPoly, dividePoly, gcdPoly, multiplyPoly, type Poly, scalePoly } from './polynomial.ts';

/** A rational function of one unknown. */
export interface Rational {
  readonly numerator: Poly;
  readonly denominator: Poly;
}

const ZERO: Rational = { numerator: [], denominator: [1n] };
/** Degree above which a function is not followed further. */
const MAX_DEGREE = 16;

/** Wires as functions of one unknown wire, as far as constraints tell them when some wires have values. */
export class Symbolic {
  private readonly system: ConstraintSystem;
  private readonly functions = new Map<number, Rational>();

  /** @param values of inputs and of whatever is chosen; @param unknown is followed; @param isOver ends it early */
  constructor(system: ConstraintSystem, values: PartialValues, unknown: number, isOver: () => boolean) {
    this.system = system;
    const queue: number[] = [];
    const isQueued = new Uint8Array(system.constraints.length);
    const wake = (wire: number): void => {
      for (const index of system.readers[wire]!)
        if (isQueued[index] === 0) {
          isQueued[index] = 1;
          queue.push(index);
        }
    };
    this.functions.set(0, { numerator: [1n], denominator: [1n] });
    values.forEach((value, wire) => {
      if (value === undefined || wire === 0 || wire === unknown) return;
      this.functions.set(wire, { numerator: value === 0n ? [] : [value], denominator: [1n] });
      wake(wire);
    });
    this.functions.set(unknown, { numerator: [0n, 1n], denominator: [1n] });
    wake(unknown);
    for (let head = 0; head < queue.length; head++) {
      if ((head & 63) === 63 && isOver()) return;
      const index = queue[head]!;
      isQueued[index] = 0;
      const solved = this.solve(index);
      if (solved === undefined) continue;
      this.functions.set(solved.wire, solved.value);
      wake(solved.wire);
    }
  }
  /** A form as a function, undefined if a wire of it is none. */
  of(form: LinearForm, but = -1): Rational | undefined {
    let sum = ZERO;
    for (const [wire, c] of form) {
      if (wire === but) continue;
      const value = this.functions.get(wire);
      if (value === undefined) return undefined;
      sum = this.add(sum, this.scale(value, c));
    }
    return sum;
  }
  private solve(index: number): { readonly wire: number; readonly value: Rational } | undefined {
    const { field } = this.system;
    const { a, b, c } = this.system.constraints[index]!;
    let wire: number | undefined;
    for (const form of [a, b, c])
      for (const one of form.keys()) {
        if (this.functions.has(one) || one === wire) continue;
        if (wire !== undefined) return undefined;
        wire = one;
      }
    if (wire === undefined || (a.has(wire) && b.has(wire))) return undefined;
    const [fa, fb, fc] = [this.of(a, wire), this.of(b, wire), this.of(c, wire)];
    if (fa === undefined || fb === undefined || fc === undefined) return undefined;
    const rest = this.add(this.multiply(fa, fb), this.scale(fc, field.p - 1n));
    let by = ZERO;
    if (a.has(wire)) by = this.add(by, this.scale(fb, a.get(wire)!));
    if (b.has(wire)) by = this.add(by, this.scale(fa, b.get(wire)!));
    if (c.has(wire)) by = this.add(by, { numerator: [field.p - c.get(wire)!], denominator: [1n] });
    if (by.numerator.length === 0) return undefined;
    const value = this.reduced({
      numerator: scalePoly(field, multiplyPoly(field, rest.numerator, by.denominator), field.p - 1n),
      denominator: multiplyPoly(field, rest.denominator, by.numerator),
    });
    const isBig = value.numerator.length > MAX_DEGREE || value.denominator.length > MAX_DEGREE;
    return isBig ? undefined : { wire, value };
  }
  private add(f: Rational, g: Rational): Rational {
    const { field } = this.system;
    if (f.denominator.length === 1 && g.denominator.length === 1 && f.denominator[0] === g.denominator[0])
      return { numerator: addPoly(field, f.numerator, g.numerator), denominator: f.denominator };
    return this.reduced({
      numerator: addPoly(
        field,
        multiplyPoly(field, f.numerator, g.denominator),
        multiplyPoly(field, g.numerator, f.denominator),
      ),
      denominator: multiplyPoly(field, f.denominator, g.denominator),
    });
  }
  private multiply(f: Rational, g: Rational): Rational {
    const { field } = this.system;
    return {
      numerator: multiplyPoly(field, f.numerator, g.numerator),
      denominator: multiplyPoly(field, f.denominator, g.denominator),
    };
  }
  private scale(f: Rational, by: bigint): Rational {
    return { numerator: scalePoly(this.system.field, f.numerator, by), denominator: f.denominator };
  }
  private reduced({ numerator, denominator }: Rational): Rational {
    const { field } = this.system;
    if (numerator.length === 0) return ZERO;
    if (denominator.length === 1) {
      const inverse = field.inv(denominator[0]!);
      return { numerator: scalePoly(field, numerator, inverse), denominator: [1n] };
    }
    const common = gcdPoly(field, numerator, denominator);
    if (common.length <= 1) return { numerator, denominator };
    return {
      numerator: dividePoly(field, numerator, common).quotient,
      denominator: dividePoly(field, denominator, common).quotient,
    };
  }
}
