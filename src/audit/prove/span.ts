import type { ProofRow } from '../certificate/certificate.ts';
import { addScaled, addTerm, bodyOf, formKey, type LinearForm } from '../system/linear-form.ts';
import type { PrimeField } from '../system/prime-field.ts';
import { applyRows, emitCombined } from './linear.ts';
import type { LocalProver } from './prover.ts';

/** Terms of a form that is looked at, entries of rows that are added to one another in one run, and rows that one is made of. */
const MAX_TERMS = 600;
const MAX_WORK = 20_000_000;
const MAX_COMBINED = 600;

/** Open wires with coefficients, and the constraints' multiples that it is the sum of. */
interface Row {
  readonly entries: Map<number, bigint>;
  readonly made: Map<number, bigint>;
}

/**
 * A factor that is a sum of forms that are the same in both witnesses is the same, too. A compiler that solves the layers of
 * a hash for later sums leaves a few long constraints, none of which tells a wire, and the next layer's factors in their span.
 * @returns whether anything was said
 */
export function useSpan(prover: LocalProver): boolean {
  return new Span(prover).run();
}

/** Forms that are the same in both witnesses, each solved for a wire that no other of them has. */
class Span {
  private readonly prover: LocalProver;
  private readonly field: PrimeField;
  private readonly rows = new Map<number, Row>();
  /** By wire: the rows that have it, by the wires that they are solved for. */
  private readonly users = new Map<number, Set<number>>();
  private readonly isRow: Uint8Array;
  /** By key of a factor without its constant: constraints that have it, and the factor. */
  private readonly factors = new Map<string, { readonly form: LinearForm; readonly of: number[] }>();
  /** By wire: keys of factors with it that are not known to be the same. */
  private readonly wanted = new Map<number, Set<string>>();
  private readonly asked = new Set<string>();
  private seen = 0;
  private work = 0;

  constructor(prover: LocalProver) {
    this.prover = prover;
    this.field = prover.system.field;
    this.isRow = new Uint8Array(prover.system.constraints.length);
  }
  run(): boolean {
    const { prover } = this;
    const { system, store } = prover;
    const before = store.facts.length;
    system.constraints.forEach(({ a, b }, index) => {
      if (a.size > 0) for (const form of [a, b]) this.want(form, index);
    });
    if (this.factors.size === 0) return false;
    this.seen = before;
    for (const index of system.constraints.keys()) this.addConstraint(index);
    for (const key of this.asked) {
      if (store.absurd !== undefined || this.work > MAX_WORK || prover.isOver()) break;
      this.asked.delete(key);
      if (this.ask(key)) this.learn();
    }
    return store.facts.length > before;
  }
  private want(form: LinearForm, index: number): void {
    const { store } = this.prover;
    if (form.size < 2 || form.size > MAX_TERMS || store.isUnique(form)) return;
    const key = formKey(this.field, bodyOf(form));
    const known = this.factors.get(key);
    if (known !== undefined) {
      known.of.push(index);
      return;
    }
    this.factors.set(key, { form, of: [index] });
    for (const wire of form.keys()) {
      if (store.isUniqueWire(wire)) continue;
      const keys = this.wanted.get(wire) ?? new Set();
      this.wanted.set(wire, keys.add(key));
    }
  }
  /** A constraint whose product is the same in both witnesses says that of its sum. */
  private addConstraint(index: number): void {
    const { system, store } = this.prover;
    const { a, b, c } = system.constraints[index]!;
    if (this.isRow[index] === 1 || c.size > MAX_TERMS || this.work > MAX_WORK) return;
    if (a.size > 0 && !(store.isUnique(a) && store.isUnique(b))) return;
    this.isRow[index] = 1;
    const entries = this.open(c);
    if (entries.size < 2) return;
    const row: Row = { entries, made: new Map([[index, 1n]]) };
    this.reduce(row);
    this.settle(row);
  }
  /** A form without the wires that are the same in both witnesses. */
  private open(form: LinearForm): Map<number, bigint> {
    const { store } = this.prover;
    return new Map([...form].filter(([wire]) => !store.isUniqueWire(wire)));
  }
  /** into − by·row, for the wire that the row is solved for. */
  private subtract(into: Row, wire: number): void {
    const row = this.rows.get(wire)!;
    const value = into.entries.get(wire)!;
    const by = this.field.p - ((value * this.field.inv(row.entries.get(wire)!)) % this.field.p);
    addScaled(this.field, into.entries, row.entries, by);
    for (const [index, factor] of row.made) addTerm(this.field, into.made, index, factor * by);
    this.work += row.entries.size + row.made.size;
  }
  private reduce(row: Row): void {
    for (const wire of [...row.entries.keys()]) if (this.rows.has(wire)) this.subtract(row, wire);
  }
  /** Solves a row for one of its wires, and takes that out of the others. */
  private settle(row: Row): void {
    const [wire] = row.entries.keys();
    if (wire === undefined) return;
    this.rows.set(wire, row);
    for (const other of [...(this.users.get(wire) ?? [])]) {
      const into = this.rows.get(other)!;
      this.unlist(other, into);
      this.subtract(into, wire);
      this.list(other, into);
    }
    this.list(wire, row);
  }
  private list(at: number, { entries }: Row): void {
    for (const wire of entries.keys()) {
      const known = this.users.get(wire) ?? new Set();
      this.users.set(wire, known.add(at));
      for (const key of this.wanted.get(wire) ?? []) this.asked.add(key);
    }
  }
  private unlist(at: number, { entries }: Row): void {
    for (const wire of entries.keys()) this.users.get(wire)!.delete(at);
  }
  /** Whether a factor is in the span; then that is said, and what the constraints with it tell. */
  private ask(key: string): boolean {
    const { prover } = this;
    const { form, of } = this.factors.get(key)!;
    if (prover.store.isUnique(form)) return false;
    const row: Row = { entries: this.open(form), made: new Map() };
    for (const wire of row.entries.keys()) if (!this.users.get(wire)?.size) return false;
    this.reduce(row);
    if (row.entries.size > 0 || row.made.size > MAX_COMBINED) return false;
    const rows = [...row.made].map(([index, factor]): ProofRow => ({ of: 'constraint', index, factor }));
    emitCombined(prover, rows, form, new Map([[0, 1n]]));
    for (const index of of) applyRows(prover, [{ of: 'constraint', index, factor: 1n }]);
    prover.drain();
    for (const index of of) this.addConstraint(index);
    return true;
  }
  /** Takes out of the rows what has become the same in both witnesses. */
  private learn(): void {
    const { system, store } = this.prover;
    for (; this.seen < store.facts.length; this.seen++) {
      const fact = store.facts[this.seen]!;
      if (fact.kind !== 'unique' && fact.kind !== 'zero') continue;
      for (const wire of fact.form.keys()) {
        if (wire === 0 || !store.isUniqueWire(wire)) continue;
        for (const at of [...(this.users.get(wire) ?? [])]) this.drop(at, wire);
        for (const key of this.wanted.get(wire) ?? []) this.asked.add(key);
        this.wanted.delete(wire);
        for (const index of system.readers[wire]!) this.addConstraint(index);
      }
    }
  }
  private drop(at: number, wire: number): void {
    const row = this.rows.get(at)!;
    this.unlist(at, row);
    row.entries.delete(wire);
    if (at !== wire) this.list(at, row);
    else {
      this.rows.delete(at);
      this.reduce(row);
      this.settle(row);
    }
  }
}
