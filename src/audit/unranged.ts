import { bounds } from './certificate/values.ts';
import type { Names } from './names.ts';
import type { FactStore } from './prove/fact-store.ts';
import { magnitude } from './system/integers.ts';
import { addScaled, type LinearForm } from './system/linear-form.ts';

/** A comparison of n bits whose operand may be any element: LessThan over an input without a range check. */
export interface UnrangedComparison {
  readonly bits: number;
  /** Of the operands: those without a range. */
  readonly open: readonly number[];
  /** A bit of the sum, which names the comparator. */
  readonly bit: number;
  readonly origin: number;
}

/** What tells whether a sum had one bit more before its value was demanded. */
export type SignalNames = Pick<Names, 'wires' | 'substituted'>;

const MIN_BITS = 2;
/** Operands of a comparison, at most: a longer sum is something else. And constraints that are looked through for a range. */
const MAX_OPERANDS = 8;
const MAX_READERS = 64;

/** Digits that count 1, 2, 4, …, at the scale at which they do. */
interface Spelled {
  readonly scale: bigint;
  /** What those that count as 1 − bit add to the constant. */
  readonly complemented: bigint;
  readonly lowest: number;
  readonly highest: number;
  readonly byPlace: readonly number[];
}

/** A sum of digits, and what it is the digits of: form = constant + operands. */
interface Sum {
  readonly spelled: Spelled;
  readonly size: number;
  /** Without the constant; scaled so that the digits count 1, 2, 4, … */
  readonly operands: LinearForm;
  readonly constant: bigint;
}

/**
 * Sums Σ 2^i·bit_i = 2^n + x − y over n + 1 bits, as circomlib's LessThan is built. The answer is the top bit, and it is the
 * comparison's only if x and y are below 2^n: an operand that no fact bounds is told. What the compiler substituted does not
 * matter, since it is the shape that is looked for. If the answer is demanded, the compiler has put its value for the top bit,
 * and n bits are left: 2^n + x − y where it is yes; x − y, as in a range check of the difference, where it is no. Then the names tell:
 * a signal beside those of the bits was the top bit. So they do of a comparison with a constant.
 */
export function unrangedComparisons(store: FactStore, names?: SignalNames): UnrangedComparison[] {
  const siblings = new Siblings(names);
  let ranged: readonly Ranged[] | undefined;
  return store.system.constraints.flatMap(({ a, c, origin }, index) => {
    const sum = a.size > 0 || c.size < MIN_BITS + 2 ? undefined : sumIn(store, c, index);
    if (sum === undefined) return [];
    const bits = comparedBits(store, sum, siblings);
    if (bits === undefined) return [];
    let open = openOperands(store, sum.operands, bits, index);
    if (open.length > 0) {
      ranged ??= rangedForms(store);
      open = openOperands(store, withoutRanged(store, sum.operands, bits, ranged, index), bits, index);
    }
    if (open.length === 0) return [];
    return [{ bits, open, bit: siblings.named(sum.spelled), origin }];
  });
}

/** How many bits a sum compares, if it is a comparison. */
function comparedBits(store: FactStore, sum: Sum, siblings: Siblings): number | undefined {
  const { size, constant, operands, spelled } = sum;
  // x < y and x ≤ y: the constant is 2^n, or beside it; of an answer no, 0.
  const isNear = (to: bigint): boolean => magnitude(constant - to) <= 1n;
  const power = 1n << BigInt(size);
  if (isNear(power >> 1n)) return size - 1;
  if (operands.size > 1) {
    if (isNear(power)) return size;
    return isNear(0n) && siblings.hasNext(spelled) ? size : undefined;
  }
  if (constant > 0n && constant < power && isAnswer(store, spelled)) return size - 1;
  // One operand that the digits spell as it is: a range check.
  const [[, factor]] = [...operands] as [[number, bigint]];
  const isCheck = constant === 0n && factor === 1n;
  return !isCheck && siblings.hasNext(spelled) ? size : undefined;
}

/** Whether the top bit of a sum goes anywhere that its lowest does not. */
function isAnswer({ system }: FactStore, { highest, lowest }: Spelled): boolean {
  const { readers, targets, resolve } = system;
  return (
    targets.some((wire) => resolve(wire).wire === highest) ||
    readers[highest]!.length > readers[lowest]!.length
  );
}

