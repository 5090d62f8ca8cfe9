import type { Fact } from '../certificate/certificate.ts';
import { formKey, type LinearForm, onlyWire } from '../system/linear-form.ts';
import type { ConstraintSystem } from '../system/system.ts';
import { useBounds } from './bounds.ts';
import { useCases } from './cases.ts';
import type { ProofContext } from './context.ts';
import { useDistinct } from './distinct.ts';
import { FactStore } from './fact-store.ts';
import { applyRows, applySum } from './linear.ts';
import { useProducts } from './products.ts';
import { useRoots } from './roots.ts';

/** Terms from which a constraint is looked at again only when little of it is open. */
const LONG = 24;

/** The queue of constraints to look at, and the rules that look at one constraint alone. */
export class LocalProver implements ProofContext {
  readonly system: ConstraintSystem;
  readonly store: FactStore;
  readonly isOver: () => boolean;
  private queue: number[] = [];
  private readonly isQueued: Uint8Array;
  /** By key of a factor: the constraints that have it. */
  private readonly factors = new Map<string, number[]>();
  private readonly sizes: readonly number[];

  constructor(system: ConstraintSystem, assumptions: readonly Fact[], isOver: () => boolean) {
    this.system = system;
    this.isOver = isOver;
    this.store = new FactStore(system, (fact) => this.wake(fact));
    this.isQueued = new Uint8Array(system.constraints.length);
    this.sizes = system.constraints.map(({ a, b, c }) => a.size + b.size + c.size);
    system.constraints.forEach(({ a, b }, index) => {
      if (a.size > 0)
        for (const form of [a, b]) {
          const key = formKey(system.field, form);
          const known = this.factors.get(key);
          if (known === undefined) this.factors.set(key, [index]);
          else known.push(index);
        }
    });
    for (const fact of assumptions) this.store.assume(fact);
    for (const index of system.constraints.keys()) this.push(index);
  }
  push(index: number): void {
    if (this.isQueued[index] === 1) return;
    this.isQueued[index] = 1;
    this.queue.push(index);
  }
  private wake(fact: Fact): void {
    if (fact.kind === 'range' || fact.kind === 'set') this.wakeReaders(fact.wire);
    else if (fact.kind === 'unique') {
      if (fact.form.size === 1) this.wakeReaders(onlyWire(fact.form)!);
    } else if (fact.kind === 'zero' || fact.kind === 'nonzero') {
      const wire = onlyWire(fact.form);
      if (wire !== undefined) this.wakeReaders(wire);
      for (const index of this.factors.get(formKey(this.system.field, fact.form)) ?? []) this.push(index);
    } else if (fact.kind === 'sum') for (const wire of fact.weights.keys()) this.wakeReaders(wire);
  }
  private wakeReaders(wire: number): void {
    for (const index of this.system.readers[wire]!) this.push(index);
  }
  /** Looks at constraints until nothing new follows from one alone. */
  drain(limit = Number.POSITIVE_INFINITY): void {
    let head = 0;
    for (; head < this.queue.length && this.store.absurd === undefined; head++) {
      if (head >= limit || ((head & 255) === 255 && this.isOver())) break;
      const index = this.queue[head]!;
      this.isQueued[index] = 0;
      this.look(index);
    }
    for (; head < this.queue.length; head++) this.isQueued[this.queue[head]!] = 0;
    this.queue = [];
  }
  /** Runs something with a queue of its own. */
  apart(run: () => void): void {
    const { queue } = this;
    this.queue = [];
    for (const index of queue) this.isQueued[index] = 0;
    run();
    for (const index of this.queue) this.isQueued[index] = 0;
    this.queue = queue;
    for (const index of queue) this.isQueued[index] = 1;
  }
  private look(index: number): void {
    const { store } = this;
    const constraint = this.system.constraints[index]!;
    if (this.sizes[index]! > LONG && !this.isRipe(constraint)) return;
    const rows = [{ of: 'constraint', index, factor: 1n }] as const;
    applySum(this, rows);
    useProducts(this, index);
    useRoots(this, index);
    useCases(this, index);
    useBounds(this, index);
    applyRows(this, rows);
    useDistinct(this, index);
    if (constraint.a.size > 0 && store.absurd === undefined) this.clash(constraint.a, constraint.b);
  }
  /** Whether one wire is open, or all have ranges. */
  private isRipe({ a, b, c }: { a: LinearForm; b: LinearForm; c: LinearForm }): boolean {
    const { store } = this;
    let [open, loose] = [0, 0];
    for (const form of [a, b, c])
      for (const wire of form.keys()) {
        if (wire === 0) continue;
        if (!store.isUniqueWire(wire)) open++;
        if (!store.hasRange(wire)) loose++;
        if (open > 2 && loose > 2) return false;
      }
    return true;
  }
  /** A factor that is 0 and is known not to be. */
  private clash(...forms: readonly LinearForm[]): void {
    const { store } = this;
    for (const form of forms)
      if (store.value(form) === 0n && store.hasNonzero(form)) {
        const from = [...store.premises([form])];
        store.emit({ rule: 'clash', from, facts: [{ kind: 'absurd' }] });
      }
  }
  /** Targets that are not yet known to have one value. */
  openTargets(): number[] {
    if (this.store.absurd !== undefined) return [];
    return this.system.targets.filter((wire) => !this.store.isUniqueWire(this.system.resolve(wire).wire));
  }
}
