import { addScaled, addTerm, bodyOf, constantOf, type LinearForm, leadOf } from './linear-form.ts';
import type { PrimeField } from './prime-field.ts';
import { shortened } from './short-forms.ts';
import { type IsOver, isOverAt, type Quadratic } from './system.ts';

/**
 * A compiler that solves sums for their bits leaves bits that are no wires: L·(L − 1) = 0 for a form L. Each such form gets a
 * wire z of its own, with L = ρ·z as a constraint more, so that z is 0 or 1, and z stands for L where L is part of a form. The new
 * wires are functions of the old ones, so the witnesses are the same.
 * @param next the first number that is free for a wire
 * @returns constraints with the new wires, and how many there are; undefined if the time was over before
 */
export function nameForms(
  field: PrimeField,
  constraints: readonly Quadratic[],
  next: number,
  isOver: IsOver,
): { readonly constraints: Quadratic[]; readonly added: number } | undefined {
  const out: Quadratic[] = [];
  const sums: number[] = [];
  let wire = next;
  for (const [index, constraint] of constraints.entries()) {
    if (isOverAt(index, isOver)) return undefined;
    const { c, origin } = constraint;
    const named = constantOf(c) === undefined ? undefined : inOneForm(field, constraint);
    if (named === undefined) {
      out.push(constraint);
      continue;
    }
    const { form, factor, offset } = named;
    // form = ρ·z with the other root at z = 1; (ρ·z)·(factor·ρ·z + offset) = c.
    const rho = offset === 0n ? 1n : field.mod(-offset * field.inv(factor));
    const [a, b] = [new Map([[wire, rho]]), new Map([[wire, (factor * rho) % field.p]])];
    addTerm(field, b, 0, offset);
    out.push({ a, b, c, origin });
    const sum = new Map<number, bigint>();
    addScaled(field, sum, form, 1n);
    addTerm(field, sum, wire, -rho);
    sums.push(out.push({ a: new Map(), b: new Map(), c: sum, origin }) - 1);
    wire++;
  }
  const short = shortened(field, out, sums, isOver);
  return short && { constraints: short, added: wire - next };
}

/** Two factors of more than one wire that are the same up to a factor and a constant: one of them, and the other by it. */
function inOneForm(
  field: PrimeField,
  { a, b }: Quadratic,
): { readonly form: LinearForm; readonly factor: bigint; readonly offset: bigint } | undefined {
  const [bodyA, bodyB] = [bodyOf(a), bodyOf(b)];
  if (bodyA.size < 2 || bodyA.size !== bodyB.size) return undefined;
  const factor = (leadOf(bodyB) * field.inv(leadOf(bodyA))) % field.p;
  for (const [wire, c] of bodyA) if ((c * factor) % field.p !== bodyB.get(wire)) return undefined;
  // The factor without a constant is the bit as it was meant, where there is one.
  const isSecond = a.has(0) && !b.has(0);
  const form = isSecond ? b : a;
  const by = isSecond ? field.inv(factor) : factor;
  const other = isSecond ? a : b;
  const offset = field.mod((other.get(0) ?? 0n) - by * (form.get(0) ?? 0n));
  return { form, factor: by, offset };
}