/** Names of signals beside those of digits: of `n2b.out[0]`, …, `n2b.out[31]` the signal `n2b.out[32]`, wire or not. */
class Siblings {
  private readonly names: SignalNames | undefined;
  private all: ReadonlySet<string> | undefined;

  constructor(names: SignalNames | undefined) {
    this.names = names;
  }
  /** The lowest digit with a name: the highest is an answer, which may have that of what it is used for. */
  named({ byPlace }: Spelled): number {
    return byPlace.slice(0, -1).find((wire) => this.names?.wires[wire] !== undefined) ?? byPlace[0]!;
  }
  hasNext({ byPlace }: Spelled): boolean {
    const { names } = this;
    if (names === undefined) return false;
    const counts = new Map<string, number>();
    for (const [place, wire] of byPlace.entries()) {
      const name = names.wires[wire] ?? '';
      if (!name.endsWith(`[${place}]`)) continue;
      const array = name.slice(0, name.lastIndexOf('['));
      counts.set(array, (counts.get(array) ?? 0) + 1);
    }
    // One of the bits may be no wire.
    const [array] = [...counts].find(([, count]) => count >= byPlace.length - 1) ?? [];
    if (array === undefined) return false;
    this.all ??= new Set([...names.wires, ...names.substituted]);
    return this.all.has(`${array}[${byPlace.length}]`);
  }
}

/** Of a linear constraint: the digits in it, and what they spell. */
function sumIn(store: FactStore, own: LinearForm, index: number): Sum | undefined {
  const { field, isInput } = store.system;
  const c = withSum(store, own, index);
  const isDigit = (wire: number): boolean => wire !== 0 && store.isBit(wire) && !isInput[wire]!;
  const digits = [...c].filter(([wire]) => isDigit(wire));
  const operands = [...c].filter(([wire]) => wire !== 0 && !isDigit(wire));
  if (operands.length < 1 || operands.length > MAX_OPERANDS || digits.length <= MIN_BITS) return undefined;
  // The answer may be demanded to be an input that is a bit.
  const answer = operands.find(
    ([wire], i) =>
      operands.length > 1 && store.isBit(wire) && spelled(store, [...digits, operands[i]!]) !== undefined,
  );
  const all = answer === undefined ? digits : [...digits, answer];
  const found = spelled(store, all);
  if (found === undefined) return undefined;
  const form = new Map<number, bigint>();
  addScaled(field, form, new Map(operands.filter((one) => one !== answer)), field.p - found.scale);
  const constant = field.centred(field.mod(-(c.get(0) ?? 0n) * found.scale)) + found.complemented;
  return {
    spelled: found,
    size: all.length,
    operands: form,
    constant,
  };
}

const openOperands = (store: FactStore, operands: LinearForm, bits: number, index: number): number[] =>
  [...operands.keys()].filter((wire) => !isBelow(store, wire, bits, index)).sort((x, y) => x - y);

/** Whether a wire is known to be below 2^bits: by a fact, or by a constraint other than the comparison. */
function isBelow(store: FactStore, wire: number, bits: number, index: number): boolean {
  const { system } = store;
  const isIn = (range: { readonly low: bigint; readonly high: bigint } | undefined): boolean =>
    range !== undefined && range.low >= 0n && range.high < 1n << BigInt(bits);
  if (isIn(store.given(store.withRanges(new Set(), [new Map([[wire, 1n]])])).rangeOf(wire))) return true;
  return system.readers[wire]!.slice(0, MAX_READERS).some((reader) => {
    const constraint = system.constraints[reader]!;
    const { a, b, c } = constraint;
    if (reader === index || a.size > 0 || c.size < MIN_BITS + 2) return false;
    const given = store.given(store.withRanges(store.premises([a, b, c]), [a, b, c]));
    return isIn(bounds(system, given, constraint, wire));
  });
}

/** A sum of several wires that digits spell as it is: it is below 2^bits. */
interface Ranged {
  readonly form: LinearForm;
  readonly bits: number;
}

function rangedForms(store: FactStore): Ranged[] {
  return store.system.constraints.flatMap(({ a, c }, index) => {
    const sum = a.size > 0 || c.size < MIN_BITS + 2 ? undefined : sumIn(store, c, index);
    if (sum === undefined || magnitude(sum.constant) > 1n) return [];
    const form = inParts(store, sum.operands, index, () => false);
    return form.size > 1 ? [{ form, bits: sum.size }] : [];
  });
}

