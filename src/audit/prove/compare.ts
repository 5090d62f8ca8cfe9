import type { ProofRow } from '../certificate/certificate.ts';
import { comparison, quadraticSum } from '../certificate/lemmas.ts';
import { addScaled, type LinearForm } from '../system/linear-form.ts';
import type { ProofContext } from './context.ts';
import type { LocalProver } from './prover.ts';
import { splitOn } from './split.ts';

/** Terms from which a constraint may be the sum of a comparison, and constraints that one is put together from. */
const MIN_TERMS = 8;
const MAX_ROWS = 600;

/**
 * Bits that are compared with a constant (circomlib's CompConstant, with its answer 0): the number they spell is at most the
 * constant. Looks for a long sum of bits, puts in what its other wires are, and reads pairs of bits off what is left.
 */
export function useComparisons(prover: LocalProver): boolean {
  const { system, store } = prover;
  let any = false;
  system.constraints.forEach(({ c }, index) => {
    if (c.size < MIN_TERMS || prover.isOver()) return;
    const rows = rowsOfBits(prover, index);
    if (rows !== undefined) any = compareIn(prover, rows) || compareEither(prover, rows) || any;
  });
  return any && store.absurd === undefined;
}

/** The constraint and those that define its wires, weighted so that only bits are left. */
function rowsOfBits({ system, store }: ProofContext, start: number): ProofRow[] | undefined {
  const { field, constraints, readers } = system;
  const rows: ProofRow[] = [];
  const used = new Set<number>();
  const sum = new Map<number, bigint>();
  const isKnown = (wire: number): boolean =>
    wire === 0 || store.isBit(wire) || store.value(new Map([[wire, 1n]])) !== undefined;
  const add = (index: number, factor: bigint): void => {
    used.add(index);
    rows.push({ of: 'constraint', index, factor });
    addScaled(field, sum, constraints[index]!.c, field.p - factor);
  };
  const ofBits = (form: LinearForm): boolean => [...form.keys()].every(isKnown);
  if (!ofBits(constraints[start]!.a) || !ofBits(constraints[start]!.b)) return undefined;
  add(start, 1n);
  const isDefinition = (index: number, wire: number): boolean => {
    const { a, b, c } = constraints[index]!;
    if (used.has(index) || !c.has(wire) || !ofBits(a) || !ofBits(b)) return false;
    let others = 0;
    for (const other of c.keys()) if (other !== wire && !isKnown(other)) others++;
    return others === 0 || c.size >= MIN_TERMS;
  };
  while (rows.length < MAX_ROWS) {
    let open: number | undefined;
    for (const wire of sum.keys()) if (!isKnown(wire)) open = wire;
    if (open === undefined) return rows;
    const wire = open;
    const definition = readers[wire]!.find((index) => isDefinition(index, wire));
    if (definition === undefined) return undefined;
    const own = constraints[definition]!.c.get(wire)!;
    add(definition, (sum.get(wire)! * field.inv(own)) % field.p);
  }
  return undefined;
}

/** An answer that is the same in both witnesses: the number is at most the constant, or larger, in both. */
function compareEither(prover: LocalProver, rows: readonly ProofRow[]): boolean {
  const { store, system } = prover;
  const read = readSum(prover, rows);
  if (read === undefined) return false;
  const place = 1n << BigInt(read.pairs.length);
  const answer = read.digits.find(([, c]) => (c * read.scale) % system.field.p === place);
  if (answer === undefined || !store.isUniqueWire(Number(answer[0]))) return false;
  return splitOn(prover, new Map([[Number(answer[0]), 1n]]), 1, () => {
    compareIn(prover, rows);
    prover.drain();
  });
}

/** A sum as pairs of bits and digits at powers of two, with the scale at which they are that. */
function readSum(
  context: ProofContext,
  rows: readonly ProofRow[],
):
  | {
      readonly poly: ReadonlyMap<string, bigint>;
      readonly pairs: readonly (readonly number[])[];
      readonly digits: readonly (readonly [string, bigint])[];
      readonly scale: bigint;
    }
  | undefined {
  const { system, store } = context;
  const { field } = system;
  const poly = quadraticSum(system, store.given(valuesOf(context, rows)), rows, store.facts);
  if (poly === undefined) return undefined;
  const pairs = [...poly.keys()].filter((key) => key.includes(',')).map((key) => key.split(',').map(Number));
  const paired = new Set(pairs.flat());
  if (pairs.length === 0 || paired.size !== 2 * pairs.length) return undefined;
  const digits = [...poly].filter(([key]) => key !== '' && !key.includes(',') && !paired.has(Number(key)));
  const scale = digits
    .map(([, c]) => field.inv(c))
    .find((by) =>
      digits.every(([, c]) => {
        const weight = (c * by) % field.p;
        return (weight & (weight - 1n)) === 0n && weight < field.p >> 1n;
      }),
    );
  return scale === undefined ? undefined : { poly, pairs, digits, scale };
}

