import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { namesByNumber, namesFromSym } from '../../audit/names.ts';
import { Groth16Error } from '../../groth16/errors.ts';
import { MAX_R1CS_BYTES, parseR1cs, type R1cs } from '../../groth16/r1cs.ts';
import { readRegularFile } from '../../groth16/regular-file.ts';
import { diagnosticText } from '../../project/diagnostics.ts';
import { type RegisteredCircuit, registeredCircuits } from '../../proofs/circuit-list.ts';
import { circuitShape } from '../../proofs/circuits.ts';
import { compileCircuit, root } from '../../proofs/compile.ts';
import { KEYS_DIR } from '../../proofs/key-files.ts';
import { readManifest } from '../../proofs/keys/manifest-file.ts';
import { inputShapeOf } from '../../testing/input-shape.ts';
import { readTextFile } from '../io.ts';
import type { Chosen, OwnCircuitChoice } from './chosen.ts';
import { openCompiled } from './opened.ts';

const MAX_SYM_BYTES = 1 << 28;

/** One circuit as compiled, and its key: what `--json` prints. */
export interface CircuitRow {
  readonly name: string;
  readonly constraints: number;
  /** Groth16's: the power of two ≥ constraints + public signals + 1. */
  readonly domain: number;
  readonly publicInputs: number;
  readonly publicOutputs: number;
  readonly wires: number;
  readonly r1csSha256: string;
  /** Null where there are no keys of the circuit. */
  readonly vkeySha256: string | null;
}

/** A row with what a person is told besides. */
export interface Inspected {
  readonly row: CircuitRow;
  /** The statement or template that it is. */
  readonly title: string;
  readonly file: string;
  readonly publicSignals: readonly string[];
  readonly inputs: readonly string[];
  /** Folder of what was compiled; undefined of a file that was given. */
  readonly folder?: string;
  /** What circom warned of. */
  readonly warnings: readonly string[];
}

const sized = (shape: Readonly<Record<string, readonly number[]>>): string[] =>
  Object.entries(shape).map(([signal, lengths]) => signal + lengths.map((n) => `[${n}]`).join(''));

function rowOf(name: string, bytes: Uint8Array, r1cs: R1cs, vkeySha256: string | null): CircuitRow {
  const rows = r1cs.constraints.length + r1cs.outputCount + r1cs.publicInputCount + 1;
  return {
    name,
    constraints: r1cs.constraints.length,
    domain: 2 ** Math.ceil(Math.log2(rows)),
    publicInputs: r1cs.publicInputCount,
    publicOutputs: r1cs.outputCount,
    wires: r1cs.wireCount,
    r1csSha256: createHash('sha256').update(bytes).digest('hex'),
    vkeySha256,
  };
}

/** The hash that a keys folder lists; null if it has no keys of the circuit. */
export async function vkeyHash(keysDir: string, name: string): Promise<string | null> {
  if (!existsSync(keysDir)) return null;
  return (await readManifest(keysDir))?.circuits[name]?.vkey ?? null;
}

/** A circuit by its name, compiled if it is not. */
export async function inspectChosen(chosen: Chosen): Promise<Inspected> {
  if (chosen.isOwn) return inspectOwn(chosen);
  return inspectPackaged((await registeredCircuits()).find(({ name }) => name === chosen.name)!);
}

async function inspectPackaged(circuit: RegisteredCircuit): Promise<Inspected> {
  const { name, file, statement, publicSignals } = circuit;
  const bytes = await readFile((await compileCircuit(join(root, file))).r1cs);
  return {
    row: rowOf(name, bytes, parseR1cs(bytes), await vkeyHash(KEYS_DIR, name)),
    title: statement,
    file,
    publicSignals,
    inputs: sized(circuitShape(name).inputs),
    folder: join(root, 'build/circuits'),
    warnings: [],
  };
}

async function inspectOwn(choice: OwnCircuitChoice): Promise<Inspected> {
  const { name, project, entry } = choice;
  const { built, r1cs, sym, shape = {}, shown } = await openCompiled(choice);
  const bytes = await readRegularFile(built.r1cs, MAX_R1CS_BYTES);
  const source = built.sources[entry.template === undefined ? 0 : 1]!;
  return {
    row: rowOf(name, bytes, r1cs, await vkeyHash(join(project.root, 'keys'), name)),
    title: entry.template ?? 'a main component of its own',
    file: shown(source.path),
    publicSignals: publicNames(r1cs, namesFromSym(r1cs, sym).wires),
    inputs: sized(shape),
    folder: built.folder,
    warnings: built.messages.map((message) => diagnosticText(message, shown)),
  };
}

/** A compiled file of anybody. @throws {Groth16Error} CIRCUIT_FILE; {FileError} FILE_UNREADABLE */
export async function inspectFile(
  cwd: string,
  path: string,
  symPath: string | undefined,
): Promise<Inspected> {
  const bytes = await readRegularFile(resolve(cwd, path), MAX_R1CS_BYTES);
  const sym = symPath === undefined ? undefined : await readTextFile(resolve(cwd, symPath), MAX_SYM_BYTES);
  try {
    const r1cs = parseR1cs(bytes);
    const names = sym === undefined ? namesByNumber(r1cs) : namesFromSym(r1cs, sym);
    return {
      row: rowOf(basename(path, '.r1cs'), bytes, r1cs, null),
      title: 'a compiled file',
      file: relative(cwd, resolve(cwd, path)),
      publicSignals: publicNames(r1cs, names.wires),
      inputs: sym === undefined ? [] : sized(inputShapeOf(r1cs, sym)),
      warnings: [],
    };
  } catch (cause) {
    if (!Groth16Error.is(cause, 'CIRCUIT_FILE')) throw cause;
    const message = `${symPath === undefined ? path : `${path} with ${symPath}`} cannot be used: ${cause.message}`;
    throw new Groth16Error('CIRCUIT_FILE', message, { path }, cause);
  }
}

const publicNames = (r1cs: R1cs, wires: readonly string[]): string[] =>
  wires.slice(1, 1 + r1cs.outputCount + r1cs.publicInputCount);
