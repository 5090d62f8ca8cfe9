import type { Fact } from '../certificate/certificate.ts';
import { type LinearForm, onlyWire } from '../system/linear-form.ts';
import type { ConstraintSystem, IsOver } from '../system/system.ts';
import { useBounds } from './bounds.ts';
import { TriedCases, useCases } from './cases.ts';
import type { ProofContext } from './context.ts';
import { useDistinct } from './distinct.ts';
import { FactStore } from './fact-store.ts';
import { applyConstraint } from './linear.ts';
import { useProducts } from './products.ts';
import { useRoots } from './roots.ts';
import { useSquareRoot } from './square-root.ts';
import { WorkQueue } from './work-queue.ts';

/** Terms from which a constraint is looked at after all shorter ones, and only when little of it is open. */
const LONG = 24;
/** Wires of a long constraint of which nothing is known, neither that they have one value nor a range, at most. */
const MAX_LOOSE = 2;
/** What waits to be looked at: short constraints, long ones, and those whose values are to be tried if nothing else helps. */
const LEVELS = { short: 0, long: 1, distinct: 2 } as const;

/** The queue of constraints to look at, and the rules that look at one constraint alone. */
export class LocalProver implements ProofContext {
  readonly system: ConstraintSystem;
  readonly store: FactStore;
  readonly isOver: IsOver;
  private readonly queue: WorkQueue;
  private readonly sizes: readonly number[];
  /** By long constraint: wires of it of which nothing was known at last, one more than it may have. */
  private readonly loose = new Map<number, readonly number[]>();
  /** Whether anything was said of the values in one witness since a constraint was looked at outside of cases. */
  private readonly hasNews: Uint8Array;
  private readonly tried = new TriedCases();
  /** Cases that are being run, one in the other. */
  private depth = 0;
  /** Targets that are known to have one value, counted from the first on. */
  private settled = 0;

  constructor(system: ConstraintSystem, assumptions: readonly Fact[], isOver: IsOver) {
    this.system = system;
    this.isOver = isOver;
    this.store = new FactStore(system, (fact) => this.wake(fact));
    this.queue = new WorkQueue(system.constraints.length, Object.keys(LEVELS).length);
    this.hasNews = new Uint8Array(system.constraints.length).fill(1);
    this.sizes = system.constraints.map(({ a, b, c }) => a.size + b.size + c.size);
    for (const fact of assumptions) this.store.assume(fact);
    for (const index of system.constraints.keys()) this.push(index);
  }
  private push(index: number): void {
    this.queue.push(this.sizes[index]! > LONG ? LEVELS.long : LEVELS.short, index);
  }
  private wake(fact: Fact): void {
    if (fact.kind === 'unique') {
      if (fact.form.size === 1) this.wakeReaders(onlyWire(fact.form)!, 0);
    } else if (fact.kind === 'range' || fact.kind === 'set') this.wakeReaders(fact.wire, 1);
    else if (fact.kind === 'zero' || fact.kind === 'nonzero') this.wakeReaders(this.leastRead(fact.form), 1);
    else if (fact.kind === 'sum') for (const wire of fact.weights.keys()) this.wakeReaders(wire, 1);
  }
  /** A constraint that has a form in it reads all of its wires: here, the one that the fewest read. */
  private leastRead(form: LinearForm): number {
    const { readers } = this.system;
    let found = 0;
    for (const wire of form.keys())
      if (wire !== 0 && (found === 0 || readers[wire]!.length < readers[found]!.length)) found = wire;
    return found;
  }
  private wakeReaders(wire: number, news: 0 | 1): void {
    for (const index of this.system.readers[wire]!) this.tell(index, news);
  }
  private tell(index: number, news: 0 | 1): void {
    if (news === 1) this.hasNews[index] = 1;
    this.push(index);
  }
  /** Looks at constraints until nothing new follows from one alone. */
  drain(limit = Number.POSITIVE_INFINITY): void {
    for (let looked = 0; looked < limit && this.store.absurd === undefined; looked++) {
      if ((looked & 255) === 255 && this.isOver()) break;
      const next = this.queue.next();
      if (next === undefined) return;
      if (next.level !== LEVELS.distinct) this.look(next.index);
      else if (this.isSettled()) break;
      else useDistinct(this, next.index);
    }
    this.queue.clear();
  }
  /** Whether all targets have one value, outside of cases: what is known then stays known. */
  private isSettled(): boolean {
    const { targets } = this.system;
    while (this.settled < targets.length && this.hasOneValue(targets[this.settled]!)) this.settled++;
    return this.settled === targets.length;
  }
  private hasOneValue(target: number): boolean {
    return this.store.isUniqueWire(this.system.resolve(target).wire);
  }
  /** Whether what is being said holds in a case only. */
  get isInCase(): boolean {
    return this.depth > 0;
  }
  /** Runs a case, with a queue of its own. */
  apart(run: () => void): void {
    this.depth++;
    this.queue.apart(run);
    this.depth--;
  }
  private look(index: number): void {
    if (this.sizes[index]! > LONG && !this.isRipe(index)) return;
    if (this.hasNews[index] === 1) {
      // What is said in a case is taken back.
      if (!this.isInCase) this.hasNews[index] = 0;
      applyConstraint(this, index, false);
      useProducts(this, index);
      useRoots(this, index);
      useCases(this, index, this.tried, !this.isInCase);
      useBounds(this, index);
    }
    useSquareRoot(this, index);
    applyConstraint(this, index, true);
    if (this.isInCase) useDistinct(this, index);
    else this.queue.push(LEVELS.distinct, index);
    const { a, b } = this.system.constraints[index]!;
    if (a.size > 0 && this.store.absurd === undefined) this.clash(a, b);
  }
  /** Whether almost every wire has one value or a range. */
  private isRipe(index: number): boolean {
    const { store } = this;
    const isLoose = (wire: number): boolean => !store.isUniqueWire(wire) && !store.hasRange(wire);
    if (this.loose.get(index)?.every(isLoose)) return false;
    const { a, b, c } = this.system.constraints[index]!;
    const loose: number[] = [];
    for (const form of [a, b, c])
      for (const wire of form.keys()) {
        if (!isLoose(wire) || loose.includes(wire)) continue;
        if (loose.push(wire) <= MAX_LOOSE) continue;
        this.loose.set(index, loose);
        return false;
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
    return this.system.targets.filter((wire) => !this.hasOneValue(wire));
  }
}
