import { invert, mod } from '@noble/curves/abstract/modular.js';
import {
  type Constraint,
  evaluate,
  type LinearCombination,
  type R1cs,
  type Witness,
} from '../groth16/r1cs.ts';
import { r } from '../params/fields.ts';

/** A linear form in wires plus a constant, at wire 0. */
type Form = Map<number, bigint>;

/**
 * A form that a constraint leaves exactly the values 0 and 1: (x)(x − 1) = 0 in any of the ways it can be written.
 * @returns undefined for any other constraint
 */
export function bitForm({ a, b, c }: Constraint): LinearCombination | undefined {
  const base = moving(a);
  const [pivot] = base.keys();
  if (pivot === undefined) return undefined;
  // a = α·V + a0, b = β·V + b0, c = γ·V + c0 with V the moving part of a: αβ·t² + … = 0 in t = V.
  const ratio = (form: LinearCombination): bigint | undefined => {
    const part = moving(form);
    const scale = mod((part.get(pivot) ?? 0n) * invert(base.get(pivot)!, r), r);
    if (part.size !== (scale === 0n ? 0 : base.size)) return undefined;
    for (const [wire, coefficient] of part)
      if (mod(coefficient - scale * (base.get(wire) ?? 0n), r) !== 0n) return undefined;
    return scale;
  };
  const [beta, gamma] = [ratio(b), ratio(c)];
  if (beta === undefined || beta === 0n || gamma === undefined) return undefined;
  const at0 = (form: LinearCombination): bigint => form.get(0) ?? 0n;
  // One value makes a factor 0 and the sum with it; the other follows from the sum of the roots.
  const zero = [mod(-at0(a), r), mod(-at0(b) * invert(beta, r), r)].find(
    (t) => mod(gamma * t + at0(c), r) === 0n,
  );
  if (zero === undefined) return undefined;
  const linear = mod(at0(b) + beta * at0(a) - gamma, r);
  const one = mod(-linear * invert(beta, r) - zero, r);
  if (one === zero) return undefined;
  // Of the form and its complement the one without a constant.
  const [low, high] = one === 0n ? [one, zero] : [zero, one];
  const scale = invert(mod(high - low, r), r);
  const form: Form = new Map([...base].map(([wire, value]) => [wire, mod(value * scale, r)]));
  const offset = mod(-low * scale, r);
  if (offset !== 0n) form.set(0, offset);
  return form;
}

const moving = (form: LinearCombination): Form => new Map([...form].filter(([wire]) => wire !== 0));

/** One binary digit: a wire, or the form that a constraint makes a bit, or 1 minus it. */
export interface Digit {
  readonly exponent: number;
  readonly wire: number | undefined;
  /** Constraint of the form, where the digit is no wire: circom substitutes a digit of every sum away. */
  readonly row: number | undefined;
  readonly isComplement: boolean;
}

/** A number that the system takes apart into binary digits: Σ 2^exponent·digit = rest. */
export interface BitGroup {
  /** Constraints that say so: the digits follow the number only if none of them is broken. */
  readonly rows: readonly number[];
  readonly digits: readonly Digit[];
  /** The number, as a form in other wires. */
  readonly rest: LinearCombination;
}

/** Powers of two in F_r by which digits can be told: exponent by value. */
const EXPONENTS = new Map(Array.from({ length: 300 }, (_, e) => [mod(1n << BigInt(e), r), e]));

/** Σ of the terms is 0: keys ≥ 0 are wires, −1 − row is the bit that a constraint's form is. */
interface Equation {
  readonly terms: Form;
  readonly rows: readonly number[];
}
const bitOf = (row: number): number => -1 - row;

/** Sums of two equations that are looked at: two digits of one number may both have been substituted away. */
const MAX_SUMS = 500;

/** Numbers that the system takes apart into bits, as circom's Num2Bits does at any optimisation. */
export function bitGroups(r1cs: R1cs): BitGroup[] {
  const forms = r1cs.constraints.map(bitForm);
  const bits = new Set(forms.flatMap((form) => (form?.size === 1 ? [...form.keys()] : [])));
  const isBit = (key: number): boolean => key < 0 || bits.has(key);
  const equations = r1cs.constraints.flatMap(({ a, b, c }, row): Equation[] => {
    const form = forms[row];
    if (form !== undefined && form.size > 1)
      return [{ terms: new Map([...form, [bitOf(row), mod(-1n, r)]]), rows: [row] }];
    if (moving(a).size > 0 && moving(b).size > 0) return [];
    return [{ terms: linearForm(a, b, c), rows: [row] }];
  });
  const sums = equations.filter(({ terms }) => [...terms.keys()].filter(isBit).length > 1);
  const found = [...sums, ...sumsOfTwo(sums, isBit)].flatMap((equation) => groupOf(equation, isBit));
  // Of groups with the same digits the one of fewer constraints.
  return found.filter(
    (group, i) =>
      !found
        .slice(0, i)
        .some((other) => other.digits.length === group.digits.length && sameDigits(other, group)),
  );
}

const sameDigits = (p: BitGroup, q: BitGroup): boolean =>
  p.digits.every(({ wire, row }, i) => wire === q.digits[i]!.wire && row === q.digits[i]!.row);

