import { largest, smallest } from '../system/integers.ts';
import { isSameForm, type LinearForm } from '../system/linear-form.ts';
import type { ConstraintSystem } from '../system/system.ts';
import type { Fact, FactOf, StepOf } from './certificate.ts';
import type { Given } from './given.ts';

/** A polynomial over wires: sorted wires of a monomial, joined by commas → coefficient. The constant stands at ''. */
export type Polynomials = ReadonlyMap<string, bigint>;

/** Monomials of a polynomial, at most. */
const MAX_MONOMIALS = 400;

const product = (x: string, y: string): string =>
  x === '' || y === ''
    ? x + y
    : [...x.split(','), ...y.split(',')].sort((u, v) => Number(u) - Number(v)).join();

/** A form as a polynomial, wires replaced by what constraints define them to be. */
export function expanded(
  system: ConstraintSystem,
  given: Given,
  form: LinearForm,
  definitions: readonly (readonly [number, number])[],
): Polynomials | undefined {
  const { field, constraints } = system;
  const known = new Map<number, Polynomials>();
  const add = (into: Map<string, bigint>, monomial: string, c: bigint): void => {
    const sum = field.mod((into.get(monomial) ?? 0n) + c);
    if (sum === 0n) into.delete(monomial);
    else into.set(monomial, sum);
  };
  const expand = (one: LinearForm, factor: bigint): Map<string, bigint> => {
    const out = new Map<string, bigint>();
    for (const [wire, coefficient] of given.reduce(one)) {
      const parts = known.get(wire) ?? new Map([[wire === 0 ? '' : `${wire}`, 1n]]);
      for (const [monomial, c] of parts) add(out, monomial, c * coefficient * factor);
    }
    return out;
  };
  for (const [wire, index] of definitions) {
    const constraint = constraints[index];
    const own = constraint?.c.get(wire);
    if (own === undefined || constraint!.a.has(wire) || constraint!.b.has(wire)) return undefined;
    const inverse = field.inv(own);
    const rest = new Map(constraint!.c);
    rest.delete(wire);
    const out = expand(rest, field.p - inverse);
    const [a, b] = [expand(constraint!.a, inverse), expand(constraint!.b, 1n)];
    if (a.size * b.size > MAX_MONOMIALS) return undefined;
    for (const [x, u] of a) for (const [y, v] of b) add(out, product(x, y), u * v);
    if (out.size > MAX_MONOMIALS) return undefined;
    known.set(wire, out);
  }
  return expand(form, 1n);
}

/**
 * A·s = N. If A = 0 then N = 0. With A = κ + k·τ and N = λ·m₁ + μ·m₂, m₁·m₂ = τ: both 0 means m₁² = κμ/(kλ), which no square
 * is; or N = λ·m with m a part of τ: both 0 means κ = 0. So A is not 0. This is why the Edwards addition is complete.
 * @see Bernstein and Lange, "Faster addition and doubling on elliptic curves", ASIACRYPT 2007, theorem 3.3
 */
export function residue(
  system: ConstraintSystem,
  given: Given,
  step: StepOf<'residue'>,
  form: LinearForm,
): boolean {
  const { field } = system;
  const constraint = system.constraints[step.constraint];
  if (constraint === undefined) return false;
  const isFactor = [constraint.a, constraint.b].some((one) => isSameForm(one, form));
  const divisor = expanded(system, given, form, step.definitions);
  const numerator = expanded(system, given, constraint.c, step.definitions);
  if (!isFactor || divisor === undefined || numerator === undefined) return false;
  const kappa = divisor.get('');
  const [tau, ...more] = [...divisor.keys()].filter((monomial) => monomial !== '');
  if (kappa === undefined || tau === undefined || more.length > 0) return false;
  const terms = [...numerator];
  if (terms.some(([monomial]) => monomial === '')) return false;
  if (terms.length === 1) {
    const wires = new Set(tau.split(','));
    return terms[0]![0].split(',').every((wire) => wires.has(wire));
  }
  if (terms.length !== 2) return false;
  const [[m1, lambda], [m2, mu]] = terms as [[string, bigint], [string, bigint]];
  if (product(m1, m2) !== tau) return false;
  return !field.isSquare(
    (((kappa * mu) % field.p) * field.inv((divisor.get(tau)! * lambda) % field.p)) % field.p,
  );
}

/** Bits of a comparison, at most, and combinations of two bits. */
const MAX_PAIRS = 2048;
const PAIR = [0, 1, 2, 3] as const;

/**
 * Σ 2^j·n_j = k + Σ t_i(pair i), all wires bits, each t_i ≡ ±2^i modulo 2^(bit+1) where pair i lies below or above two bits of a
 * constant and the same where it is equal, and n has no digit at `bit`: so the highest pair that is not equal lies below, and
 * the number that the pairs spell is at most the constant. With 2^bit more on the other side, it lies above, and the number is
 * larger. This is circomlib's CompConstant, whatever the compiler left of it.
 */
