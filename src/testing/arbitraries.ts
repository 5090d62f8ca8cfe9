import fc from 'fast-check';
import { r } from '../params/fields.ts';
import type { CircuitInput } from './input-shape.ts';
import type { TestedCircuit } from './tested-circuit.ts';

/** Bits of r: elements of F_r below 2^253 have one representation of 254 bits, others may have two. */
const FIELD_BITS = 254;

/** One case in so many is an edge: often enough that a run of 100 meets them, and not so often that it meets nothing else. */
const EDGE_WEIGHT = 1;
const PLAIN_WEIGHT = 2;

const biased = (edges: readonly bigint[], plain: fc.Arbitrary<bigint>): fc.Arbitrary<bigint> =>
  fc.oneof(
    { arbitrary: fc.constantFrom(...edges), weight: EDGE_WEIGHT },
    { arbitrary: plain, weight: PLAIN_WEIGHT },
  );

const FIELD_EDGES = [
  0n,
  1n,
  2n,
  r - 1n,
  r - 2n,
  (r - 1n) / 2n,
  (r + 1n) / 2n,
  ...[8, 16, 32, 64, 128, 252, 253].flatMap((n) => [2n ** BigInt(n) - 1n, 2n ** BigInt(n)]),
];

/** Elements of F_r, often those where arithmetic has its edges: 0, ±1, (r ± 1)/2, and powers of two, where range checks end. */
export const fieldElement = (): fc.Arbitrary<bigint> =>
  biased(FIELD_EDGES, fc.bigInt({ min: 0n, max: r - 1n }));

/** 0 or 1. */
export const bit = (): fc.Arbitrary<bigint> => fc.constantFrom(0n, 1n);

/** Numbers below 2^n, often 0, 1, 2^(n−1) and 2^n − 1. @param n 1 ≤ n ≤ 253 */
export function ofBits(n: number): fc.Arbitrary<bigint> {
  const limit = limitOf(n);
  return biased([0n, 1n, limit / 2n, limit - 1n], fc.bigInt({ min: 0n, max: limit - 1n }));
}

/** Elements of F_r that are not below 2^n: what a range check of n bits refuses. Often 2^n, 2^(n+1) and −1. @param n 1 ≤ n ≤ 253 */
export function notOfBits(n: number): fc.Arbitrary<bigint> {
  const limit = limitOf(n);
  const edges = [limit, limit + 1n, 2n * limit, r - 1n, r - limit].filter((x) => x >= limit && x < r);
  return biased(edges, fc.bigInt({ min: limit, max: r - 1n }));
}

function limitOf(n: number): bigint {
  if (Number.isSafeInteger(n) && n >= 1 && n < FIELD_BITS) return 1n << BigInt(n);
  throw new RangeError(`${n} is no number of bits: from 1 to ${FIELD_BITS - 1}`);
}

/**
 * Inputs of a circuit, with all their names and lengths.
 * @param elements what the numbers of an input are drawn from; elements of F_r where nothing is said
 * @throws {RangeError} if an element is named that is no input, or the tester has no .sym file
 */
export function inputOf(
  { inputs, name }: Pick<TestedCircuit, 'inputs' | 'name'>,
  elements: Readonly<Record<string, fc.Arbitrary<bigint>>> = {},
): fc.Arbitrary<CircuitInput> {
  if (inputs === undefined)
    throw new RangeError(`${name} was opened without a .sym file, which names its inputs`);
  const unknown = Object.keys(elements).find((signal) => !Object.hasOwn(inputs, signal));
  if (unknown !== undefined) throw new RangeError(`${unknown} is no input of ${name}`);
  const model: Record<string, fc.Arbitrary<CircuitInput[string]>> = {};
  for (const [signal, lengths] of Object.entries(inputs)) {
    let value: fc.Arbitrary<CircuitInput[string]> = elements[signal] ?? fieldElement();
    for (const length of [...lengths].reverse())
      value = fc.array(value, { minLength: length, maxLength: length });
    model[signal] = value;
  }
  return fc.record(model);
}
