import type { ProofRow } from '../certificate/certificate.ts';
import { addRows } from '../certificate/rows.ts';
import type { PrimeField } from '../system/prime-field.ts';
import type { ProofContext } from './context.ts';
import { applyRows } from './linear.ts';

/** Bounds of one elimination: rows, entries that it adds, rows that one is made of, and rows reduced among themselves. */
const MAX_ROWS = 6_000;
const MAX_FILL = 400_000;
const MAX_COMBINED = 600;
const MAX_LAST = 400;
/** Entries of a row that is put into others. */
const MAX_ENTRIES = 400;

/** A weighted sum of the rows that were there first. Columns: wires, and below 0 products. */
interface SparseRow {
  readonly entries: Map<number, bigint>;
  readonly made: Map<number, bigint>;
}

/** All differences of two witnesses at once: products that are not taken apart are eliminated first, wires with ranges last. */
export function useJoint(context: ProofContext): boolean {
  const { system, store } = context;
  const before = store.facts.length;
  const collected = collect(context);
  if (collected === undefined || collected.rows.length === 0) return store.facts.length > before;
  const { rows, base } = collected;
  const say = ({ made }: SparseRow): void => {
    if (made.size > MAX_COMBINED) return;
    applyRows(
      context,
      [...made].map(([row, factor]) => ({ ...base[row]!, factor })),
    );
  };
  const classOf = (column: number): number => (column < 0 ? 0 : store.hasRange(column) ? 2 : 1);
  const eliminated = eliminate(context, rows, classOf);
  for (const row of eliminated.left) say(row);
  if (!eliminated.isWhole) return store.facts.length > before;
  reduceLast(context, eliminated.left, say);
  backSubstitute(system.field, eliminated.pivots, classOf, (column) => store.isUniqueWire(column), say);
  return store.facts.length > before;
}

/** The constraints as rows of differences, with what each row is of. */
function collect(context: ProofContext): { rows: SparseRow[]; base: ProofRow[] } | undefined {
  const { system, store } = context;
  const rows: SparseRow[] = [];
  const base: ProofRow[] = [];
  const columns = new Map<string, number>();
  const column = (name: string): number => {
    const known = columns.get(name) ?? -1 - columns.size;
    columns.set(name, known);
    return known;
  };
  const add = (row: ProofRow): boolean => {
    const sum = addRows(system, store, [row], store.facts, true);
    if (sum === undefined) return true;
    const entries = new Map(sum.plain);
    for (const [key, { terms }] of sum.multiplied)
      for (const [wire, coefficient] of terms) entries.set(column(`${key}|${wire}`), coefficient);
    for (const [key, coefficient] of sum.products) entries.set(column(key), coefficient);
    if (entries.size === 0) return true;
    if (rows.length >= MAX_ROWS) return false;
    rows.push({ entries, made: new Map([[base.length, 1n]]) });
    base.push(row);
    return true;
  };
  for (const index of system.constraints.keys())
    if (!add({ of: 'constraint', index, factor: 1n })) return undefined;
  for (const [index, fact] of store.facts.entries())
    if (fact.kind === 'unique' && fact.form.size > 1 && store.isUnique(fact.form))
      if (!add({ of: 'fact', index, factor: 1n })) return undefined;
  return { rows, base };
}

function addTo(
  field: PrimeField,
  into: Map<number, bigint>,
  from: Map<number, bigint>,
  factor: bigint,
): void {
  for (const [key, value] of from) {
    const sum = field.mod((into.get(key) ?? 0n) + factor * value);
    if (sum === 0n) into.delete(key);
    else into.set(key, sum);
  }
}

