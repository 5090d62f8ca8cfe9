import { createHash } from 'node:crypto';
import { basename, resolve } from 'node:path';
import { parseProvingKey, verificationKeyJson } from '../../groth16/proving-key.ts';
import type { FlatSignals } from '../../groth16/witness.ts';
import { ProofsError } from '../../proofs/errors.ts';
import { parseInput } from '../../proofs/input-file.ts';
import { loadCircuit } from '../../proofs/registry.ts';
import { flattenSignals } from '../../proofs/signals.ts';
import type { ProvingFiles } from '../../queue/proof-process.ts';
import { CliError } from '../errors.ts';
import { parseJsonText } from '../files.ts';
import { chooseCircuit, keysFolder } from '../own/chosen.ts';
import { anyInput } from '../own/input.ts';
import { openCompiled, openProgram, ownKeys, readZkey } from '../own/opened.ts';

/** A circuit as a batch of proofs needs it. */
export interface BatchCircuit {
  readonly files: ProvingFiles;
  /** The verification key that belongs to the proving key. */
  readonly verificationKey: string;
  /** The signals of an input. @param where names it in errors. @throws {ProofsError} CIRCUIT_INPUT */
  read(where: string, text: string): FlatSignals;
}

export interface BatchCircuitFlags {
  readonly zkey?: string;
  readonly wasm?: string;
  readonly keys?: string;
  /** Seconds. */
  readonly timeout: number;
}

/** A circuit of the project or of this package, by name. @throws {ProofsError} CIRCUIT_UNKNOWN, KEYS_MISSING, KEYS_STALE */
export async function namedBatchCircuit(
  cwd: string,
  text: string,
  { keys, timeout }: BatchCircuitFlags,
): Promise<BatchCircuit> {
  const chosen = chooseCircuit(cwd, text);
  const keysDir = keysFolder(cwd, keys, chosen);
  const timeMs = timeout * 1000;
  if (chosen.isOwn) {
    const program = await openCompiled(chosen);
    const own = (await ownKeys(program, keysDir)).keys;
    const { name, shape, built } = program;
    const files = { name, zkey: own.path('zkey'), wasm: built.wasm, timeMs };
    return batchCircuit(files, await own.read('zkey'), (where, input) => anyInput(name, where, input, shape));
  }
  const { name } = chosen;
  const circuit = await loadCircuit(name, keysDir);
  await circuit.read('wasm');
  const files = { name, zkey: circuit.path('zkey'), wasm: circuit.path('wasm'), timeMs };
  return batchCircuit(files, await circuit.read('zkey'), (where, input) =>
    flattenSignals(name, parseInput(name, parseJsonText(where, input, ProofsError.of('CIRCUIT_INPUT')))),
  );
}

/** A circuit of plain files. @throws {CliError} USAGE if one of them is missing; {FileError} FILE_UNREADABLE */
export async function filesBatchCircuit(
  cwd: string,
  { zkey, wasm, timeout }: BatchCircuitFlags,
): Promise<BatchCircuit> {
  if (zkey === undefined || wasm === undefined)
    throw new CliError('USAGE', 'say both --zkey FILE and --wasm FILE, or name a circuit');
  // A program that cannot be read is told before anything is proved.
  await openProgram(cwd, wasm);
  const name = basename(zkey, '.zkey');
  const files = { name, zkey: resolve(cwd, zkey), wasm: resolve(cwd, wasm), timeMs: timeout * 1000 };
  return batchCircuit(files, await readZkey(cwd, zkey), (where, text) =>
    anyInput(name, where, text, undefined),
  );
}

const batchCircuit = (
  files: Omit<ProvingFiles, 'zkeySha256'>,
  zkey: Uint8Array,
  read: BatchCircuit['read'],
): BatchCircuit => ({
  files: { ...files, zkeySha256: createHash('sha256').update(zkey).digest('hex') },
  verificationKey: verificationKeyJson(parseProvingKey(zkey)),
  read,
});
