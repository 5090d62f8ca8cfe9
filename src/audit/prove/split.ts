import type { Fact } from '../certificate/certificate.ts';
import { factKey } from '../certificate/fact-key.ts';
import { addScaled, addTerm, constantOf, formKey, type LinearForm, onlyWire } from '../system/linear-form.ts';
import type { ConstraintSystem } from '../system/system.ts';
import type { RecordedCase } from './fact-store.ts';
import type { LocalProver } from './prover.ts';

/** Constraints looked at in a case, by the depth that is left, and forms tried inside a case. */
const LIMITS = [0, 400, 200];
const MAX_INNER = 12;

interface Outcome {
  /** By key: the facts of the case, and their numbers. Undefined if the case cannot be. */
  readonly facts: ReadonlyMap<string, { readonly fact: Fact; readonly id: number }> | undefined;
  readonly absurd: number | undefined;
  readonly steps: RecordedCase['steps'];
  readonly hypothesis: number;
}

/**
 * A form that is the same in both witnesses is 0 in both or in neither; what follows either way is so. Splits on the factors
 * on which an open wire hangs, one after the other.
 * @param depth splits inside of splits
 * @returns whether anything was said
 */
export function splitRound(prover: LocalProver, depth: number, near?: ReadonlySet<number>): boolean {
  let any = false;
  const found = candidates(prover, near);
  for (const form of near === undefined ? found : found.slice(0, MAX_INNER)) {
    if (prover.store.absurd !== undefined || prover.isOver()) break;
    if (prover.store.hasNonzero(form) || prover.store.value(form) !== undefined) continue;
    if (!prover.store.isUnique(form)) continue;
    if (!splitOn(prover, form, depth)) continue;
    any = true;
    prover.drain(near === undefined ? undefined : LIMITS[depth]);
    if (prover.openTargets().length === 0) break;
  }
  return any;
}

/** Factors that are the same in both witnesses, not known to be 0 or not, whose other factor or product is open. */
function candidates({ system, store }: LocalProver, near?: ReadonlySet<number>): LinearForm[] {
  const { field, constraints, readers } = system;
  const found = new Map<string, LinearForm>();
  const add = (form: LinearForm): void => {
    if (constantOf(form) === undefined && store.value(form) === undefined && !store.hasNonzero(form))
      found.set(formKey(field, form), form);
  };
  const indexes =
    near === undefined ? constraints.keys() : new Set([...near].flatMap((wire) => readers[wire]!));
  for (const index of indexes) {
    const { a, b, c } = constraints[index]!;
    if (a.size === 0) continue;
    const open = new Set<number>();
    for (const form of [a, b, c])
      for (const wire of form.keys()) if (!store.isUniqueWire(wire)) open.add(wire);
    if (open.size === 0) continue;
    for (const [factor, other] of [
      [a, b],
      [b, a],
    ] as const) {
      if (!store.isUnique(factor) || store.isUnique(other)) continue;
      add(factor);
      if (open.size !== 1) continue;
      // What one open wire is multiplied by.
      const [wire] = open;
      const by = new Map<number, bigint>();
      addScaled(field, by, factor, other.get(wire!) ?? 0n);
      addTerm(field, by, 0, -(c.get(wire!) ?? 0n));
      add(by);
    }
  }
  return [...found.values()];
}

/**
 * Runs both cases of a form that is the same in both witnesses, and says what follows either way.
 * @param inside what is tried in each case beside what its constraints alone tell
 */
export function splitOn(prover: LocalProver, form: LinearForm, depth: number, inside?: () => void): boolean {
  const { store, system } = prover;
  const from = [...store.premises([form])];
  const zero = runCase(prover, { kind: 'zero', form }, depth, inside);
  if (zero.facts?.size === 0 && depth === 1) return false;
  const nonzero = runCase(prover, { kind: 'nonzero', form }, depth, inside);
  const facts = common(system, zero, nonzero).filter((fact) => store.isNew(fact));
  if (facts.length === 0) return false;
  const said = (outcome: Outcome): RecordedCase => ({
    hypothesis: outcome.hypothesis,
    steps: outcome.steps,
    says: facts.map((fact) => outcome.absurd ?? outcome.facts!.get(factKey(system, fact))!.id),
  });
  store.emitSplit({
    step: { rule: 'split', from, form, zero: [], nonzero: [], facts },
    cases: [said(zero), said(nonzero)],
  });
  return true;
}

/** What holds either way. Of a case that cannot be, the other's hypothesis and all that follows from it. */
function common(system: ConstraintSystem, zero: Outcome, nonzero: Outcome): Fact[] {
  if (zero.facts === undefined && nonzero.facts === undefined) return [{ kind: 'absurd' }];
  const [some, other] = zero.facts === undefined ? [nonzero.facts!, undefined] : [zero.facts, nonzero.facts];
  const all = [...some.values()].map(({ fact }) => fact);
  return other === undefined ? all : all.filter((fact) => other.has(factKey(system, fact)));
}

function runCase(prover: LocalProver, hypothesis: Fact, depth: number, inside?: () => void): Outcome {
  const { store, system } = prover;
  const facts = new Map<string, { fact: Fact; id: number }>();
  let outcome: Outcome | undefined;
  prover.apart(() => {
    const before = store.facts.length;
    const {
      steps,
      absurd,
      hypothesis: id,
    } = store.branch(hypothesis, () => {
      prover.drain(LIMITS[depth]);
      if (store.absurd === undefined) inside?.();
      if (depth > 1 && store.absurd === undefined) splitRound(prover, depth - 1, told(prover));
      fixedAreUnique(prover, before);
    });
    facts.set(factKey(system, hypothesis), { fact: hypothesis, id });
    for (const recorded of steps)
      recorded.step.facts.forEach((fact, i) => {
        facts.set(factKey(system, fact), { fact, id: recorded.first + i });
      });
    outcome = {
      facts: absurd === undefined ? facts : undefined,
      absurd,
      steps,
      hypothesis: id,
    };
  });
  return outcome!;
}

/** Facts of the case that is being run, with their numbers. */
const here = ({ store: { log } }: LocalProver): (readonly [number, Fact])[] =>
  log.flatMap(({ first, step: { facts } }) => facts.map((fact, i) => [first + i, fact] as const));

/** Wires that this case's facts are about, if they have one value by now. */
function told(prover: LocalProver): Set<number> {
  const near = new Set<number>();
  for (const [, fact] of here(prover)) {
    const wire = fact.kind === 'unique' || fact.kind === 'zero' ? onlyWire(fact.form) : undefined;
    if (wire !== undefined) near.add(wire);
  }
  return near;
}

/** A wire with a known value has one value; the other case may know another, and the two agree in that. */
function fixedAreUnique(prover: LocalProver, hypothesis: number): void {
  const { store } = prover;
  if (store.absurd !== undefined) return;
  for (const [index, fact] of [[hypothesis, store.facts[hypothesis]!] as const, ...here(prover)]) {
    const wire = fact.kind === 'zero' ? onlyWire(fact.form) : undefined;
    if (wire === undefined) continue;
    const facts = [{ kind: 'unique' as const, form: new Map([[wire, 1n]]) }];
    store.emit({ rule: 'combine', from: [index], rows: [], facts });
  }
}
