import { magnitude, smallest } from '../system/integers.ts';
import type { LinearForm } from '../system/linear-form.ts';
import type { PrimeField } from '../system/prime-field.ts';

/** The values that a digit may have, all of them. */
export interface DigitRange {
  readonly low: bigint;
  readonly high: bigint;
}

/** A sum of wires with ranges at weights that do not overlap, as a number in bits or limbs is written. */
export interface SpelledSum {
  /** What the coefficients are multiplied by. */
  readonly scale: bigint;
  readonly ascending: readonly Digit[];
}

interface Digit extends DigitRange {
  readonly wire: number;
  readonly weight: bigint;
  /** Whether it counts from its highest value down: a bit that stands as 1 − bit does. */
  readonly isComplement: boolean;
}

/** Terms of a sum whose digits are not all bits, at most: every scale is tried with all of them. */
export const MAX_LIMBS = 24;
/** Bits by which a sum may be longer than the field, at most: a wrong scale makes long ones. */
const OVERFLOW = 8n;
/** Multiples of the order that are added to a coefficient to find the power of two that it was. */
const MAX_WRAPS = 16;

const isPowerOfTwo = (x: bigint): boolean => (x & (x - 1n)) === 0n;
const isBit = ({ low, high }: DigitRange): boolean => low === 0n && high === 1n;

/** The scale at which the terms of a sum are digits of one number, if there is one. */
export function spelledSum(
  field: PrimeField,
  sum: LinearForm,
  ranges: ReadonlyMap<number, DigitRange>,
): SpelledSum | undefined {
  const terms = [...sum].map(([wire, c]) => ({ wire, c, ...ranges.get(wire)! }));
  const areBits = terms.every(isBit);
  if (!areBits && terms.length > MAX_LIMBS) return undefined;
  for (const { c } of terms) {
    const scale = field.inv(c);
    const ascending: Digit[] = [];
    for (const { wire, c: own, low, high } of terms) {
      const scaled = (own * scale) % field.p;
      const weight = weightOf(field, scaled);
      if (areBits && !isPowerOfTwo(weight)) break;
      ascending.push({ wire, weight, low, high, isComplement: (weight - scaled) % field.p !== 0n });
    }
    if (ascending.length < terms.length) continue;
    ascending.sort((x, y) => (x.weight < y.weight ? -1 : 1));
    let below = 0n;
    const isApart = ascending.every(({ weight, low, high }) => {
      const fits = below < weight;
      below += weight * (high - low);
      return fits;
    });
    if (isApart && below < field.p << OVERFLOW) return { scale, ascending };
  }
  return undefined;
}

/** A power of two, if the coefficient is one in the field; else its size. Of 256 bits over a shorter field the last have wrapped. */
function weightOf(field: PrimeField, scaled: bigint): bigint {
  for (let k = 0, weight = scaled; k < MAX_WRAPS; k++, weight += field.p)
    if (isPowerOfTwo(weight)) return weight;
  return magnitude(field.centred(scaled));
}

/**
 * The digits with which a sum is a number.
 * @param sum  of the wires as the constraint has it, times the scale, in the field
 * @param more is added to what is spelled: a multiple of the field's order, for another spelling
 */
export function digitsOf(
  { ascending }: SpelledSum,
  field: PrimeField,
  sum: bigint,
  more = 0n,
): ReadonlyMap<number, bigint> | undefined {
  let least = 0n;
  for (const { weight, low, high, isComplement } of ascending)
    least += isComplement ? -weight * high : weight * low;
  let rest = field.mod(sum - least) + more;
  if (rest < 0n) return undefined;
  const out = new Map<number, bigint>();
  for (const { wire, weight, low, high, isComplement } of [...ascending].reverse()) {
    const most = rest / weight;
    const digit = smallest([most, high - low]);
    out.set(wire, field.mod(isComplement ? high - digit : low + digit));
    rest -= digit * weight;
  }
  return rest === 0n ? out : undefined;
}
