import type {
  Fact,
  ProofRow,
  ProofStep,
  SignedPoint,
  UniquenessCertificate,
} from '../certificate/certificate.ts';
import type { FactStore, Recorded } from './fact-store.ts';

/** A certificate of what the targets' uniqueness rests on, and of nothing else. */
export function assemble(
  store: FactStore,
  assumptions: readonly { readonly as: string; readonly fact: Fact }[],
  proved: readonly number[],
): UniquenessCertificate {
  const needed = new Set<number>();
  if (store.absurd !== undefined) needed.add(store.absurd);
  else
    for (const id of store.premises(proved.map((wire) => new Map([[store.system.resolve(wire).wire, 1n]]))))
      needed.add(id);
  const kept = new Set<Recorded>();
  mark(store.steps, needed, kept);
  const numbers = new Map<number, number>();
  for (const id of assumptions.keys()) numbers.set(id, id);
  const steps = renumber(store.steps, needed, kept, numbers, { next: assumptions.length });
  return { assumptions, proved, steps };
}

const isNeeded = ({ step, first }: Recorded, needed: ReadonlySet<number>): boolean =>
  step.facts.some((_, i) => needed.has(first + i));

function mark(steps: readonly Recorded[], needed: Set<number>, kept: Set<Recorded>): void {
  for (const recorded of [...steps].reverse()) {
    if (!isNeeded(recorded, needed)) continue;
    kept.add(recorded);
    // Digits are told one after the other: a later one rests on those before it.
    if (recorded.step.rule === 'digits')
      for (const i of recorded.step.facts.keys()) needed.add(recorded.first + i);
    for (const id of recorded.step.from) needed.add(id);
    for (const { says, steps: inner } of recorded.cases ?? []) {
      recorded.step.facts.forEach((_, i) => {
        if (needed.has(recorded.first + i)) needed.add(says[i]!);
      });
      mark(inner, needed, kept);
    }
  }
}

function renumber(
  steps: readonly Recorded[],
  needed: ReadonlySet<number>,
  kept: ReadonlySet<Recorded>,
  numbers: Map<number, number>,
  counter: { next: number },
): ProofStep[] {
  const out: ProofStep[] = [];
  const number = (id: number): number => numbers.get(id)!;
  for (const recorded of steps) {
    if (!kept.has(recorded)) continue;
    const { step, first, cases } = recorded;
    const from = step.from.map(number).sort((x, y) => x - y);
    const inner = cases?.map(({ hypothesis, steps: of }) => {
      numbers.set(hypothesis, counter.next++);
      return renumber(of, needed, kept, numbers, counter);
    });
    const facts = step.facts.filter((_, i) => needed.has(first + i));
    step.facts.forEach((_, i) => {
      if (needed.has(first + i)) numbers.set(first + i, counter.next++);
    });
    if (step.rule === 'split') out.push({ ...step, from, facts, zero: inner![0]!, nonzero: inner![1]! });
    else if (step.rule === 'combine' || step.rule === 'sum' || step.rule === 'compare') {
      const rows = step.rows.map(
        (row): ProofRow => (row.of === 'fact' ? { ...row, index: number(row.index) } : row),
      );
      out.push({ ...step, from, facts, rows });
    } else if ('points' in step) {
      const points = step.points.map(([id, sign]): SignedPoint => [number(id), sign]);
      out.push({ ...step, from, facts, points });
    } else out.push({ ...step, from, facts });
  }
  return out;
}

/** How often each rule is used in a certificate, splits' cases included. */
export function rulesOf(steps: readonly ProofStep[]): Map<ProofStep['rule'], number> {
  const counts = new Map<ProofStep['rule'], number>();
  const count = (all: readonly ProofStep[]): void => {
    for (const step of all) {
      counts.set(step.rule, (counts.get(step.rule) ?? 0) + 1);
      if (step.rule === 'split') {
        count(step.zero);
        count(step.nonzero);
      }
    }
  };
  count(steps);
  return counts;
}
