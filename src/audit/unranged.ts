import type { FactStore } from './prove/fact-store.ts';
import { magnitude } from './system/integers.ts';
import { addScaled, type LinearForm } from './system/linear-form.ts';

/** A comparison of n bits whose operand may be any element: LessThan over an input without a range check. */
export interface UnrangedComparison {
  readonly bits: number;
  /** Of the operands: those without a range. */
  readonly open: readonly number[];
  /** The lowest bit of the sum, which names the comparator. */
  readonly bit: number;
  readonly origin: number;
}

const MIN_BITS = 2;
/** Operands of a comparison, at most: a longer sum is something else. */
const MAX_OPERANDS = 8;

/**
 * Sums Σ 2^i·bit_i = 2^n + x − y over n + 1 bits, as circomlib's LessThan is built. The answer is the top bit, and it is the
 * comparison's only if x and y are below 2^n: an operand that no fact bounds is told. What the compiler substituted does not
 * matter, since it is the shape that is looked for. Over n bits it is a comparison whose answer is demanded to be yes: the
 * compiler has put 0 for the top bit. If y is a constant, the sum is a comparison if its top bit is read as an answer is.
 */
export function unrangedComparisons(store: FactStore): UnrangedComparison[] {
  const { field, constraints, isInput } = store.system;
  return constraints.flatMap(({ a, c: own, origin }, index) => {
    if (a.size > 0 || own.size < MIN_BITS + 2) return [];
    const c = withSum(store, own, index);
    const isDigit = (wire: number): boolean => wire !== 0 && store.isBit(wire) && !isInput[wire]!;
    const digits = [...c].filter(([wire]) => isDigit(wire));
    const operands = [...c.keys()].filter((wire) => wire !== 0 && !isDigit(wire));
    if (operands.length < 1 || operands.length > MAX_OPERANDS || digits.length <= MIN_BITS) return [];
    const sum = spelled(store, digits);
    if (sum === undefined) return [];
    const constant = field.centred(field.mod(-(c.get(0) ?? 0n) * sum.scale)) + sum.complemented;
    // x < y and x ≤ y: the constant is 2^n, or beside it.
    const isNear = (n: number): boolean => magnitude(constant - (1n << BigInt(n))) <= 1n;
    const answered = digits.length - 1;
    const isDemanded = operands.length > 1 && isNear(digits.length);
    const isWithConstant =
      operands.length === 1 &&
      constant > 0n &&
      constant < 1n << BigInt(digits.length) &&
      isAnswer(store, sum.highest, sum.lowest);
    if (!isNear(answered) && !isDemanded && !isWithConstant) return [];
    const bits = isDemanded ? digits.length : answered;
    const open = operands.filter((wire) => !isBelow(store, wire, bits)).sort((x, y) => x - y);
    return open.length === 0 ? [] : [{ bits, open, bit: sum.lowest, origin }];
  });
}

/** Whether the top bit of a sum goes anywhere that its lowest does not. */
function isAnswer({ system }: FactStore, highest: number, lowest: number): boolean {
  const { readers, targets, resolve } = system;
  return (
    targets.some((wire) => resolve(wire).wire === highest) ||
    readers[highest]!.length > readers[lowest]!.length
  );
}

function isBelow(store: FactStore, wire: number, bits: number): boolean {
  const range = store.given(store.withRanges(new Set(), [new Map([[wire, 1n]])])).rangeOf(wire);
  return range !== undefined && range.low >= 0n && range.high < 1n << BigInt(bits);
}

/** The scale at which the digits count 1, 2, 4, …, some of them as 1 − bit: then what the complements add to the constant. */
function spelled(
  { system: { field } }: FactStore,
  digits: readonly (readonly [number, bigint])[],
):
  | {
      readonly scale: bigint;
      readonly complemented: bigint;
      readonly lowest: number;
      readonly highest: number;
    }
  | undefined {
  const all = (1n << BigInt(digits.length)) - 1n;
  for (const [, unit] of digits)
    for (const scale of [field.inv(unit), field.p - field.inv(unit)]) {
      let [seen, negative, lowest, highest] = [0n, 0n, 0, 0];
      for (const [wire, c] of digits) {
        const own = field.centred((c * scale) % field.p);
        const size = magnitude(own);
        if ((size & (size - 1n)) !== 0n || size > all || (seen & size) !== 0n) break;
        seen |= size;
        if (own < 0n) negative += size;
        if (size === 1n) lowest = wire;
        if (2n * size === all + 1n) highest = wire;
      }
      // The digits are those of the number if few of them are complements: the answer of a comparison is one.
      if (seen === all && 2n * negative <= all + 1n)
        return { scale, complemented: negative, lowest, highest };
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