function eliminate(
  context: ProofContext,
  rows: readonly SparseRow[],
  classOf: (column: number) => number,
): { left: SparseRow[]; pivots: { row: SparseRow; column: number }[]; isWhole: boolean } {
  const { field } = context.system;
  const uses = new Map<number, Set<number>>();
  rows.forEach(({ entries }, index) => {
    for (const column of entries.keys()) {
      const known = uses.get(column) ?? new Set();
      uses.set(column, known.add(index));
    }
  });
  const alive = new Set(rows.keys());
  const pivots: { row: SparseRow; column: number }[] = [];
  const left = (): SparseRow[] =>
    [...alive].map((index) => rows[index]!).filter(({ entries }) => entries.size > 0);
  let fill = 0;
  for (const kind of [0, 1]) {
    const columns = [...uses.keys()].filter((column) => classOf(column) === kind);
    columns.sort((x, y) => uses.get(x)!.size - uses.get(y)!.size);
    for (const column of columns) {
      const users = uses.get(column)!;
      let pivot = -1;
      for (const index of users)
        if (pivot < 0 || rows[index]!.entries.size < rows[pivot]!.entries.size) pivot = index;
      if (pivot < 0) continue;
      const row = rows[pivot]!;
      const inverse = field.inv(row.entries.get(column)!);
      for (const index of [...users]) {
        if (index === pivot) continue;
        const other = rows[index]!;
        const factor = field.mod(-other.entries.get(column)! * inverse);
        for (const [key, value] of row.entries) {
          const had = other.entries.has(key);
          const sum = field.mod((other.entries.get(key) ?? 0n) + factor * value);
          if (sum === 0n) {
            other.entries.delete(key);
            uses.get(key)?.delete(index);
          } else {
            other.entries.set(key, sum);
            if (!had) {
              fill++;
              uses.get(key)!.add(index);
            }
          }
        }
        addTo(field, other.made, row.made, factor);
        fill += row.made.size >> 3;
        if (fill > MAX_FILL || ((fill & 1023) === 0 && context.isOver()))
          return { left: left(), pivots, isWhole: false };
      }
      for (const key of row.entries.keys()) uses.get(key)!.delete(pivot);
      alive.delete(pivot);
      pivots.push({ row, column });
    }
  }
  return { left: left(), pivots, isWhole: true };
}

/** Rows of bounded wires, reduced by one another. */
function reduceLast(context: ProofContext, rows: readonly SparseRow[], say: (row: SparseRow) => void): void {
  const { field } = context.system;
  const done: { column: number; row: SparseRow }[] = [];
  for (const { entries, made } of rows.slice(0, MAX_LAST)) {
    const row: SparseRow = { entries: new Map(entries), made: new Map(made) };
    for (const wire of [...row.entries.keys()])
      if (wire > 0 && context.store.isUniqueWire(wire)) row.entries.delete(wire);
    for (const { column, row: by } of done) {
      const value = row.entries.get(column);
      if (value === undefined) continue;
      addTo(field, row.entries, by.entries, field.p - value);
      addTo(field, row.made, by.made, field.p - value);
    }
    const [first] = row.entries;
    if (first === undefined || context.isOver()) continue;
    const inverse = field.inv(first[1]);
    const scaled: SparseRow = { entries: new Map(), made: new Map() };
    addTo(field, scaled.entries, row.entries, inverse);
    addTo(field, scaled.made, row.made, inverse);
    if (scaled.entries.size < MAX_ENTRIES) done.push({ column: first[0], row: scaled });
    say(scaled);
  }
}

/** The rows that eliminated a wire, from the last one back, with what is known put in. */
function backSubstitute(
  field: PrimeField,
  pivots: readonly { readonly row: SparseRow; readonly column: number }[],
  classOf: (column: number) => number,
  isKnown: (wire: number) => boolean,
  say: (row: SparseRow) => void,
): void {
  const solved = new Map<number, SparseRow>();
  for (const { row: from, column } of [...pivots].reverse()) {
    const row: SparseRow = { entries: new Map(from.entries), made: new Map(from.made) };
    const drop = (): void => {
      for (const key of [...row.entries.keys()]) if (key > 0 && isKnown(key)) row.entries.delete(key);
    };
    drop();
    if (row.entries.size === 0 || row.entries.size > 60) continue;
    for (const key of [...row.entries.keys()]) {
      const by = solved.get(key);
      const value = row.entries.get(key);
      if (by === undefined || value === undefined) continue;
      addTo(field, row.entries, by.entries, field.p - value);
      addTo(field, row.made, by.made, field.p - value);
    }
    drop();
    if ([...row.entries.keys()].every((key) => key > 0)) say(row);
    const own = row.entries.get(column);
    if (own === undefined || classOf(column) === 2 || row.made.size > MAX_COMBINED) continue;
    const inverse = field.inv(own);
    const scaled: SparseRow = { entries: new Map(), made: new Map() };
    addTo(field, scaled.entries, row.entries, inverse);
    addTo(field, scaled.made, row.made, inverse);
    solved.set(column, scaled);
  }
}
