import type { Fact, FactOf, ProofStep } from '../certificate/certificate.ts';
import { factKey } from '../certificate/fact-key.ts';
import { Given, type Known } from '../certificate/given.ts';
import { largest, smallest } from '../system/integers.ts';
import {
  addTerm,
  bodyOf,
  constantOf,
  formKey,
  type LinearForm,
  leadOf,
  onlyWire,
  rootOf,
} from '../system/linear-form.ts';
import type { ConstraintSystem } from '../system/system.ts';

/** A step with the numbers of its facts; of a split also where its cases say what it concludes. */
export interface Recorded {
  readonly step: ProofStep;
  readonly first: number;
  readonly cases?: readonly [RecordedCase, RecordedCase];
}
export interface RecordedCase {
  readonly hypothesis: number;
  readonly steps: readonly Recorded[];
  /** By conclusion of the split: the fact of this case that says it, or that the case is absurd. */
  readonly says: readonly number[];
}

/** What is told of a fact that is new: the wires whose constraints should be looked at again. */
export type OnFact = (fact: Fact) => void;

/** All facts that hold so far, each with its number, and the steps that said them. What a branch adds can be taken back. */
export class FactStore implements Known {
  readonly system: ConstraintSystem;
  readonly facts: Fact[] = [];
  readonly steps: Recorded[] = [];
  /** Number of the fact that there is no witness. */
  absurd: number | undefined;
  log: Recorded[] = this.steps;
  private readonly onFact: OnFact;
  private readonly uniqueWires = new Map<number, number>();
  private readonly uniqueForms = new Map<string, number>();
  private readonly fixed = new Map<number, { value: bigint; id: number }>();
  private readonly valued = new Map<string, { value: bigint; id: number }>();
  private readonly nonzero = new Map<string, number>();
  private readonly ranges = new Map<number, { low: bigint; high: bigint; id: number }>();
  private readonly sets = new Map<number, { values: readonly bigint[]; id: number }>();
  private readonly sums: number[] = [];
  private readonly points = new Map<string, number>();
  /** Wires of the forms of which something is said, never fewer: a form with another wire needs no key to be looked up. */
  private readonly named = {
    unique: new Set<number>(),
    valued: new Set<number>(),
    nonzero: new Set<number>(),
  };
  private trail: (() => void)[] | undefined;