function compareIn(context: ProofContext, unscaled: readonly ProofRow[]): boolean {
  const { system, store } = context;
  const { field } = system;
  const sum = readSum(context, unscaled);
  if (sum === undefined) return false;
  const { poly, pairs, digits, scale } = sum;
  let present = 0n;
  for (const [, c] of digits) present |= (c * scale) % field.p;
  let bit = pairs.length;
  while ((present >> BigInt(bit)) & 1n) bit++;
  const modulus = 1n << BigInt(bit + 1);
  const read = pairs.map(([u, v]) => {
    const at = (key: string): bigint => ((poly.get(key) ?? 0n) * scale) % field.p;
    return readPair(context, u!, v!, [at(`${u}`), at(`${v}`), at(`${u},${v}`)], modulus);
  });
  if (read.some((one) => one === undefined)) return false;
  const ordered = read.map((one) => one!).sort((x, y) => x.place - y.place);
  const weights = new Map<number, bigint>();
  let high = 0n;
  ordered.forEach(({ pair: [h, l, constant] }, i) => {
    weights.set(l, 1n << BigInt(2 * i)).set(h, 2n << BigInt(2 * i));
    high += BigInt(constant) << BigInt(2 * i);
  });
  const rows = unscaled.map((row) => ({ ...row, factor: (row.factor * scale) % field.p }));
  const from = [...valuesOf(context, rows)];
  const all = (1n << BigInt(2 * pairs.length)) - 1n;
  const facts = [
    { kind: 'sum' as const, weights, low: 0n, high },
    { kind: 'sum' as const, weights, low: high + 1n, high: all },
  ];
  for (const fact of facts) {
    const step = {
      rule: 'compare' as const,
      from,
      facts: [fact],
      rows,
      bit,
      pairs: ordered.map(({ pair }) => pair),
    };
    const isKnown = store.given(store.withSums(new Set())).sums.some((known) => {
      if (known.low < fact.low || known.high > fact.high || known.weights.size !== weights.size) return false;
      return [...weights].every(([wire, c]) => known.weights.get(wire) === c);
    });
    if (isKnown) return false;
    if (comparison(system, store.given(from), step, fact, store.facts)) return store.emit(step);
  }
  return false;
}

const valuesOf = ({ system, store }: ProofContext, rows: readonly ProofRow[]): Set<number> => {
  const forms = rows.flatMap(({ index }) => {
    const { a, b, c } = system.constraints[index]!;
    return [a, b, c];
  });
  const ids = store.withRanges(new Set(), forms);
  return new Set([...ids].filter((id) => store.facts[id]!.kind !== 'range'));
};

type Pair = readonly [high: number, low: number, constant: number];

/** Which bit of a pair is the high one, and the constant's bits beside them, from the pair's share of the sum. */
function readPair(
  { system }: ProofContext,
  u: number,
  v: number,
  [cu, cv, cuv]: readonly [bigint, bigint, bigint],
  modulus: bigint,
): { readonly pair: Pair; readonly place: number } | undefined {
  const { field } = system;
  const remainder = (x: bigint): bigint => ((x % modulus) + modulus) % modulus;
  const orders: readonly (readonly [number, number, bigint, bigint])[] = isDouble(system, u, v)
    ? [
        [u, v, cu, cv],
        [v, u, cv, cu],
      ]
    : [
        [v, u, cv, cu],
        [u, v, cu, cv],
      ];
  for (const [h, l, ch, cl] of orders) {
    const table = [0, 1, 2, 3].map((value) =>
      field.centred(field.mod(-(value & 2 ? ch : 0n) - (value & 1 ? cl : 0n) - (value === 3 ? cuv : 0n))),
    );
    for (const constant of [0, 1, 2, 3]) {
      const steps = table.map((value) => remainder(value - table[constant]!));
      const unit = constant > 0 ? steps[0]! : remainder(-steps[3]!);
      if (unit === 0n || (unit & (unit - 1n)) !== 0n) continue;
      const isOrdered = steps.every((step, value) => {
        const wanted = value < constant ? unit : value > constant ? -unit : 0n;
        return step === remainder(wanted);
      });
      if (isOrdered) return { pair: [h, l, constant], place: unit.toString(2).length };
    }
  }
  return undefined;
}

/** Whether some sum counts the first wire twice as much as the second. */
function isDouble({ field, constraints, readers }: ProofContext['system'], u: number, v: number): boolean {
  return readers[u]!.some((index) => {
    const { c } = constraints[index]!;
    const [cu, cv] = [c.get(u), c.get(v)];
    return c.size > 2 && cu !== undefined && cv !== undefined && cu === (2n * cv) % field.p;
  });
}
