import { bounds } from '../certificate/values.ts';
import { constantOf } from '../system/linear-form.ts';
import type { ProofContext } from './context.ts';

const MAX_TERMS = 600;
/** Terms up to which every wire of a constraint is bounded by the others, and not only the one of which least is known. */
const FEW_TERMS = 8;

/** The wire with the widest range; bits have none beside their values. */
function widest(store: ProofContext['store'], wires: ReadonlySet<number>): number[] {
  let [found, most] = [0, 1n];
  for (const wire of wires) {
    const width = store.widthOf(wire);
    if (width > most) [found, most] = [wire, width];
  }
  return found === 0 ? [] : [found];
}

/** A constraint that keeps a wire within an interval, because the others are within theirs. */
export function useBounds({ system, store }: ProofContext, index: number): void {
  const { field } = system;
  const constraint = system.constraints[index]!;
  const { a, b, c } = constraint;
  if (a.size + b.size + c.size > MAX_TERMS) return;
  const isLinear = a.size === 0 || store.value(a) !== undefined || store.value(b) !== undefined;
  const wires = new Set([...a.keys(), ...b.keys(), ...c.keys()]);
  wires.delete(0);
  const open: number[] = [];
  for (const wire of wires) if (!store.hasRange(wire)) open.push(wire);
  if (open.length > 1) return;
  const asked =
    open.length === 1 ? open : !isLinear ? [] : wires.size <= FEW_TERMS ? [...wires] : widest(store, wires);
  for (const wire of asked) {
    if (constantOf(store.reduce(new Map([[wire, 1n]]))) !== undefined) continue;
    const ids = store.withSums(store.withRanges(store.premises([a, b, c]), [a, b, c]));
    const found = bounds(system, store.given(ids), constraint, wire);
    if (found === undefined || found.high - found.low >= field.p) continue;
    const old = store.given(store.withRanges(new Set(), [new Map([[wire, 1n]])])).rangeOf(wire);
    // Much tighter only: two wires may bound each other by turns without end.
    if (old !== undefined && 2n * (found.high - found.low) > old.high - old.low) continue;
    store.emit({
      rule: 'bounds',
      from: [...ids],
      constraint: index,
      facts: [{ kind: 'range', wire, ...found }],
    });
  }
}
