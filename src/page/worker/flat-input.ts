import { Groth16Error } from '../../groth16/errors.ts';
import type { FlatSignals } from '../../groth16/witness.ts';
import { r } from '../../params/fields.ts';

/**
 * The input of any circuit as circom and snarkjs take it: signal → number, decimal or 0x text, or nested arrays of them; of a bus, its
 * fields by their names. How many numbers a signal has the witness program counts.
 * @param json a parsed file, from anybody; nested no deeper than its reader allows
 * @throws {Groth16Error} PROOF_FILE naming the signal
 */
export function flatInputOf(json: unknown): FlatSignals {
  const signals: Record<string, bigint[]> = {};
  const take = (value: unknown, name: string): void => {
    if (!isRecord(value)) throw refused(name === '' ? 'the input' : name, 'is no JSON object of signals');
    for (const [key, inner] of Object.entries(value)) {
      const path = name === '' ? key : `${name}.${key}`;
      if (isRecord(inner)) take(inner, path);
      else signals[path] = numbersOf(inner, path);
    }
  };
  take(json, '');
  return signals;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function numbersOf(value: unknown, path: string): bigint[] {
  if (Array.isArray(value)) return value.flatMap((each, i) => numbersOf(each, `${path}[${i}]`));
  const isWhole = typeof value === 'number' && Number.isSafeInteger(value);
  const isText = typeof value === 'string' && /^(-?\d{1,80}|0x[0-9a-fA-F]{1,64})$/.test(value);
  if (!isWhole && !isText) throw refused(path, 'is no whole number, as a number or as text');
  const number = BigInt(value as string | number) % r;
  return [number < 0n ? number + r : number];
}

const refused = (where: string, why: string): Error =>
  new Groth16Error('PROOF_FILE', `${where} ${why}`, { path: where });