  constructor(system: ConstraintSystem, onFact: OnFact) {
    this.system = system;
    this.onFact = onFact;
  }
  private key(form: LinearForm): string {
    return formKey(this.system.field, form);
  }
  /** Whether a fact of the kind may be about the form. */
  private mayTell(kind: keyof FactStore['named'], form: LinearForm): boolean {
    const named = this.named[kind];
    if (named.size === 0) return false;
    for (const wire of form.keys()) if (wire !== 0 && !named.has(wire)) return false;
    return true;
  }
  /** Whether something may be known not to be 0 in which a wire is. */
  mayBeNonzero(wire: number): boolean {
    return this.named.nonzero.has(wire);
  }
  private name(kind: keyof FactStore['named'], form: LinearForm): void {
    for (const wire of form.keys()) this.named[kind].add(wire);
  }
  private put<K, V>(map: Map<K, V>, key: K, value: V): void {
    if (this.trail !== undefined) {
      const [had, old] = [map.has(key), map.get(key)];
      this.trail.push(() => (had ? map.set(key, old!) : map.delete(key)));
    }
    map.set(key, value);
  }
  /** Takes a fact for granted. */
  assume(fact: Fact): number {
    const id = this.facts.push(fact) - 1;
    this.index(fact, id);
    return id;
  }
  /** Records a step if it says anything new. */
  emit(step: ProofStep): boolean {
    if (this.absurd !== undefined) return false;
    const facts = step.facts.filter((fact) => this.isNew(fact));
    if (facts.length === 0) return false;
    const isWhole = facts.length === step.facts.length;
    this.log.push({ step: isWhole ? step : { ...step, facts }, first: this.facts.length });
    for (const fact of facts) this.facts.push(fact);
    for (const [i, fact] of facts.entries()) this.index(fact, this.facts.length - facts.length + i);
    return true;
  }
  /** Runs what may add facts, and takes them all back. @returns their steps, and the numbers from which they count */
  branch(
    hypothesis: Fact,
    run: () => void,
  ): { steps: Recorded[]; hypothesis: number; absurd: number | undefined; end: number } {
    const [log, trail] = [this.log, this.trail];
    const steps: Recorded[] = [];
    this.log = steps;
    this.trail = [];
    const id = this.assume(hypothesis);
    run();
    const { absurd } = this;
    for (const undo of this.trail.reverse()) undo();
    this.absurd = undefined;
    this.log = log;
    this.trail = trail;
    return { steps, hypothesis: id, absurd, end: this.facts.length };
  }
  /** Records a split whose cases were run by `branch`. */
  emitSplit(recorded: Omit<Recorded, 'first'>): void {
    const { facts } = recorded.step;
    this.log.push({ ...recorded, first: this.facts.length });
    const first = this.facts.length;
    for (const fact of facts) this.facts.push(fact);
    for (const [i, fact] of facts.entries()) this.index(fact, first + i);
  }
  isNew(fact: Fact): boolean {
    switch (fact.kind) {
      case 'unique': {
        const wire = onlyWire(fact.form);
        if (wire === undefined) return !this.isUnique(bodyOf(fact.form));
        return !this.system.isInput[wire]! && !this.uniqueWires.has(wire);
      }
      case 'zero':
        return this.value(fact.form) !== 0n;
      case 'nonzero':
        return !this.hasNonzero(fact.form);
      case 'range': {
        const old = this.ranges.get(fact.wire);
        return old === undefined || fact.high - fact.low < old.high - old.low;
      }
      case 'set':
        return fact.values.length < (this.sets.get(fact.wire)?.values.length ?? Number.POSITIVE_INFINITY);
      case 'point':
        return !this.points.has(factKey(this.system, fact));
      default:
        return true;
    }
  }
  private index(fact: Fact, id: number): void {
    if (fact.kind === 'absurd') {
      this.absurd = id;
      return;
    }
    if (fact.kind === 'unique') this.indexUnique(fact, id);
    else if (fact.kind === 'zero') this.indexZero(fact, id);
    else if (fact.kind === 'nonzero') {
      this.name(fact.kind, fact.form);
      this.put(this.nonzero, this.key(fact.form), id);
    } else if (fact.kind === 'range')
      this.put(this.ranges, fact.wire, { low: fact.low, high: fact.high, id });
    else if (fact.kind === 'set') this.put(this.sets, fact.wire, { values: fact.values, id });
    else if (fact.kind === 'point') this.put(this.points, factKey(this.system, fact), id);
    else {
      this.sums.push(id);
      this.trail?.push(() => this.sums.pop());
    }
    this.onFact(fact);
  }
  private indexUnique({ form }: FactOf<'unique'>, id: number): void {
    const wire = form.size === 1 ? onlyWire(form) : undefined;
    if (wire !== undefined) this.put(this.uniqueWires, wire, id);
    else {
      this.name('unique', form);
      this.put(this.uniqueForms, this.key(bodyOf(form)), id);
    }
  }
  private indexZero({ form }: FactOf<'zero' | 'nonzero'>, id: number): void {
    const { field } = this.system;
    const wire = onlyWire(form);
    if (wire !== undefined) this.put(this.fixed, wire, { value: rootOf(field, form, wire), id });
    else if (constantOf(form) === undefined) {
      this.name('valued', form);
      this.put(this.valued, this.key(bodyOf(form)), {
        value: field.mod(-(form.get(0) ?? 0n) * field.inv(leadOf(form))),
        id,
      });
    }
  }

