import { resolve } from 'node:path';
import type { Command } from 'commander';
import { VelumError } from '../../base/errors.ts';
import type { CircuitName } from '../../proofs/circuits.ts';
import { parseGroth16Proof, parsePublicSignals } from '../../proofs/json-files.ts';
import { loadVerifier } from '../../proofs/verifier.ts';
import { circuitName, JSON_FILE_BYTES, keysFolder } from '../circuit-args.ts';
import { readJsonFile } from '../files.ts';
import type { Terminal } from '../io.ts';
import { loadPlonkCircuit } from './prove.ts';

interface VerifyFlags {
  readonly proof: string;
  readonly public: string;
  readonly keys?: string;
  readonly json: boolean;
}

export function addVerifyCommand(program: Command, terminal: Terminal): void {
  program
    .command('verify')
    .description('Verifies a proof in the files of snarkjs, with the checks that snarkjs leaves out.')
    .argument('<circuit>', 'ballot, orders, … (velum circuits list)')
    .option('--proof <file>', 'Groth16 or PLONK, as the file says', 'proof.json')
    .option('--public <file>', 'the public signals', 'public.json')
    .option('--keys <dir>', "keys folder (default: the package's own)")
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      '\nExample:\n  velum verify ballot --proof proof.json --public public.json\nExit codes: 0 verified, 1 not verified, 2 wrong options or files, 70 a bug.',
    )
    .action((circuit: string, flags: VerifyFlags) => verify(circuitName(circuit), flags, terminal));
}

async function verify(circuit: CircuitName, flags: VerifyFlags, terminal: Terminal): Promise<void> {
  const read = (path: string): Promise<unknown> =>
    readJsonFile(resolve(terminal.cwd, path), JSON_FILE_BYTES, 'PROOF_FILE');
  const [proof, publicSignals] = [await read(flags.proof), await read(flags.public)];
  if (!(await isValid(circuit, proof, publicSignals, flags, terminal.cwd))) {
    const message = `${flags.proof} proves nothing of ${circuit} about ${flags.public}`;
    throw new VelumError('NOT_VERIFIED', message, { circuit, verified: false });
  }
  await terminal.out(
    flags.json
      ? `${JSON.stringify({ circuit, verified: true })}\n`
      : `verified ${flags.proof} of ${circuit}\n`,
  );
}

async function isValid(
  circuit: CircuitName,
  proof: unknown,
  publicSignals: unknown,
  flags: VerifyFlags,
  cwd: string,
): Promise<boolean> {
  if ((proof as { protocol?: unknown } | null)?.protocol === 'plonk') {
    const loaded = await loadPlonkCircuit(circuit, keysFolder(cwd, flags.keys, 'plonk'));
    const { verifyPlonk } = await import('../../proofs/plonk.ts');
    return verifyPlonk(loaded, publicSignals, proof);
  }
  const [bytes, signals] = [parseGroth16Proof(proof), parsePublicSignals(publicSignals)];
  const wrong = bytes === undefined ? flags.proof : signals === undefined ? flags.public : undefined;
  if (wrong !== undefined)
    throw new VelumError('PROOF_FILE', `${wrong} is not in the form in which snarkjs writes it`, {
      file: wrong,
    });
  const verifier = await loadVerifier(circuit, keysFolder(cwd, flags.keys));
  return verifier.verify(signals!, bytes!);
}
