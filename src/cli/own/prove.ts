import { resolve } from 'node:path';
import { proofFromBytes } from '../../groth16/encoding.ts';
import { Groth16Error } from '../../groth16/errors.ts';
import { snarkjsJson } from '../../groth16/json-files.ts';
import type { ProvedStatement } from '../../groth16/proved-statement.ts';
import { loadWasmProver } from '../../groth16/wasm-prover.ts';
import { vkeyText } from '../../proofs/registry.ts';
import { CliError } from '../errors.ts';
import { checkOutFiles, writeWholeFile } from '../files.ts';
import { inputPath } from '../input-file.ts';
import type { Terminal } from '../io.ts';
import type { OwnCircuitChoice } from './chosen.ts';
import { readAnyInput } from './input.ts';
import { type OpenedProgram, openCompiled, openProgram, ownKeys, readZkey, witnessOf } from './opened.ts';

export interface OwnProofFlags {
  readonly input: string;
  readonly proof: string;
  readonly public: string;
  readonly timeout: number;
  readonly json: boolean;
}

/** What proves, from a project or from plain files. */
interface ProofParts {
  readonly program: OpenedProgram;
  readonly zkey: Uint8Array;
  readonly verificationKey?: { readonly json: string; readonly where: string };
}

/** A circuit of the project with its keys. @throws {ProofsError} KEYS_MISSING; {Groth16Error} KEYS_STALE */
export async function ownParts(choice: OwnCircuitChoice, keysDir: string): Promise<ProofParts> {
  const program = await openCompiled(choice);
  const { keys } = await ownKeys(program, keysDir);
  const verificationKey = { json: await vkeyText(keys), where: keys.path('vkey') };
  return { program, zkey: await keys.read('zkey'), verificationKey };
}

/** Of `--zkey` and `--wasm`. @throws {CliError} USAGE if one of them is missing */
export async function fileParts(
  cwd: string,
  name: string | undefined,
  { zkey, wasm }: { readonly zkey?: string; readonly wasm?: string },
): Promise<ProofParts> {
  if (zkey === undefined || wasm === undefined)
    throw new CliError(
      'USAGE',
      'say both --zkey FILE and --wasm FILE, or name a circuit\nSee velum prove --help.',
    );
  return { program: await openProgram(cwd, wasm, name), zkey: await readZkey(cwd, zkey) };
}

/** Proves and writes both files. @throws {Groth16Error} CIRCUIT_UNSATISFIED, CIRCUIT_FILE, KEYS_UNSAFE, PROVER_FAILED */
export async function proveOwn(
  { program, zkey, verificationKey }: ProofParts,
  flags: OwnProofFlags,
  terminal: Terminal,
): Promise<void> {
  const circuit = program.name;
  await checkOutFiles(terminal.cwd, flags.proof, flags.public);
  const since = performance.now();
  const input = await readAnyInput(circuit, inputPath(terminal.cwd, flags.input), program.shape);
  const witness = await witnessOf(program, input, flags.timeout * 1000);
  const { proof, publicSignals } = await proofOf(
    circuit,
    { zkey, ...(verificationKey && { verificationKey }) },
    witness,
  );
  const proveMs = Math.round(performance.now() - since);
  await writeWholeFile(resolve(terminal.cwd, flags.proof), snarkjsJson(proofFromBytes(proof)));
  await writeWholeFile(resolve(terminal.cwd, flags.public), snarkjsJson(publicSignals));
  const said = {
    circuit,
    protocol: 'groth16',
    prover: 'wasm',
    proof: flags.proof,
    public: flags.public,
    proveMs,
  };
  await terminal.out(
    flags.json
      ? `${JSON.stringify(said)}\n`
      : `proved ${circuit} in ${(proveMs / 1000).toFixed(2)} s: ${flags.proof}, ${flags.public}\n`,
  );
}

/** @throws {Groth16Error} CIRCUIT_FILE naming the key that is none, or is of another circuit than the witness */
async function proofOf(
  circuit: string,
  { zkey, verificationKey }: Pick<ProofParts, 'zkey' | 'verificationKey'>,
  witness: Uint8Array,
): Promise<ProvedStatement> {
  try {
    const prover = await loadWasmProver(zkey, { circuit, ...(verificationKey && { verificationKey }) });
    return await prover.prove(witness);
  } catch (cause) {
    if (!Groth16Error.is(cause, 'CIRCUIT_FILE')) throw cause;
    const message = `the proving key cannot be used for the witness of ${circuit}: ${cause.message}`;
    throw new Groth16Error('CIRCUIT_FILE', message, {}, cause);
  }
}