export function comparison(
  system: ConstraintSystem,
  given: Given,
  step: StepOf<'compare'>,
  fact: FactOf<'sum'>,
  facts: readonly (Fact | undefined)[],
): boolean {
  const { field } = system;
  const { pairs, bit } = step;
  const isBit = (wire: number): boolean =>
    given.sets.get(wire)?.every((value) => value === 0n || value === 1n) ?? false;
  if (pairs.length > bit || pairs.length > MAX_PAIRS || bit < 1 || bit > MAX_PAIRS) return false;
  const poly = quadraticSum(system, given, step.rows, facts);
  if (poly === undefined) return false;
  const take = (key: string): bigint => {
    const c = poly.get(key) ?? 0n;
    poly.delete(key);
    return c;
  };
  const modulus = 1n << BigInt(bit + 1);
  const remainder = (x: bigint): bigint => ((x % modulus) + modulus) % modulus;
  let [constant, low, high] = [0n, 0n, 0n];
  const expected = new Map<number, bigint>();
  let atMost = 0n;
  for (const [i, [h, l, eq]] of pairs.entries()) {
    if (h === l || !isBit(h) || !isBit(l) || expected.has(h) || expected.has(l) || !(eq in PAIR))
      return false;
    const [ch, cl, chl] = [take(`${h}`), take(`${l}`), take(product(`${h}`, `${l}`))];
    const table = PAIR.map((v) =>
      field.centred(field.mod(-(v & 2 ? ch : 0n) - (v & 1 ? cl : 0n) - (v === 3 ? chl : 0n))),
    );
    constant += table[eq]!;
    low += smallest(table);
    high += largest(table);
    const unit = 1n << BigInt(i);
    const isOrdered = PAIR.every((v) => {
      const wanted = v < eq ? unit : v > eq ? -unit : 0n;
      return remainder(table[v]! - table[eq]! - wanted) === 0n;
    });
    if (!isOrdered) return false;
    expected.set(l, 1n << BigInt(2 * i)).set(h, 2n << BigInt(2 * i));
    atMost += BigInt(eq) << BigInt(2 * i);
  }
  const rest = field.centred(field.mod(-take('')));
  let digits = 0n;
  for (const [wire, c] of poly) {
    const isPower = c > 0n && (c & (c - 1n)) === 0n;
    if (wire.includes(',') || !isBit(Number(wire)) || !isPower || (digits & c) !== 0n) return false;
    digits |= c;
  }
  if (((digits >> BigInt(bit)) & 1n) === 1n || digits >= field.p) return false;
  // Both sides are integers whose difference is a multiple of p and smaller than p.
  if (rest + low - digits <= -field.p || rest + high >= field.p) return false;
  const offset = remainder(rest + constant);
  const isAbove = offset === 1n << BigInt(bit);
  if (offset !== 0n && !isAbove) return false;
  const isSame =
    fact.weights.size === expected.size && [...expected].every(([wire, c]) => fact.weights.get(wire) === c);
  if (isAbove) return isSame && fact.low <= atMost + 1n && fact.high >= (1n << BigInt(2 * pairs.length)) - 1n;
  return isSame && fact.low <= 0n && fact.high >= atMost;
}

/** Σ rows with products multiplied out; bits are their own squares only if the caller says so. */
export function quadraticSum(
  system: ConstraintSystem,
  given: Given,
  rows: StepOf<'compare'>['rows'],
  facts: readonly (Fact | undefined)[],
): Map<string, bigint> | undefined {
  const { field } = system;
  const out = new Map<string, bigint>();
  const add = (key: string, c: bigint): void => {
    const sum = field.mod((out.get(key) ?? 0n) + c);
    if (sum === 0n) out.delete(key);
    else out.set(key, sum);
  };
  const name = (wire: number): string => (wire === 0 ? '' : `${wire}`);
  for (const { of, index, factor } of rows) {
    const fact = of === 'fact' ? facts[index] : undefined;
    const constraint = of === 'constraint' ? system.constraints[index] : undefined;
    const linear = constraint?.c ?? (fact?.kind === 'zero' ? fact.form : undefined);
    if (linear === undefined) return undefined;
    for (const [wire, c] of given.reduce(linear))
      add(name(wire), constraint === undefined ? c * factor : -c * factor);
    if (constraint === undefined) continue;
    const [a, b] = [given.reduce(constraint.a), given.reduce(constraint.b)];
    if (a.size * b.size > MAX_MONOMIALS) return undefined;
    for (const [x, u] of a) for (const [y, v] of b) add(product(name(x), name(y)), u * v * factor);
  }
  return out;
}
