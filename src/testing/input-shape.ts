import { parseSym, type R1cs } from '../groth16/r1cs.ts';
import type { FlatSignals } from '../groth16/witness.ts';
import { r } from '../params/fields.ts';
import { TestingError } from './errors.ts';

/** A value of an input: an integer (mod r; text is decimal or 0x), or nested arrays of them, row by row. */
export type InputValue = bigint | number | string | readonly InputValue[];
/** A circuit's inputs by name, as in an input file. */
export type CircuitInput = Readonly<Record<string, InputValue>>;
/** Every input with the lengths of its dimensions, outermost first; [] is a single number. */
export type InputShape = Readonly<Record<string, readonly number[]>>;

const ELEMENT = /^main\.([^[]+)((?:\[\d+\])*)$/;

/** The inputs of a circuit with their dimensions: in a .sym file they stand after the outputs, public ones first. */
export function inputShapeOf(r1cs: R1cs, sym: string): InputShape {
  const first = 1 + r1cs.outputCount;
  const end = first + r1cs.publicInputCount + r1cs.declaredPrivateInputs;
  const shape = new Map<string, number[]>();
  for (const { label, name } of parseSym(sym, r1cs.wireCount)) {
    const match = label >= first && label < end ? ELEMENT.exec(name) : null;
    if (match === null) continue;
    const at = [...match[2]!.matchAll(/\d+/g)].map(([digits]) => Number(digits));
    const known = shape.get(match[1]!);
    shape.set(
      match[1]!,
      at.map((index, i) => Math.max(index + 1, known?.[i] ?? 0)),
    );
  }
  return Object.fromEntries(shape);
}

const mod = (x: bigint): bigint => ((x % r) + r) % r;

/**
 * A value's numbers, row by row, each in F_r.
 * @throws {TestingError} TEST_INPUT if one is no integer
 */
export function flatValues(circuit: string, signal: string, value: InputValue): bigint[] {
  if (typeof value === 'bigint') return [mod(value)];
  if (typeof value === 'number' && Number.isSafeInteger(value)) return [mod(BigInt(value))];
  if (typeof value === 'string' && /^(-?\d{1,100}|0x[0-9a-fA-F]{1,80})$/.test(value))
    return [mod(BigInt(value))];
  if (Array.isArray(value))
    return value.flatMap((part: InputValue, i) => flatValues(circuit, `${signal}[${i}]`, part));
  throw new TestingError(
    'TEST_INPUT',
    `${circuit}: ${signal} is no integer: a bigint, a number below 2^53, or decimal or 0x text`,
    { circuit, signal },
  );
}

/**
 * Checks that exactly the circuit's inputs are there, each with as many numbers as it takes.
 * @param shape undefined where no .sym file tells it: then the witness program counts
 * @throws {TestingError} TEST_INPUT naming the first input that is missing, unknown or of another length
 */
export function flatInput(circuit: string, shape: InputShape | undefined, input: CircuitInput): FlatSignals {
  const flat = Object.fromEntries(
    Object.entries(input).map(([signal, value]) => [signal, flatValues(circuit, signal, value)]),
  );
  if (shape === undefined) return flat;
  const wrong = (signal: string, problem: string): never => {
    const takes = Object.entries(shape).map(
      ([name, lengths]) => name + lengths.map((n) => `[${n}]`).join(''),
    );
    throw new TestingError(
      'TEST_INPUT',
      `${circuit}: ${signal} ${problem}; the inputs are ${takes.join(', ')}`,
      {
        circuit,
        signal,
      },
    );
  };
  for (const signal of Object.keys(flat))
    if (!Object.hasOwn(shape, signal))
      wrong(/^\w{1,64}$/.test(signal) ? signal : 'a key that is no name', 'is no input');
  for (const [signal, lengths] of Object.entries(shape)) {
    const given = flat[signal] ?? wrong(signal, 'is missing');
    const count = lengths.reduce((product, length) => product * length, 1);
    if (given.length !== count) wrong(signal, `has ${given.length} numbers and takes ${count}`);
  }
  return flat;
}