/** The operands without sums of them that have a range of their own. */
function withoutRanged(
  store: FactStore,
  operands: LinearForm,
  bits: number,
  ranged: readonly Ranged[],
  index: number,
): LinearForm {
  const { field } = store.system;
  const left = inParts(store, operands, index, (wire) => isBelow(store, wire, bits, index));
  for (const { form, bits: own } of ranged) {
    const [wire, c] = [...form][0]!;
    const factor = left.get(wire);
    if (own > bits || factor === undefined || form.size > left.size) continue;
    // x − y that is checked is no range of x, nor of y.
    if (form.size === left.size && !isOneSided(store, form)) continue;
    const by = (factor * field.inv(c)) % field.p;
    if ((by === 1n || by === field.p - 1n) && [...form].every(([w, x]) => left.get(w) === (x * by) % field.p))
      for (const w of form.keys()) left.delete(w);
  }
  return left;
}

function isOneSided({ system: { field } }: FactStore, form: LinearForm): boolean {
  const signs = new Set([...form.values()].map((c) => field.centred(c) > 0n));
  return signs.size === 1;
}

/** A form in which wires are replaced by the short sums that define them. */
function inParts(
  { system }: FactStore,
  form: LinearForm,
  index: number,
  isPart: (wire: number) => boolean,
): Map<number, bigint> {
  const { field, constraints, readers, isInput } = system;
  const out = new Map(form);
  const used = new Set([index]);
  const isSum = (reader: number): boolean => {
    const { a, c } = constraints[reader]!;
    return a.size === 0 && c.size > 2 && c.size <= MAX_OPERANDS && !used.has(reader);
  };
  const isWhole = (wire: number): boolean =>
    wire !== 0 && !isInput[wire]! && !isPart(wire) && readers[wire]!.slice(0, MAX_READERS).some(isSum);
  while (used.size < MAX_OPERANDS) {
    const wire = [...out.keys()].find(isWhole);
    if (wire === undefined) break;
    const definition = readers[wire]!.find(isSum)!;
    used.add(definition);
    const { c } = constraints[definition]!;
    addScaled(field, out, c, field.mod(-out.get(wire)! * field.inv(c.get(wire)!)));
  }
  out.delete(0);
  return out;
}

/** The scale at which the digits count 1, 2, 4, …, some of them as 1 − bit. */
function spelled(
  { system: { field } }: FactStore,
  digits: readonly (readonly [number, bigint])[],
): Spelled | undefined {
  const all = (1n << BigInt(digits.length)) - 1n;
  for (const [, unit] of digits)
    for (const scale of [field.inv(unit), field.p - field.inv(unit)]) {
      let [seen, negative] = [0n, 0n];
      const byPlace: number[] = [];
      for (const [wire, c] of digits) {
        const own = field.centred((c * scale) % field.p);
        const size = magnitude(own);
        if ((size & (size - 1n)) !== 0n || size > all || (seen & size) !== 0n) break;
        seen |= size;
        if (own < 0n) negative += size;
        byPlace[size.toString(2).length - 1] = wire;
      }
      // The digits are those of the number if few of them are complements: the answer of a comparison is one.
      if (seen === all && 2n * negative <= all + 1n)
        return { scale, complemented: negative, lowest: byPlace[0]!, highest: byPlace.at(-1)!, byPlace };
    }
  return undefined;
}

/** A number that is taken apart is often a wire of its own: its sum is put in. */
function withSum({ system }: FactStore, form: LinearForm, index: number): LinearForm {
  const { field, constraints, readers, isInput } = system;
  for (const [wire, coefficient] of form) {
    if (wire === 0 || isInput[wire]!) continue;
    const definition = readers[wire]!.find((one) => {
      const { a, c } = constraints[one]!;
      return one !== index && a.size === 0 && c.size > 2 && c.size <= MAX_OPERANDS && c.has(0);
    });
    if (definition === undefined) continue;
    const { c } = constraints[definition]!;
    const out = new Map(form);
    addScaled(field, out, c, field.mod(-coefficient * field.inv(c.get(wire)!)));
    return out;
  }
  return form;
}
