import { expanded, residue } from '../certificate/lemmas.ts';
import { constantOf, type LinearForm } from '../system/linear-form.ts';
import type { ProofContext } from './context.ts';

/** How many definitions are put into one another, at most, and terms of a sum that is put in. */
const MAX_DEPTH = 4;
const MAX_TERMS = 4;
const MAX_TRIED = 400;

/** Divisors that cannot be 0 together with their numerator: see `residue` in the checker. */
export function useResidues(context: ProofContext): boolean {
  const { system, store } = context;
  let any = false;
  let tried = 0;
  system.constraints.forEach(({ a, b, c }, index) => {
    if (a.size === 0 || store.isUnique(a) === store.isUnique(b) || c.size > MAX_TERMS || context.isOver())
      return;
    const divisor = store.isUnique(a) ? a : b;
    if (constantOf(divisor) !== undefined || store.hasNonzero(divisor) || divisor.size > MAX_TERMS) return;
    if (!store.isUnique(c) || tried++ > MAX_TRIED) return;
    for (let down = 1; down <= MAX_DEPTH; down++) {
      const below = definitionsOf(context, index, [divisor, down], new Set());
      const parts = expanded(system, store.given([]), divisor, below);
      // What the divisor is made of stays as it is in the numerator.
      const kept = new Set([...(parts?.keys() ?? [])].flatMap((monomial) => monomial.split(',').map(Number)));
      for (let up = 0; up <= MAX_DEPTH; up++) {
        const definitions = [...below, ...definitionsOf(context, index, [c, up], kept)];
        const facts = [{ kind: 'nonzero' as const, form: divisor }];
        const step = { rule: 'residue' as const, from: [], constraint: index, definitions, facts };
        if (!residue(system, store.given([]), step, divisor)) continue;
        any = store.emit(step) || any;
        return;
      }
    }
  });
  return any;
}

/** Wires of a form with the constraints that define them, to a depth, inner ones first; never what is asked. */
function definitionsOf(
  { system }: ProofContext,
  asked: number,
  [wanted, atMost]: readonly [LinearForm, number],
  kept: ReadonlySet<number>,
): (readonly [number, number])[] {
  const found = new Map<number, number>();
  /** Of the constraints that may define a wire, the one with the least beside it; a product if there are two. */
  const definition = (wire: number): number | undefined => {
    let best: number | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const index of system.readers[wire]!) {
      const { a, b, c } = system.constraints[index]!;
      if (index === asked || a.has(wire) || b.has(wire) || !c.has(wire)) continue;
      if (a.size > MAX_TERMS || b.size > MAX_TERMS || c.size > MAX_TERMS) continue;
      const size = 2 * c.size + (a.size === 0 ? 1 : 0);
      if (size < least) [best, least] = [index, size];
    }
    return best;
  };
  const visit = (form: LinearForm, depth: number, path: ReadonlySet<number>): void => {
    if (depth === 0) return;
    for (const wire of form.keys()) {
      if (wire === 0 || found.has(wire) || path.has(wire) || system.isInput[wire]!) continue;
      const index = definition(wire);
      if (index === undefined) continue;
      const { a, b, c } = system.constraints[index]!;
      const inner = new Set(path).add(wire);
      for (const one of [a, b, c]) visit(one, depth - 1, inner);
      found.set(wire, index);
    }
  };
  visit(wanted, atMost, kept);
  return [...found];
}
