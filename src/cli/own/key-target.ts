import { resolve } from 'node:path';
import { Groth16Error } from '../../groth16/errors.ts';
import { MAX_R1CS_BYTES, parseR1cs } from '../../groth16/r1cs.ts';
import { readRegularFile } from '../../groth16/regular-file.ts';
import { buildCircuit, buildFolder } from '../../project/build.ts';
import { findProject } from '../../project/project-file.ts';
import { ProofsError } from '../../proofs/errors.ts';
import { KEYS_DIR } from '../../proofs/key-files.ts';
import { type Compile, compilerOf } from '../../proofs/keys/ceremony.ts';
import type { ProofSystem } from '../../proofs/registry.ts';
import { PLONK_KEYS_DIR, sourceOf } from '../circuit-args.ts';
import { CliError } from '../errors.ts';
import { type Chosen, chooseCircuit, keysFolder } from './chosen.ts';

export interface KeyFlags {
  readonly keys?: string;
  /** A compiled circuit and its witness program, in place of sources. */
  readonly r1cs?: string;
  readonly wasm?: string;
}

/** The keys that a command is about. */
export interface KeyTarget {
  readonly circuit: string;
  readonly keysDir: string;
  readonly compile: Compile;
  /** Where powers of tau for development are kept. */
  readonly powersDir: string;
}

/**
 * What a name means to `velum keys`: a circuit of the project or of this package; with `--r1cs`, or in a folder of keys that
 * was handed on, any name.
 * @throws {ProofsError} CIRCUIT_UNKNOWN; {CliError} USAGE
 */
export function keyTarget(
  cwd: string,
  text: string,
  flags: KeyFlags,
  protocol: ProofSystem = 'groth16',
): KeyTarget {
  if (flags.r1cs !== undefined) {
    const keysDir = resolve(cwd, flags.keys ?? 'keys');
    return { circuit: keyName(text), keysDir, powersDir: keysDir, compile: compiledFiles(cwd, flags) };
  }
  const chosen = chosenOrHandedOn(cwd, text, flags);
  if (chosen === undefined) {
    const keysDir = resolve(cwd, flags.keys!);
    const compile = (): never => {
      throw new CliError('USAGE', `nothing says what ${text} is: give its --r1cs FILE, or go to its project`);
    };
    return { circuit: keyName(text), keysDir, powersDir: keysDir, compile };
  }
  const keysDir = keysFolder(cwd, flags.keys, chosen, protocol);
  if (!chosen.isOwn) {
    const compile: Compile = async (of) => compilerOf(await sourceOf(chosen.name))(of);
    return { circuit: chosen.name, keysDir, powersDir: keysDir, compile };
  }
  const { project, entry } = chosen;
  const powersDir = buildFolder(project, 'powers-of-tau');
  return { circuit: chosen.name, keysDir, powersDir, compile: () => buildCircuit(project, entry) };
}

function chosenOrHandedOn(cwd: string, text: string, flags: KeyFlags): Chosen | undefined {
  try {
    return chooseCircuit(cwd, text);
  } catch (error) {
    if (ProofsError.is(error, 'CIRCUIT_UNKNOWN') && flags.keys !== undefined) return undefined;
    throw error;
  }
}

/** A name that a folder can have. @throws {CliError} USAGE */
function keyName(text: string): string {
  if (/^[A-Za-z0-9_][\w-]{0,63}$/.test(text)) return text;
  throw new CliError(
    'USAGE',
    `${JSON.stringify(text)} is no name of a circuit: letters, digits, _ and -, at most 64`,
  );
}

const compiledFiles =
  (cwd: string, { r1cs, wasm }: KeyFlags): Compile =>
  async () => {
    const path = resolve(cwd, r1cs!);
    try {
      parseR1cs(await readRegularFile(path, MAX_R1CS_BYTES));
    } catch (cause) {
      if (!Groth16Error.is(cause, 'CIRCUIT_FILE')) throw cause;
      throw new Groth16Error('CIRCUIT_FILE', `${path} cannot be used: ${cause.message}`, { path }, cause);
    }
    return { r1cs: path, ...(wasm === undefined ? {} : { wasm: resolve(cwd, wasm) }) };
  };

/** The folder that `velum keys list` shows. */
export function listedFolder(cwd: string, flag: string | undefined, protocol: ProofSystem): string {
  if (flag !== undefined) return resolve(cwd, flag);
  if (protocol === 'plonk') return PLONK_KEYS_DIR;
  const project = findProject(cwd);
  return project === undefined ? KEYS_DIR : resolve(project.root, 'keys');
}