/** Pairs of equations with a wire in common that is no bit, without that wire. */
function sumsOfTwo(equations: readonly Equation[], isBit: (key: number) => boolean): Equation[] {
  const readers = new Map<number, number[]>();
  equations.forEach(({ terms }, i) => {
    for (const key of terms.keys())
      if (key > 0 && !isBit(key)) readers.set(key, [...(readers.get(key) ?? []), i]);
  });
  const sums: Equation[] = [];
  for (const [wire, [first, ...others]] of readers) {
    for (const other of others) {
      if (sums.length === MAX_SUMS) return sums;
      const [p, q] = [equations[first!]!, equations[other]!];
      const factor = mod(q.terms.get(wire)! * invert(p.terms.get(wire)!, r), r);
      const terms = new Map(q.terms);
      for (const [key, value] of p.terms) {
        const sum = mod((terms.get(key) ?? 0n) - factor * value, r);
        if (sum === 0n) terms.delete(key);
        else terms.set(key, sum);
      }
      sums.push({ terms, rows: [...p.rows, ...q.rows] });
    }
  }
  return sums;
}

/** a·b − c of a linear constraint. */
function linearForm(a: LinearCombination, b: LinearCombination, c: LinearCombination): Form {
  const [constant, other] = moving(a).size === 0 ? [a, b] : [b, a];
  const scale = constant.get(0) ?? 0n;
  const form: Form = new Map([...other].map(([wire, value]) => [wire, mod(value * scale, r)]));
  for (const [wire, value] of c) form.set(wire, mod((form.get(wire) ?? 0n) - value, r));
  return new Map([...form].filter(([, value]) => value !== 0n));
}

/**
 * Finds the scale at which the bits' coefficients are powers of two without a gap. Of two bits with one coefficient the
 * later wire is taken: inputs come first, what a component computes comes after them. A form may be a digit or a
 * digit's complement, which changes the sign of its coefficient.
 */
function groupOf({ terms, rows }: Equation, isBit: (key: number) => boolean): BitGroup[] {
  const ofForms = [...terms.keys()].filter((key) => key < 0);
  for (let signs = 0; signs < 1 << ofForms.length; signs++) {
    const isComplement = (key: number): boolean => key < 0 && ((signs >> ofForms.indexOf(key)) & 1) === 1;
    const byCoefficient = new Map<bigint, number>();
    for (const key of [...terms.keys()].filter(isBit).sort((p, q) => (p < 0 || q < 0 ? p - q : q - p))) {
      const coefficient = isComplement(key) ? mod(-terms.get(key)!, r) : terms.get(key)!;
      if (!byCoefficient.has(coefficient)) byCoefficient.set(coefficient, key);
    }
    if (byCoefficient.size < 2 || byCoefficient.size > EXPONENTS.size) continue;
    for (const lowest of byCoefficient.keys()) {
      const scale = invert(lowest, r);
      const exponents = [...byCoefficient.keys()].map((q) => EXPONENTS.get(mod(q * scale, r)) ?? Infinity);
      if (Math.max(...exponents) !== exponents.length - 1) continue;
      const keys = [...byCoefficient.values()];
      if (!ofForms.every((key) => keys.includes(key))) continue;
      const digits = keys.map((key, i) => ({
        exponent: exponents[i]!,
        wire: key < 0 ? undefined : key,
        row: key < 0 ? -1 - key : undefined,
        isComplement: isComplement(key),
      }));
      const rest: Form = new Map();
      for (const [key, value] of terms) {
        // A complement's 1 goes to the constant: c·u = c − c·(1 − u).
        const at = keys.includes(key) ? 0 : key;
        if (keys.includes(key) && !isComplement(key)) continue;
        rest.set(at, mod((rest.get(at) ?? 0n) - value * scale, r));
      }
      return [{ rows, digits: digits.sort((p, q) => p.exponent - q.exponent), rest }];
    }
  }
  return [];
}

/** The number whose digits these should be, in F_r. */
export const meant = (group: BitGroup, witness: Witness): bigint => evaluate(group.rest, witness);

/** The number that the digits spell, over the integers. */
export function spelled(r1cs: R1cs, { digits }: BitGroup, witness: Witness): bigint {
  return digits.reduce((sum, { exponent, wire, row, isComplement }) => {
    const bit = wire === undefined ? evaluate(bitForm(r1cs.constraints[row!]!)!, witness) : witness[wire]!;
    return sum + (mod(isComplement ? 1n - bit : bit, r) << BigInt(exponent));
  }, 0n);
}

/** What digits must be to spell a number below 2^(digits): wires by value, and forms, by constraint, by value. */
export function spell(
  { digits }: BitGroup,
  value: bigint,
): {
  readonly wires: ReadonlyMap<number, bigint>;
  readonly forms: ReadonlyMap<number, bigint>;
} {
  const digit = (exponent: number): bigint => (value >> BigInt(exponent)) & 1n;
  return {
    wires: new Map(
      digits.flatMap(({ wire, exponent }) => (wire === undefined ? [] : [[wire, digit(exponent)]])),
    ),
    forms: new Map(
      digits.flatMap(({ row, exponent, isComplement }) =>
        row === undefined ? [] : [[row, isComplement ? 1n - digit(exponent) : digit(exponent)]],
      ),
    ),
  };
}
