import { MAX_CHOICES, survivors } from '../certificate/values.ts';
import { evaluateForm, type LinearForm } from '../system/linear-form.ts';
import type { Quadratic } from '../system/system.ts';
import type { ProofContext } from './context.ts';

/** Wires of a constraint, and combinations of their values, for which all are tried. */
const MAX_WIRES = 6;
const MAX_TRIED = 256;

/** What was known when the values of a constraint's wires were tried: with that alone, and what was found then, nothing more follows. */
export class TriedCases {
  private readonly known = new Map<number, readonly number[]>();

  isKnown(index: number, facts: readonly number[]): boolean {
    const known = this.known.get(index);
    return known !== undefined && facts.every((id) => known.includes(id));
  }
  /** @param facts the premises, and from a number on all that were said of them */
  add(index: number, facts: readonly number[], from: number, to: number): void {
    this.known.set(index, [...facts, ...Array.from({ length: to - from }, (_, i) => from + i)]);
  }
}

/**
 * Tries all values of the wires of a constraint, if they are few: what is left of each wire's values.
 * @param isLasting whether what is known stays known: a case is taken back
 */
export function useCases(context: ProofContext, index: number, tried: TriedCases, isLasting: boolean): void {
  const { system, store } = context;
  const constraint = system.constraints[index]!;
  const { a, b, c } = constraint;
  if (a.size + b.size + c.size > 3 * MAX_WIRES) return;
  const wires = new Set<number>();
  for (const form of [a, b, c])
    for (const wire of form.keys()) if (wire !== 0 && store.valueOf(wire) === undefined) wires.add(wire);
  if (wires.size === 0 || wires.size > MAX_WIRES) return;
  let size = 1;
  let open = 0;
  for (const wire of wires) {
    const set = store.setOf(wire);
    if (set !== undefined) size *= set.length;
    else if (store.hasRange(wire) && store.widthOf(wire) < MAX_CHOICES)
      size *= Number(store.widthOf(wire)) + 1;
    else open++;
  }
  if (open > 1 || size > MAX_TRIED || (wires.size === 1 && isTold(context, constraint, [...wires][0]!)))
    return;
  const from = store.withRanges(store.premises([a, b, c, ...excluded(store, wires)]), [a, b, c]);
  // Without unique facts, which say nothing of one witness.
  const ids = [...from].filter((id) => store.facts[id]!.kind !== 'unique');
  if (tried.isKnown(index, ids)) return;
  const before = store.facts.length;
  sayLeft(context, index, wires, ids);
  if (isLasting) tried.add(index, ids, before, store.facts.length);
}

/** Whether the constraint leaves to its one open wire all values that it is known to have, and none of them is excluded. */
function isTold({ system, store }: ProofContext, constraint: Quadratic, wire: number): boolean {
  const known = store.setOf(wire);
  // One value that is left is said as such.
  if (known === undefined || known.length < 2 || store.mayBeNonzero(wire)) return false;
  const at = (value: bigint) => (one: number) => (one === wire ? value : store.valueOf(one));
  const { field } = system;
  return known.every((value) => {
    const [a, b, c] = [constraint.a, constraint.b, constraint.c].map((form) =>
      evaluateForm(field, form, at(value)),
    );
    return (a! * b! - c!) % field.p === 0n;
  });
}

function sayLeft(
  { system, store }: ProofContext,
  index: number,
  wires: ReadonlySet<number>,
  ids: number[],
): void {
  const found = survivors(system, store.given(ids), [system.constraints[index]!]);
  if (found === undefined) return;
  if (found.rows.length === 0) {
    store.emit({ rule: 'cases', from: ids, constraints: [index], facts: [{ kind: 'absurd' }] });
    return;
  }
  for (const wire of wires) {
    const place = found.places.get(wire)!;
    const left: bigint[] = [];
    for (const values of found.rows) if (!left.includes(values[place]!)) left.push(values[place]!);
    if (left.length > Number(MAX_CHOICES) || (left.length > 1 && left.length === store.setOf(wire)?.length))
      continue;
    const facts =
      left.length === 1
        ? [{ kind: 'zero' as const, form: fixedAt(system.field.p, wire, left[0]!) }]
        : [{ kind: 'set' as const, wire, values: left.sort((x, y) => (x < y ? -1 : 1)) }];
    store.emit({ rule: 'cases', from: ids, constraints: [index], facts });
  }
}

/** wire − value */
export function fixedAt(p: bigint, wire: number, value: bigint): LinearForm {
  const form = new Map([[wire, 1n]]);
  if (value !== 0n) form.set(0, p - value);
  return form;
}

/** The forms wire − value for the values a wire may have: some may be known not to be 0. */
function excluded(store: ProofContext['store'], wires: Iterable<number>): LinearForm[] {
  return [...wires].flatMap((wire) =>
    store.mayBeNonzero(wire)
      ? (store.setOf(wire) ?? []).map((value) => fixedAt(store.system.field.p, wire, value))
      : [],
  );
}