  reduce(form: LinearForm): LinearForm {
    if (this.fixed.size === 0) return form;
    let out: Map<number, bigint> | undefined;
    for (const [wire, coefficient] of form) {
      const known = this.fixed.get(wire);
      if (known === undefined) continue;
      out ??= new Map(form);
      out.delete(wire);
      addTerm(this.system.field, out, 0, coefficient * known.value);
    }
    return out ?? form;
  }
  value(form: LinearForm): bigint | undefined {
    const { field } = this.system;
    const reduced = this.reduce(form);
    const constant = constantOf(reduced);
    if (constant !== undefined || !this.mayTell('valued', reduced)) return constant;
    const body = this.valued.get(this.key(bodyOf(reduced)));
    return body && field.mod(body.value * leadOf(reduced) + (reduced.get(0) ?? 0n));
  }
  isUniqueWire(wire: number): boolean {
    return wire === 0 || this.system.isInput[wire]! || this.uniqueWires.has(wire) || this.fixed.has(wire);
  }
  isUnique(form: LinearForm): boolean {
    for (const wire of form.keys())
      if (!this.isUniqueWire(wire))
        return this.mayTell('unique', form) && this.uniqueForms.has(this.key(bodyOf(form)));
    return true;
  }
  hasNonzero(form: LinearForm): boolean {
    const constant = constantOf(form);
    if (constant !== undefined) return constant !== 0n;
    if (this.mayTell('nonzero', form) && this.nonzero.has(this.key(form))) return true;
    const reduced = this.reduce(form);
    return reduced !== form && this.hasNonzero(reduced);
  }
  /** The one value of a wire in every witness. */
  valueOf(wire: number): bigint | undefined {
    return this.fixed.get(wire)?.value;
  }
  setOf(wire: number): readonly bigint[] | undefined {
    return this.sets.get(wire)?.values;
  }
  isBit(wire: number): boolean {
    return this.setOf(wire)?.every((value) => value === 0n || value === 1n) ?? false;
  }
  /** The interval whose every value is left to a wire, as far as facts tell. */
  rangeOf(wire: number): { readonly low: bigint; readonly high: bigint } | undefined {
    const values = this.setOf(wire);
    if (values === undefined) return this.ranges.get(wire);
    const [low, high] = [smallest(values), largest(values)];
    return high - low === BigInt(values.length - 1) ? { low, high } : undefined;
  }
  /** Whether neither a set nor a range of a wire excludes 0. */
  mayBeZero(wire: number): boolean {
    const range = this.ranges.get(wire);
    if (range !== undefined && (range.low > 0n || range.high < 0n)) return false;
    return this.sets.get(wire)?.values.includes(0n) ?? true;
  }
  hasRange(wire: number): boolean {
    return this.ranges.has(wire) || this.sets.has(wire) || this.fixed.has(wire);
  }
  /** How many wires have one value for each input. */
  knownWires(): number {
    let known = this.uniqueWires.size;
    for (const wire of this.fixed.keys()) if (!this.uniqueWires.has(wire)) known++;
    return known;
  }
  /** Of the range of a wire; 0 of a wire of which only values are known, or nothing. */
  widthOf(wire: number): bigint {
    const range = this.ranges.get(wire);
    return range === undefined ? 0n : range.high - range.low;
  }
  hasSums(): boolean {
    return this.sums.length > 0;
  }

  /** Numbers of all facts about wires of the forms, and about the forms, except which values wires may have. */
  premises(forms: readonly LinearForm[]): Set<number> {
    const ids = new Set<number>();
    for (const form of forms) {
      for (const wire of form.keys()) {
        const id = this.fixed.get(wire)?.id ?? this.uniqueWires.get(wire);
        if (id !== undefined) ids.add(id);
      }
      this.addFormFacts(ids, form);
      const reduced = this.reduce(form);
      if (reduced !== form) this.addFormFacts(ids, reduced);
    }
    return ids;
  }
  private addFormFacts(ids: Set<number>, form: LinearForm): void {
    if (constantOf(form) !== undefined) return;
    const nonzero = this.mayTell('nonzero', form) ? this.nonzero.get(this.key(form)) : undefined;
    if (nonzero !== undefined) ids.add(nonzero);
    if (!this.mayTell('valued', form) && !this.mayTell('unique', form)) return;
    const body = this.key(bodyOf(form));
    const valued = this.valued.get(body)?.id;
    const unique = this.uniqueForms.get(body);
    if (valued !== undefined) ids.add(valued);
    if (unique !== undefined) ids.add(unique);
  }
  /** Adds which values the wires of forms may have. */
  withRanges(ids: Set<number>, forms: readonly LinearForm[]): Set<number> {
    for (const form of forms)
      for (const wire of form.keys()) {
        const [range, set, fixed] = [this.ranges.get(wire), this.sets.get(wire), this.fixed.get(wire)];
        if (fixed !== undefined) ids.add(fixed.id);
        else {
          if (range !== undefined) ids.add(range.id);
          if (set !== undefined) ids.add(set.id);
        }
      }
    return ids;
  }
  withSums(ids: Set<number>): Set<number> {
    for (const id of this.sums) ids.add(id);
    return ids;
  }
  /** What a checker will know of these premises. */
  given(ids: Iterable<number>): Given {
    return new Given(
      this.system,
      [...ids].map((id) => this.facts[id]!),
    );
  }
}
