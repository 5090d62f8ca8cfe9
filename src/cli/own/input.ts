import { jsonProblem, placeInJson } from '../../base/json-place.ts';
import type { FlatSignals } from '../../groth16/witness.ts';
import { ProofsError } from '../../proofs/errors.ts';
import { TestingError } from '../../testing/errors.ts';
import { type CircuitInput, flatInput, type InputShape, type InputValue } from '../../testing/input-shape.ts';
import { parseJsonText } from '../files.ts';
import { readTextFile } from '../io.ts';

/** An input file of any circuit, at most. */
export const MAX_INPUT_BYTES = 1 << 26;

/**
 * An input file as circom and snarkjs take it: signal → number, decimal or 0x text, or nested arrays of them; of a bus,
 * its fields by their names.
 * @param shape undefined where nothing tells it; then the witness program counts
 * @throws {FileError} FILE_UNREADABLE; {ProofsError} CIRCUIT_INPUT with file and line
 */
export async function readAnyInput(
  circuit: string,
  path: string,
  shape: InputShape | undefined,
): Promise<FlatSignals> {
  return anyInput(circuit, path, await readTextFile(path, MAX_INPUT_BYTES), shape);
}

/** The same of a text. @param path names it in errors. @throws {ProofsError} CIRCUIT_INPUT */
export function anyInput(
  circuit: string,
  path: string,
  text: string,
  shape: InputShape | undefined,
): FlatSignals {
  const json = parseJsonText(path, text, ProofsError.of('CIRCUIT_INPUT'));
  // What `JSON.parse` takes may be nested deeper than anybody can follow.
  const deep = jsonProblem(text.replace(/^\uFEFF/, ''));
  if (deep !== undefined)
    throw new ProofsError('CIRCUIT_INPUT', `${path}:${deep.line}:${deep.column}: ${deep.problem}`, {
      circuit,
      path,
    });
  const at = (signal: string | undefined): string => {
    const steps = signal === undefined ? [] : (signal.match(/[^.[\]]+/g) ?? []);
    const { line, column } = placeInJson(
      text,
      steps.map((step) => (/^\d+$/.test(step) ? Number(step) : step)),
    );
    return `${path}:${line}:${column}`;
  };
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new ProofsError('CIRCUIT_INPUT', `${at(undefined)}: the input is no JSON object of signals`, {
      circuit,
      path,
    });
  try {
    return flatInput(circuit, shape, withoutBuses(json as CircuitInput));
  } catch (error) {
    if (!TestingError.is(error, 'TEST_INPUT')) throw error;
    const { signal } = error.data;
    const data = { circuit, path, ...(signal === undefined ? {} : { signal }) };
    throw new ProofsError('CIRCUIT_INPUT', `${at(signal)}: ${error.message}`, data, error);
  }
}

/** `{"p": {"x": 1}}` is the signal `p.x`. Depth is bounded by the reader of the file. */
function withoutBuses(input: CircuitInput, prefix = ''): CircuitInput {
  return Object.fromEntries(
    Object.entries(input).flatMap(([name, value]) =>
      typeof value === 'object' && !Array.isArray(value) && value !== null
        ? Object.entries(withoutBuses(value as unknown as CircuitInput, `${prefix}${name}.`))
        : [[`${prefix}${name}`, value] as [string, InputValue]],
    ),
  );
}
