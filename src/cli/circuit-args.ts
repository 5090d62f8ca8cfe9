import { join } from 'node:path';
import type { VelumError } from '../base/errors.ts';
import { Groth16Error } from '../groth16/errors.ts';
import { registeredCircuit } from '../proofs/circuit-list.ts';
import { type CircuitName, circuitShape } from '../proofs/circuits.ts';
import { root } from '../proofs/compile.ts';
import { ProofsError } from '../proofs/errors.ts';
import { parseInput } from '../proofs/input-file.ts';
import { keyUse } from '../proofs/keys/manifest.ts';
import type { KeyRecord } from '../proofs/keys/manifest-file.ts';
import type { Signals } from '../proofs/signals.ts';
import { answerNo } from './answer-no.ts';
import { readJsonFile } from './files.ts';
import type { Terminal } from './io.ts';

/** Input and proof files, at most. */
export const JSON_FILE_BYTES = 1 << 20;

/** Keys of PLONK are made by whoever wants them, so they lie where what is built lies. */
export const PLONK_KEYS_DIR = join(root, 'build/plonk-keys');

/** @throws {ProofsError} CIRCUIT_UNKNOWN */
export function circuitName(text: string): CircuitName {
  circuitShape(text as CircuitName);
  return text as CircuitName;
}

/**
 * Answers whether proofs are verified, and what the keys are for: a proof under keys for development convinces nobody who
 * does not trust their maker.
 * @param record undefined where a verification key is a file of its own: nothing says where it comes from
 * @param line   of a yes
 * @param no     why they are not
 * @throws {ProofsError} NOT_VERIFIED, which is `no`
 */
export async function answerVerified(
  terminal: Terminal,
  flags: { readonly json: boolean },
  record: KeyRecord | undefined,
  value: Readonly<Record<string, unknown>> & { readonly reason: string | null },
  line: string,
  no?: VelumError,
): Promise<void> {
  const keys = record === undefined ? null : keyUse(record);
  if (no !== undefined) return answerNo(terminal, flags, { ...value, keys }, no);
  await terminal.out(flags.json ? `${JSON.stringify({ ...value, keys })}\n` : `${line}\n`);
  if (keys === 'development' && !flags.json)
    await terminal.err('velum: the keys are for development: whoever made them can forge proofs\n');
}

/** Path of a circuit's source. */
export const sourceOf = async (name: CircuitName): Promise<string> =>
  join(root, (await registeredCircuit(name)).file);

/** @throws {FileError} FILE_UNREADABLE; CIRCUIT_INPUT naming the signal, its shape and its range */
export async function readInput(circuit: CircuitName, path: string): Promise<Signals> {
  return parseInput(circuit, await readJsonFile(path, JSON_FILE_BYTES, ProofsError.of('CIRCUIT_INPUT')));
}

/**
 * Runs what computes a witness; an input that breaks a constraint is told which, by number and meaning.
 * @throws {Groth16Error} CIRCUIT_UNSATISFIED with `constraints` and `where`
 */
export async function explaining<T>(circuit: CircuitName, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!Groth16Error.is(error, 'CIRCUIT_UNSATISFIED') || !('trace' in error.data)) throw error;
    const { brokenConstraint } = await import('../proofs/constraint-names.ts');
    const broken = await brokenConstraint(await sourceOf(circuit), error.data.trace);
    if (broken === undefined) throw error;
    const listed = broken.constraints.map(({ number, meaning }) => `  ${number}: ${meaning}`).join('\n');
    const which = broken.constraints.length === 1 ? 'a constraint' : 'one of these constraints';
    const message = `the input breaks ${which} of ${circuit} (${broken.where}):\n${listed}\n`;
    throw new Groth16Error('CIRCUIT_UNSATISFIED', `${message}Read circuits/README.md on it`, {
      circuit,
      ...broken,
    });
  }
}
