import type { RawSystem } from '../../src/audit/system/normal-form.ts';

/** What trying every assignment says. */
export interface Exhausted {
  /** Values by wire. */
  readonly witnesses: readonly (readonly number[])[];
  /** Targets that differ between two witnesses of the same inputs. */
  readonly unsafe: ReadonlySet<number>;
}

type Terms = readonly (readonly [wire: number, coefficient: number])[];
type Row = readonly [a: Terms, b: Terms, c: Terms];

/** Constraints that hold exactly if a value was chosen well, by the wire after which all their wires are known. */
interface Stage {
  readonly wire: number;
  /** Of the first: what it says of the wire, if the wire stands in one of a and b only. */
  readonly solved: boolean;
  readonly rows: readonly Row[];
  /** Values that the rows about this wire alone leave. */
  readonly domain: readonly number[];
}

/**
 * Goes through all witnesses of a small circuit. A wire is tried with every value, except where a constraint of known wires
 * tells it: then with that one. Shares nothing with the product but the type of a system.
 * @param limit values tried, at most
 * @returns undefined if that is not enough
 */
export function exhaust(raw: RawSystem, limit: number): Exhausted | undefined {
  const p = Number(raw.field.p);
  const inverse = inversesMod(p);
  const stages = stagesOf(raw);
  const w = new Array<number>(raw.wireCount).fill(0);
  w[0] = 1;
  const inputs = raw.isInput.flatMap((is, wire) => (is ? [wire] : []));
  const seen = new Map<number, readonly number[]>();
  const witnesses: (readonly number[])[] = [];
  const unsafe = new Set<number>();
  let tried = 0;
  const value = (terms: Terms, but = -1): number => {
    let sum = 0;
    for (const [wire, c] of terms) if (wire !== but) sum += c * w[wire]!;
    return sum % p;
  };
  const holds = ([a, b, c]: Row): boolean => (value(a) * value(b) - value(c)) % p === 0;
  const found = (): void => {
    let key = 0;
    for (const wire of inputs) key = key * p + w[wire]!;
    const first = seen.get(key);
    const now = w.slice();
    witnesses.push(now);
    if (first === undefined) seen.set(key, now);
    else for (const target of raw.targets) if (first[target] !== w[target]) unsafe.add(target);
  };
  const visit = (depth: number): boolean => {
    const stage = stages[depth];
    if (stage === undefined) {
      found();
      return true;
    }
    const { wire, rows, solved } = stage;
    let { domain } = stage;
    if (solved) {
      const [a, b, c] = rows[0]!;
      const at = (terms: Terms): number => terms.find(([one]) => one === wire)?.[1] ?? 0;
      const [ra, rb, rc] = [value(a, wire), value(b, wire), value(c, wire)];
      // (ra + at(a)·x)(rb + at(b)·x) = rc + at(c)·x, where at(a)·at(b) = 0.
      const slope = (((ra * at(b) + at(a) * rb - at(c)) % p) + p) % p;
      const rest = (((rc - ra * rb) % p) + p) % p;
      if (slope === 0 && rest !== 0) return true;
      if (slope !== 0) domain = [(rest * inverse[slope]!) % p];
    }
    for (const x of domain) {
      if (++tried > limit) return false;
      w[wire] = x;
      if (rows.every(holds) && !visit(depth + 1)) return false;
    }
    return true;
  };
  const open = raw.constraints.some((one) => wiresOf(one).length === 0 && !isConstantTrue(one, raw.field.p));
  if (open) return { witnesses, unsafe };
  return visit(0) ? { witnesses, unsafe } : undefined;
}

type Constraint = RawSystem['constraints'][number];

const wiresOf = ({ a, b, c }: Constraint): number[] =>
  [...new Set([...a.keys(), ...b.keys(), ...c.keys()])].filter((wire) => wire !== 0);

const isConstantTrue = ({ a, b, c }: Constraint, p: bigint): boolean =>
  ((a.get(0) ?? 0n) * (b.get(0) ?? 0n) - (c.get(0) ?? 0n)) % p === 0n;

/** An order of the wires in which constraints are complete early. */
function stagesOf({ field, wireCount, constraints }: RawSystem): Stage[] {
  const p = Number(field.p);
  const all = Array.from({ length: p }, (_, x) => x);
  const rows = constraints.map((one) => ({ one, wires: wiresOf(one) }));
  const known = new Set([0]);
  const stages: Stage[] = [];
  while (known.size < wireCount) {
    const open = rows
      .map((row) => row.wires.filter((wire) => !known.has(wire)))
      .filter((all) => all.length > 0);
    const least = open.sort((x, y) => x.length - y.length)[0];
    const wire = least?.[0] ?? Array.from({ length: wireCount }, (_, i) => i).find((i) => !known.has(i))!;
    known.add(wire);
    const complete = rows.filter(({ wires }) => wires.includes(wire) && wires.every((one) => known.has(one)));
    const isSolved = ({ one: { a, b } }: (typeof rows)[number]): boolean => !(a.has(wire) && b.has(wire));
    complete.sort((x, y) => Number(isSolved(y)) - Number(isSolved(x)));
    const alone = complete.filter(({ wires }) => wires.length === 1).map(({ one }) => rowOf(one));
    const at = (terms: Terms, x: number): number =>
      terms.reduce((sum, [one, c]) => sum + c * (one === 0 ? 1 : x), 0) % p;
    stages.push({
      wire,
      domain: all.filter((x) => alone.every(([a, b, c]) => (at(a, x) * at(b, x) - at(c, x)) % p === 0)),
      solved: complete[0] !== undefined && isSolved(complete[0]),
      rows: complete.map(({ one }) => rowOf(one)),
    });
  }
  return stages;
}

const rowOf = ({ a, b, c }: Constraint): Row => [numbers(a), numbers(b), numbers(c)];
const numbers = (form: ReadonlyMap<number, bigint>): Terms => [...form].map(([wire, c]) => [wire, Number(c)]);

function inversesMod(p: number): Int32Array {
  const out = new Int32Array(p);
  for (let x = 1; x < p; x++) {
    let power = 1;
    for (let i = 0; i < p - 2; i++) power = (power * x) % p;
    out[x] = power;
  }
  return out;
}
