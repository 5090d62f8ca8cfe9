import { Base, edwardsOf, isOnMontgomery } from '../certificate/curve.ts';
import { MAX_ENTRIES, tabulated } from '../certificate/known-points.ts';
import type { Piece } from '../certificate/multiples.ts';
import { choicesOf } from '../certificate/values.ts';
import { gcd, largest, smallest } from '../system/integers.ts';
import { evaluateForm, type LinearForm } from '../system/linear-form.ts';
import type { PrimeField } from '../system/prime-field.ts';
import type { ProofContext } from './context.ts';

type Definition = readonly [wire: number, constraint: number];

/** Wires that few bits tell, and how. */
interface Told {
  readonly wires: readonly number[];
  readonly definitions: readonly Definition[];
}

/** A pair of forms whose values few bits tell, and all values they may have together. */
export interface PointTable extends Told {
  readonly u: LinearForm;
  readonly v: LinearForm;
  readonly entries: readonly (readonly [bigint, bigint])[];
}

/** Terms of a constraint by which a wire is told, constraints by which it is told at most, and wires with few values. */
const MAX_TERMS = 24;
const MAX_DEFINITIONS = 12;
const MAX_WIRES = 6;

/** Finds wires that are functions of few bits: entries of a table of points that bits choose from. */
export class PointTables {
  private readonly context: ProofContext;
  private readonly told = new Map<number, Told | undefined>();

  constructor(context: ProofContext) {
    this.context = context;
  }
  /** @returns undefined if more than a few bits tell the forms, or they are no coordinates of a point somewhere */
  tableOf(u: LinearForm, v: LinearForm): PointTable | undefined {
    const { system, store } = this.context;
    const all: Told[] = [];
    for (const form of [u, v])
      for (const wire of form.keys()) {
        const told = wire === 0 ? { wires: [], definitions: [] } : this.toldBy(wire);
        if (told === undefined) return undefined;
        all.push(told);
      }
    const told = joined(all);
    if (told === undefined) return undefined;
    const premises = premisesOf(this.context, told);
    const given = store.given(premises);
    const choices = told.wires.map((wire) => [wire, choicesOf(system, given, wire) ?? []] as const);
    const rows = tabulated(system, choices, told.definitions, (wire) => given.value(new Map([[wire, 1n]])));
    if (rows === undefined || rows.length === 0 || rows.length > MAX_ENTRIES) return undefined;
    const entries = rows.map((row) => {
      const at = (form: LinearForm): bigint => evaluateForm(system.field, form, (wire) => row.get(wire));
      return [at(u), at(v)] as const;
    });
    if (!entries.every(([x, y]) => y !== 0n && isOnMontgomery(x, y))) return undefined;
    return { ...told, u, v, entries };
  }
  private toldBy(wire: number): Told | undefined {
    if (this.told.has(wire)) return this.told.get(wire);
    this.told.set(wire, undefined);
    const told = this.find(wire);
    this.told.set(wire, told);
    return told;
  }
  private find(wire: number): Told | undefined {
    const { system, store } = this.context;
    if (store.isBit(wire)) return { wires: [wire], definitions: [] };
    if (system.isInput[wire]!) return undefined;
    for (const index of system.readers[wire]!) {
      const { a, b, c } = system.constraints[index]!;
      if (!c.has(wire) || a.has(wire) || b.has(wire) || a.size + b.size + c.size > MAX_TERMS) continue;
      const others = new Set([...a.keys(), ...b.keys(), ...c.keys()]);
      others.delete(0);
      others.delete(wire);
      const all: Told[] = [];
      for (const other of others) {
        if (store.value(new Map([[other, 1n]])) !== undefined) continue;
        const told = this.toldBy(other);
        if (told === undefined) break;
        all.push(told);
      }
      const known = [...others].filter((other) => store.value(new Map([[other, 1n]])) !== undefined).length;
      if (all.length + known < others.size) continue;
      const told = joined(all);
      if (told !== undefined) return { ...told, definitions: [...told.definitions, [wire, index]] };
    }
    return undefined;
  }
}

