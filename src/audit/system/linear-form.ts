import type { PrimeField } from './prime-field.ts';

/** Σ coefficient·wire + constant over F_p: wire → coefficient, each 0 < c < p; the constant stands at wire 0. */
export type LinearForm = ReadonlyMap<number, bigint>;

export const EMPTY_FORM: LinearForm = new Map();

/** Adds factor·form to a form under construction. */
export function addScaled(
  field: PrimeField,
  into: Map<number, bigint>,
  form: LinearForm,
  factor: bigint,
): void {
  if (factor === 0n) return;
  const { p } = field;
  // Most factors are 1 or −1: then there is nothing to divide.
  const isOne = factor === 1n;
  const isSign = isOne || factor === p - 1n;
  for (const [wire, coefficient] of form)
    if (isSign && coefficient > 0n && coefficient < p)
      addElement(p, into, wire, isOne ? coefficient : p - coefficient);
    else addTerm(field, into, wire, coefficient * factor);
}

/** Adds coefficient·wire with 0 < coefficient < p. */
function addElement(p: bigint, into: Map<number, bigint>, wire: number, coefficient: bigint): void {
  const known = into.get(wire);
  const sum = known === undefined ? coefficient : known + coefficient;
  if (sum === p) into.delete(wire);
  else into.set(wire, sum > p ? sum - p : sum);
}

/** Adds coefficient·wire; the coefficient may be any integer. */
export function addTerm(
  field: PrimeField,
  into: Map<number, bigint>,
  wire: number,
  coefficient: bigint,
): void {
  const sum = field.mod((into.get(wire) ?? 0n) + coefficient);
  if (sum === 0n) into.delete(wire);
  else into.set(wire, sum);
}

export function scaled(field: PrimeField, form: LinearForm, factor: bigint): LinearForm {
  if (factor === 1n) return form;
  const out = new Map<number, bigint>();
  addScaled(field, out, form, factor);
  return out;
}

/** The value of a form without wires, undefined of any other. */
export function constantOf(form: LinearForm): bigint | undefined {
  if (form.size === 0) return 0n;
  return form.size === 1 ? form.get(0) : undefined;
}

/** The one wire of a form that has just one, beside a constant. */
export function onlyWire(form: LinearForm): number | undefined {
  if (form.size === 0 || form.size > 2) return undefined;
  let found: number | undefined;
  for (const wire of form.keys())
    if (wire !== 0) {
      if (found !== undefined) return undefined;
      found = wire;
    }
  return found;
}

/** For c·x + k, the value of x at which it is 0. */
export function rootOf(field: PrimeField, form: LinearForm, wire: number): bigint {
  return field.mod(-(form.get(0) ?? 0n) * field.inv(form.get(wire)!));
}

/** A form without its constant. */
export function bodyOf(form: LinearForm): LinearForm {
  if (!form.has(0)) return form;
  const out = new Map(form);
  out.delete(0);
  return out;
}

/** The coefficient of the lowest wire, by which forms are compared up to a factor; of a constant, the constant. */
export function leadOf(form: LinearForm): bigint {
  let lowest = Number.POSITIVE_INFINITY;
  for (const wire of form.keys()) if (wire !== 0 && wire < lowest) lowest = wire;
  return form.get(lowest) ?? form.get(0) ?? 1n;
}

export function isSameForm(x: LinearForm, y: LinearForm): boolean {
  if (x.size !== y.size) return false;
  for (const [wire, c] of x) if (y.get(wire) !== c) return false;
  return true;
}

/** The wires of a form from the lowest on. */
function sortedWires(form: LinearForm): number[] {
  const wires = [...form.keys()];
  for (let i = 1; i < wires.length; i++) if (wires[i - 1]! > wires[i]!) return wires.sort((x, y) => x - y);
  return wires;
}

const keys = new WeakMap<LinearForm, string>();

/** Equal for two forms exactly if one is a multiple of the other. The forms are not changed afterwards. */
export function formKey(field: PrimeField, form: LinearForm): string {
  if (form.size === 1) for (const wire of form.keys()) return `${wire}:1`;
  const known = keys.get(form);
  if (known !== undefined) return known;
  const inverse = field.inv(leadOf(form));
  let key = '';
  for (const wire of sortedWires(form)) {
    const coefficient = form.get(wire)!;
    key += `${wire}:${(inverse === 1n ? coefficient : (coefficient * inverse) % field.p).toString(32)},`;
  }
  keys.set(form, key);
  return key;
}

/** The form at these values, reduced; every wire of the form has one. */
export function evaluateForm(
  field: PrimeField,
  form: LinearForm,
  at: (wire: number) => bigint | undefined,
): bigint {
  let sum = 0n;
  for (const [wire, coefficient] of form) sum += wire === 0 ? coefficient : coefficient * at(wire)!;
  return field.mod(sum);
}
