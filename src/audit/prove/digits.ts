import { gcd, magnitude } from '../system/integers.ts';
import type { LinearForm } from '../system/linear-form.ts';
import type { ProofContext } from './context.ts';

interface Digit {
  readonly wire: number;
  /** |coefficient| at the scale that was chosen. */
  readonly size: bigint;
  readonly width: bigint;
}

/** Multiplications in the search for a scale, at most, and terms of a form. */
const MAX_WORK = 30_000;
const MAX_TERMS = 2_000;

/**
 * A form that is the same in both witnesses, of wires with ranges: where digits do not overlap, each is the same, too.
 * @param prepare says the form's own uniqueness, before the digits'
 * @returns whether anything was said
 */
export function useDigits(context: ProofContext, form: LinearForm, prepare: () => void): boolean {
  const { store } = context;
  if (form.size > MAX_TERMS) return false;
  for (const wire of form.keys()) if (wire !== 0 && !store.hasRange(wire)) return false;
  const given = store.given(store.withRanges(new Set(), [form]));
  const entries = [...form].flatMap(([wire, coefficient]) => {
    const range = given.rangeOf(wire);
    return range === undefined ? [] : [{ wire, coefficient, width: range.high - range.low }];
  });
  const bounded = scaleOfSum(context, form);
  const found = bounded ?? scaleOf(context, entries);
  if (found === undefined) return false;
  const unique = peeled(found.digits);
  if (unique.length === 0) return false;
  prepare();
  if (!store.isUnique(form)) return false;
  const from = store.withRanges(store.premises([form]), [form]);
  if (bounded !== undefined) store.withSums(from);
  return store.emit({
    rule: 'digits',
    from: [...from],
    form,
    scale: found.scale,
    facts: unique.map((wire) => ({ kind: 'unique', form: new Map([[wire, 1n]]) })),
  });
}

/** The scale at which the sum of coefficient × width is least and below p. Some coefficient is then 1: which, is tried. */
function scaleOf(
  { system: { field } }: ProofContext,
  entries: readonly { wire: number; coefficient: bigint; width: bigint }[],
): { scale: bigint; digits: Digit[] } | undefined {
  let best: { scale: bigint; digits: Digit[]; total: bigint } | undefined;
  let work = MAX_WORK;
  const tried = new Set<bigint>();
  for (const { coefficient } of entries) {
    if (work < 0) break;
    // The opposite scale gives the same digits.
    const size = magnitude(field.centred(coefficient));
    if (tried.has(size)) continue;
    tried.add(size);
    const scale = field.inv(coefficient);
    const digits: Digit[] = [];
    let total = 0n;
    for (const entry of entries) {
      work--;
      const size = magnitude(field.centred((entry.coefficient * scale) % field.p));
      total += size * entry.width;
      if (total >= (best?.total ?? field.p)) break;
      digits.push({ wire: entry.wire, size, width: entry.width });
    }
    if (digits.length === entries.length) best = { scale, digits, total };
  }
  return best;
}

/** A sum of bits that is known to stay below p tells the scale. */
function scaleOfSum(
  { system: { field }, store }: ProofContext,
  form: LinearForm,
): { scale: bigint; digits: Digit[] } | undefined {
  if (!store.hasSums()) return undefined;
  for (const sum of store.given(store.withSums(new Set())).sums) {
    const [wire, coefficient] = [...form][0]!;
    const weight = sum.weights.get(wire);
    if (weight === undefined || sum.high >= field.p) continue;
    const scale = (weight * field.inv(coefficient)) % field.p;
    const isSame = [...form].every(
      ([w, c]) => (c * scale) % field.p === (sum.weights.get(w) ?? -1n) % field.p,
    );
    const isAll = [...sum.weights.keys()].every((w) => form.has(w) || store.isUniqueWire(w));
    if (isSame && isAll)
      return {
        scale,
        digits: [...form.keys()].map((w) => ({ wire: w, size: sum.weights.get(w)!, width: 1n })),
      };
  }
  return undefined;
}

/** Wires whose difference must be 0, in the order in which that can be seen: the largest first, else one modulo the rest. */
function peeled(all: readonly Digit[]): number[] {
  const left = [...all].sort((x, y) => (x.size < y.size ? -1 : x.size > y.size ? 1 : 0));
  let total = left.reduce((sum, { size, width }) => sum + size * width, 0n);
  const found: number[] = [];
  while (left.length > 0) {
    const top = left.at(-1)!;
    const rest = total - top.size * top.width;
    if (top.size > rest) {
      found.push(top.wire);
      left.pop();
      total = rest;
      continue;
    }
    const low = left[0]!;
    let shared = 0n;
    for (let i = 1; i < left.length; i++) shared = gcd(shared, left[i]!.size);
    if (low.width >= shared / gcd(low.size, shared)) break;
    found.push(low.wire);
    left.shift();
    total -= low.size * low.width;
  }
  return found;
}
