import type { VelumError } from '../base/errors.ts';
import type { FlatSignals } from '../groth16/witness.ts';
import { r } from '../params/fields.ts';
import { type CircuitName, circuitShape } from './circuits.ts';
import { ProofsError } from './errors.ts';

/** A signal's value: a number of F_r or nested arrays of them. */
export type SignalValue = bigint | readonly SignalValue[];
/** A circuit's inputs by name. Many are secret: they are handed to a prover and never logged. */
export type Signals = Readonly<Record<string, SignalValue>>;

/** 0 ≤ x < limit, with the words an error uses for it. */
export interface Range {
  readonly limit: bigint;
  readonly words: string;
}

export const FIELD: Range = { limit: r, words: 'of F_r' };
export const bits = (n: number): Range => ({ limit: 1n << BigInt(n), words: `of ${n} bits` });

/** An input error about one signal. It never quotes a value: values are secrets. */
export function inputError(circuit: CircuitName, signal: string, reason: string): VelumError {
  return new ProofsError('CIRCUIT_INPUT', `${circuit}: ${signal} ${reason}`, { circuit, signal });
}

/**
 * An unknown key as an error names it. Only what looks like a name is repeated: a secret that slipped into the place of a key
 * must not come back in a message, and neither must control characters or a megabyte.
 */
export const unknownSignal = (key: string): string =>
  /^[A-Za-z_]\w{0,31}$/.test(key) && !/\d{4}|^[0-9a-fA-F]{8,}$/.test(key)
    ? key
    : `a key of ${key.length} characters that is no name`;

/**
 * The value's numbers, row by row.
 * @param shape lengths of the dimensions, outermost first
 * @throws {ProofsError} CIRCUIT_INPUT naming the signal (and index), its shape and its range
 */
export function flattenSignal(
  circuit: CircuitName,
  signal: string,
  value: unknown,
  shape: readonly number[],
  range: Range,
): bigint[] {
  const whole = shape.length === 0 ? 'an integer' : `${shape.join('×')} integers`;
  const visit = (part: unknown, path: string, dimensions: readonly number[]): bigint[] => {
    const [length, ...inner] = dimensions;
    if (length === undefined) {
      if (typeof part === 'bigint' && part >= 0n && part < range.limit) return [part];
      const problem = typeof part === 'bigint' ? 'is out of range' : 'is not an integer';
      throw inputError(circuit, path, `${problem}; ${signal} takes ${whole} ${range.words}, not negative`);
    }
    if (!Array.isArray(part) || part.length !== length) {
      const problem = Array.isArray(part) ? `has length ${part.length}` : 'is not an array';
      throw inputError(circuit, path, `${problem}; ${signal} takes ${whole} ${range.words}`);
    }
    return part.flatMap((child, i) => visit(child, `${path}[${i}]`, inner));
  };
  return visit(value, signal, shape);
}

/**
 * Checks that exactly the circuit's inputs are there, each of its shape and in F_r.
 * @throws {ProofsError} CIRCUIT_UNKNOWN; CIRCUIT_INPUT naming the first signal that is missing, unknown or wrong
 */
export function flattenSignals(circuit: CircuitName, signals: Signals): FlatSignals {
  const { inputs } = circuitShape(circuit);
  const unknown = Object.keys(signals).find((signal) => !Object.hasOwn(inputs, signal));
  if (unknown !== undefined)
    throw inputError(circuit, unknownSignal(unknown), 'is not an input of this circuit');
  return Object.fromEntries(
    Object.entries(inputs).map(([signal, shape]) => {
      if (!Object.hasOwn(signals, signal)) throw inputError(circuit, signal, 'is missing');
      return [signal, flattenSignal(circuit, signal, signals[signal], shape, FIELD)];
    }),
  );
}
