/** The JSON file of a circuit's inputs, as circom and snarkjs take it. Numbers are decimal strings. */

import { requireMessageHash } from './ballot.ts';
import { type CircuitName, circuitShape } from './circuits.ts';
import { rangeOf } from './ranges.ts';
import { flattenSignal, inputError, type Signals, type SignalValue, unknownSignal } from './signals.ts';

/**
 * A circuit's input as snarkjs takes it: signal → number, decimal or 0x string, or nested arrays of them.
 * @param json a parsed JSON file, from anybody
 * @throws {ProofsError} CIRCUIT_UNKNOWN; CIRCUIT_INPUT naming the signal (and index), its shape and its range; x = 0 of a ballot
 */
export function parseInput(circuit: CircuitName, json: unknown): Signals {
  const { inputs } = circuitShape(circuit);
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw inputError(circuit, 'the input', 'is not a JSON object of signals');
  const given = json as Record<string, unknown>;
  const unknown = Object.keys(given).find((signal) => !Object.hasOwn(inputs, signal));
  if (unknown !== undefined) {
    const names = Object.keys(inputs).join(', ');
    throw inputError(circuit, unknownSignal(unknown), `is not an input of this circuit; there are ${names}`);
  }
  const signals: Record<string, SignalValue> = {};
  for (const [signal, shape] of Object.entries(inputs)) {
    const range = rangeOf(circuit, signal);
    if (!Object.hasOwn(given, signal)) {
      const what = shape.length === 0 ? 'an integer' : `${shape.join('×')} integers`;
      throw inputError(circuit, signal, `is missing; it takes ${what} ${range.words}`);
    }
    const value = integersOf(given[signal], shape.length);
    flattenSignal(circuit, signal, value, shape, range);
    signals[signal] = value as SignalValue;
  }
  if (circuit === 'ballot') requireMessageHash(signals['x']);
  return signals;
}

/**
 * The same with every integer a bigint; what is none stays and is refused by the shape.
 * @param dimensions of the shape: arrays within arrays are followed so far and no deeper, however deep the file goes
 */
function integersOf(value: unknown, dimensions: number): unknown {
  if (Array.isArray(value))
    return dimensions === 0 ? value : value.map((part) => integersOf(part, dimensions - 1));
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === 'string' && /^(-?\d{1,100}|0x[0-9a-fA-F]{1,80})$/.test(value)) return BigInt(value);
  return value;
}
