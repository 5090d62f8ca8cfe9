import { invert, mod } from '@noble/curves/abstract/modular.js';
import { r } from '../../params/fields.ts';
import { type Constraint, evaluate, type LinearCombination, type R1cs, type Witness } from '../r1cs.ts';

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

/** A number in base 2: bits that are wires of their own and at most one that is what remains of a sum. */
export interface BitGroup {
  /** Constraint that says what the bits add up to. */
  readonly row: number;
  /** Wire and exponent of each bit that is a wire. */
  readonly bits: readonly { readonly wire: number; readonly exponent: number }[];
  /** Bits in all. */
  readonly size: number;
  /** The form of the constraint is the missing bit's complement. */
  readonly isComplement: boolean;
}

/** Powers of two in F_r, as far as they are distinct and meant: exponent by value. */
const EXPONENTS = new Map(Array.from({ length: 300 }, (_, e) => [mod(1n << BigInt(e), r), e]));

/** Numbers that the system takes apart into bits, as circom's Num2Bits does at any optimisation. */
export function bitGroups(r1cs: R1cs): BitGroup[] {
  const forms = r1cs.constraints.map(bitForm);
  const bits = new Set(forms.flatMap((form) => (form?.size === 1 ? [...form.keys()] : [])));
  return r1cs.constraints.flatMap(({ a, b, c }, row) => {
    const form = forms[row];
    if (form !== undefined && form.size > 2) {
      // u + Σ q·b is what the others add up to, for the bit u or for 1 − u: beside them its coefficient is ∓1.
      const asBit = groupOf(row, form, bits, mod(-1n, r));
      return asBit.length > 0 ? asBit : groupOf(row, form, bits, 1n);
    }
    if (moving(a).size === 0 || moving(b).size === 0) return groupOf(row, linearForm(a, b, c), bits);
    return [];
  });
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
 * later wire is taken: inputs come first, what a component computes comes after them.
 */
function groupOf(row: number, form: LinearCombination, bits: ReadonlySet<number>, own?: bigint): BitGroup[] {
  const byCoefficient = new Map<bigint, number | undefined>();
  if (own !== undefined) byCoefficient.set(own, undefined);
  for (const [wire, q] of [...form].sort(([p], [q]) => q - p))
    if (bits.has(wire) && !byCoefficient.has(q)) byCoefficient.set(q, wire);
  if (byCoefficient.size < 2) return [];
  for (const lowest of byCoefficient.keys()) {
    const scale = invert(lowest, r);
    const exponents = [...byCoefficient.keys()].map((q) => EXPONENTS.get(mod(q * scale, r)) ?? Infinity);
    if (Math.max(...exponents) !== exponents.length - 1) continue;
    const members = [...byCoefficient.values()].map((wire, i) => ({ wire, exponent: exponents[i]! }));
    return [{ row, bits: members.filter(isWire), size: exponents.length, isComplement: own === 1n }];
  }
  return [];
}

const isWire = (bit: { wire: number | undefined; exponent: number }): bit is BitGroup['bits'][number] =>
  bit.wire !== undefined;

/** Σ 2^e·bit in F_r, as the constraint wants it: the bits that are wires may be wrong, what they add up to is not. */
export function meant(r1cs: R1cs, group: BitGroup, witness: Witness): bigint {
  const { a, b, c } = r1cs.constraints[group.row]!;
  let sum = group.bits.reduce(
    (total, { wire, exponent }) => total + (witness[wire]! << BigInt(exponent)),
    0n,
  );
  const missing = missingExponent(group);
  if (missing !== undefined) {
    const bit = evaluate(bitForm(r1cs.constraints[group.row]!)!, witness);
    sum += (group.isComplement ? 1n - bit : bit) << BigInt(missing);
  } else {
    const form = linearForm(a, b, c);
    const lowest = group.bits.find(({ exponent }) => exponent === 0)!;
    sum -= evaluate(form, witness) * invert(form.get(lowest.wire)!, r);
  }
  return mod(sum, r);
}

function missingExponent({ bits, size }: BitGroup): number | undefined {
  const present = new Set(bits.map(({ exponent }) => exponent));
  return Array.from({ length: size }, (_, e) => e).find((e) => !present.has(e));
}

/** The group's own wires as they spell a number below 2^size. */
export function spell({ bits }: BitGroup, value: bigint): Map<number, bigint> {
  return new Map(bits.map(({ wire, exponent }) => [wire, (value >> BigInt(exponent)) & 1n]));
}
