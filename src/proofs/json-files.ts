/** The JSON files of circom and snarkjs: circuit inputs, proofs, public signals. Numbers are decimal strings. */
import { z } from 'zod';
import { bigintToBytes, concatBytes } from '../base/bytes.ts';
import { ACCOUNT_RANGES } from './account.ts';
import { type CircuitName, circuitShape } from './circuits.ts';
import { ORDERS_RANGES } from './orders.ts';
import { FIELD, flattenSignal, inputError, type Range, type Signals, type SignalValue } from './signals.ts';

const RANGES: Readonly<Record<CircuitName, Readonly<Record<string, Range>>>> = {
  ballot: {},
  orders: ORDERS_RANGES,
  account: ACCOUNT_RANGES,
};

/**
 * A circuit's input as snarkjs takes it: signal → number, decimal or 0x string, or nested arrays of them.
 * @param json a parsed JSON file, from anybody
 * @throws {VelumError} CIRCUIT_UNKNOWN; CIRCUIT_INPUT naming the signal (and index), its shape and its range
 */
export function parseInput(circuit: CircuitName, json: unknown): Signals {
  const { inputs } = circuitShape(circuit);
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw inputError(circuit, 'the input', 'is not a JSON object of signals');
  const given = json as Record<string, unknown>;
  const unknown = Object.keys(given).find((signal) => !Object.hasOwn(inputs, signal));
  if (unknown !== undefined) {
    const names = Object.keys(inputs).join(', ');
    throw inputError(circuit, JSON.stringify(unknown), `is not an input of this circuit; there are ${names}`);
  }
  const signals: Record<string, SignalValue> = {};
  for (const [signal, shape] of Object.entries(inputs)) {
    const range = RANGES[circuit][signal] ?? FIELD;
    if (!Object.hasOwn(given, signal)) {
      const what = shape.length === 0 ? 'an integer' : `${shape.join('×')} integers`;
      throw inputError(circuit, signal, `is missing; it takes ${what} ${range.words}`);
    }
    const value = integersOf(given[signal], shape.length);
    flattenSignal(circuit, signal, value, shape, range);
    signals[signal] = value as SignalValue;
  }
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

const numeral = z.string().regex(/^(0|[1-9]\d{0,77})$/);
const g1 = z.tuple([numeral, numeral, z.literal('1')]);
const pair = z.tuple([numeral, numeral]);
const groth16Schema = z.object({
  pi_a: g1,
  pi_b: z.tuple([pair, pair, z.tuple([z.literal('1'), z.literal('0')])]),
  pi_c: g1,
  protocol: z.literal('groth16'),
  curve: z.literal('bn128'),
});

/**
 * A Groth16 proof as snarkjs writes it, as 256 bytes. Coordinates of q and more stay as they are, for the verifier to
 * refuse.
 * @returns undefined if it has another form, a point at infinity or a coordinate above 2^256
 */
export function parseGroth16Proof(json: unknown): Uint8Array | undefined {
  const parsed = groth16Schema.safeParse(json);
  if (!parsed.success) return undefined;
  const { pi_a, pi_b, pi_c } = parsed.data;
  const coordinates = [...pi_a.slice(0, 2), ...pi_b.slice(0, 2).flat(), ...pi_c.slice(0, 2)].map(BigInt);
  if (coordinates.some((c) => c >> 256n !== 0n)) return undefined;
  return concatBytes(...coordinates.map((c) => bigintToBytes(c, 32)));
}

/** Public signals as snarkjs writes them. @returns undefined if they are no array of decimal strings */
export function parsePublicSignals(json: unknown): bigint[] | undefined {
  const parsed = z.array(numeral).max(1024).safeParse(json);
  return parsed.success ? parsed.data.map(BigInt) : undefined;
}

/** JSON text with bigints as decimal strings, indented as snarkjs does. */
export const snarkjsJson = (value: unknown): string =>
  `${JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? part.toString() : part), 1)}\n`;
