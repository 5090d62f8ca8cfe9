import { createHash } from 'node:crypto';
import { basename, resolve } from 'node:path';
import { Groth16Error } from '../../groth16/errors.ts';
import { MAX_R1CS_BYTES, parseR1cs, type R1cs } from '../../groth16/r1cs.ts';
import { readRegularFile } from '../../groth16/regular-file.ts';
import { MAX_PROGRAM_BYTES } from '../../groth16/wasm-limits.ts';
import type { FlatSignals } from '../../groth16/witness.ts';
import { MAX_ZKEY_BYTES } from '../../groth16/zkey.ts';
import { type Artefacts, buildCircuit } from '../../project/build.ts';
import { type CircomSource, shownFrom, templatesOf } from '../../project/includes.ts';
import { runWitnessProgram } from '../../project/witness-thread.ts';
import { keyRecord } from '../../proofs/keys/manifest.ts';
import type { KeyRecord } from '../../proofs/keys/manifest-file.ts';
import { type KeySet, loadKeys } from '../../proofs/registry.ts';
import { type InputShape, inputShapeOf } from '../../testing/input-shape.ts';
import { CliError } from '../errors.ts';
import { readTextFile } from '../io.ts';
import type { OwnCircuitChoice } from './chosen.ts';

const MAX_SYM_BYTES = 1 << 28;

/** What computes the witnesses of a circuit, from a project or from plain files. */
export interface OpenedProgram {
  readonly name: string;
  readonly wasm: Uint8Array;
  /** Undefined where only the program is known. */
  readonly shape: InputShape | undefined;
  /** Sources, in which a failed assertion is looked up, and how their paths are called. */
  readonly sources: readonly CircomSource[];
  readonly shown: (path: string) => string;
}

/** A circuit of the project, compiled. */
export interface CompiledCircuit extends OpenedProgram {
  readonly built: Artefacts;
  readonly r1cs: R1cs;
  readonly r1csSha256: string;
  readonly sym: string;
}

/** @throws {ProjectError} what buildCircuit throws */
export async function openCompiled({ name, project, entry }: OwnCircuitChoice): Promise<CompiledCircuit> {
  const built = await buildCircuit(project, entry);
  const bytes = await readRegularFile(built.r1cs, MAX_R1CS_BYTES);
  const r1cs = parseR1cs(bytes);
  const sym = await readTextFile(built.sym, MAX_SYM_BYTES);
  return {
    name,
    built,
    r1cs,
    sym,
    r1csSha256: createHash('sha256').update(bytes).digest('hex'),
    wasm: await readRegularFile(built.wasm, MAX_PROGRAM_BYTES),
    shape: inputShapeOf(r1cs, sym),
    sources: built.sources,
    shown: shownFrom(project.root),
  };
}

/** A witness program from its file. */
export async function openProgram(cwd: string, wasm: string, name?: string): Promise<OpenedProgram> {
  return {
    name: name ?? basename(wasm, '.wasm'),
    wasm: await readRegularFile(resolve(cwd, wasm), MAX_PROGRAM_BYTES),
    shape: undefined,
    sources: [],
    shown: (path) => path,
  };
}

/** The proving key of a file. @throws {FileError} FILE_UNREADABLE */
export const readZkey = (cwd: string, path: string): Promise<Uint8Array> =>
  readRegularFile(resolve(cwd, path), MAX_ZKEY_BYTES);

/** Keys of a circuit of the project, as it is now. @throws {ProofsError} KEYS_MISSING; {Groth16Error} KEYS_STALE */
export async function ownKeys(
  { name, r1csSha256 }: CompiledCircuit,
  keysDir: string,
): Promise<{ readonly keys: KeySet; readonly record: KeyRecord }> {
  const record = await keyRecord(keysDir, name);
  if (record.r1cs !== r1csSha256) {
    const message = `the keys of ${name} in ${keysDir} are of another version of the circuit; make new ones with \`velum keys setup ${name} --force\``;
    throw new Groth16Error('KEYS_STALE', message, { circuit: name });
  }
  return { keys: await loadKeys(name, keysDir), record };
}

/**
 * The witness of an input; one that breaks a constraint is told where, with the line of the source.
 * @throws {Groth16Error} CIRCUIT_UNSATISFIED; {ProjectError} WITNESS_PROGRAM, WITNESS_LIMIT
 */
export async function witnessOf(
  { name, wasm, sources, shown }: OpenedProgram,
  input: FlatSignals,
  timeMs: number,
): Promise<Uint8Array> {
  try {
    return await runWitnessProgram(name, wasm, input, { timeMs, memoryBytes: MEMORY_BYTES });
  } catch (error) {
    if (!Groth16Error.is(error, 'CIRCUIT_UNSATISFIED') || !('trace' in error.data)) throw error;
    const templates = templatesOf(sources);
    const places = error.data.trace.map(({ template, line }) => {
      const path = templates.find((one) => one.name === template)?.path;
      if (path === undefined) return { where: `line ${line}`, template, text: '' };
      const text = sources.find((source) => source.path === path)!.text.split('\n')[line - 1] ?? '';
      return { where: `${shown(path)}:${line}`, template, text: text.trim().slice(0, 200) };
    });
    if (places.length === 0) throw error;
    const listed = places.map(({ where, template, text }, i) =>
      `  ${i === 0 ? '' : 'called from '}${where}, template ${template}${text === '' ? '' : `: ${text}`}`.trimEnd(),
    );
    const message = `the input does not satisfy ${name}:\n${listed.join('\n')}\nThe constraint or assertion there fails`;
    throw new Groth16Error('CIRCUIT_UNSATISFIED', message, { circuit: name, trace: error.data.trace }, error);
  }
}

const MEMORY_BYTES = 1 << 30;
/** Seconds for a witness program, unless said. */
export const WITNESS_SECONDS = 120;
const MAX_SECONDS = 86_400;

/** `--timeout`. */
export function timeoutOf(text: string): number {
  const seconds = Number(text);
  if (/^\d{1,5}(\.\d{1,3})?$/.test(text) && seconds > 0 && seconds <= MAX_SECONDS) return seconds;
  throw new CliError(
    'USAGE',
    `--timeout ${text}: seconds are expected, more than 0 and at most ${MAX_SECONDS}`,
  );
}