function joined(all: readonly Told[]): Told | undefined {
  const wires = [...new Set(all.flatMap((told) => told.wires))].sort((x, y) => x - y);
  const definitions = new Map<number, Definition>();
  for (const told of all)
    for (const definition of told.definitions) definitions.set(definition[0], definition);
  if (wires.length > MAX_WIRES || definitions.size > MAX_DEFINITIONS) return undefined;
  return { wires, definitions: [...definitions.values()] };
}

function premisesOf({ system, store }: ProofContext, { wires, definitions }: Told): number[] {
  const forms = definitions.flatMap(([, index]) => {
    const { a, b, c } = system.constraints[index]!;
    return [a, b, c];
  });
  const own = wires.map((wire): LinearForm => new Map([[wire, 1n]]));
  return [...store.withRanges(new Set(), [...own, ...forms])];
}

/** Odd multiples and doublings of a base that are known by their coordinates. */
const FACTORS = [1n, 3n, 5n, 7n];
const DOUBLINGS = 264;
const MAX_BASES = 64;

interface KnownBase {
  readonly edwards: readonly [bigint, bigint];
  readonly montgomery: readonly [bigint, bigint];
  /** u → k with (u, v) = [k]B for one of the two v, and this v. */
  readonly logs: ReadonlyMap<bigint, { readonly k: bigint; readonly v: bigint }>;
}

/** Says of tables which multiples of which base their entries are; a base is one of the entries of a table. */
export function sayTables(context: ProofContext, tables: readonly PointTable[]): boolean {
  const { field } = context.system;
  let bases: KnownBase[] = [];
  for (const { entries } of tables) {
    if (bases.length > MAX_BASES || context.isOver()) break;
    if (entries.length < 2 || bases.some((base) => logsOf(field, base, entries) !== undefined)) continue;
    for (const entry of entries) {
      const base = knownBase(field, entry);
      if (base === undefined || logsOf(field, base, entries) === undefined) continue;
      // The base of an earlier table may be a multiple of this one.
      bases = [...bases.filter((old) => logsOf(field, base, [old.montgomery]) === undefined), base];
      break;
    }
  }
  let any = false;
  for (const table of tables)
    for (const base of bases) {
      const logs = logsOf(field, base, table.entries);
      if (logs !== undefined) any = emitTable(context, table, base, logs) || any;
    }
  return any;
}

function knownBase(field: PrimeField, [u, v]: readonly [bigint, bigint]): KnownBase | undefined {
  const edwards = edwardsOf(field, u, v);
  const base = edwards && Base.of(...edwards);
  if (base === undefined) return undefined;
  const logs = new Map<bigint, { k: bigint; v: bigint }>();
  base.doublings(field, FACTORS, DOUBLINGS).forEach((all, f) => {
    all.forEach(([x, y], i) => {
      if (!logs.has(x)) logs.set(x, { k: FACTORS[f]! << BigInt(i), v: y });
    });
  });
  return { edwards: edwards!, montgomery: [u, v], logs };
}

function logsOf(
  field: PrimeField,
  { logs }: KnownBase,
  entries: PointTable['entries'],
): readonly bigint[] | undefined {
  const found: bigint[] = [];
  for (const [u, v] of entries) {
    const known = logs.get(u);
    if (known === undefined) return undefined;
    if (v === known.v) found.push(known.k);
    else if (v === field.mod(-known.v)) found.push(-known.k);
    else return undefined;
  }
  return found;
}

function emitTable(
  context: ProofContext,
  table: PointTable,
  { edwards }: KnownBase,
  logs: readonly bigint[],
): boolean {
  const { u, v, wires, definitions } = table;
  const constant = (k: bigint): LinearForm => (k === 0n ? new Map() : new Map([[0, k]]));
  const base = [constant(edwards[0]), constant(edwards[1])] as const;
  const pieces = [logs.filter((k) => k > 0n), logs.filter((k) => k < 0n)].filter((part) => part.length > 0);
  const multiples = pieces.map(progression);
  const fact = { kind: 'point' as const, curve: 'montgomery' as const, u, v, base, multiples };
  const from = premisesOf(context, table);
  return context.store.emit({ rule: 'point-known', from, wires, definitions, logs, facts: [fact] });
}

/** The least progression with these integers in it. */
function progression(all: readonly bigint[]): Piece {
  const low = smallest(all);
  const step = all.reduce((shared, k) => gcd(shared, k - low), 0n);
  return { low, high: largest(all), step };
}
