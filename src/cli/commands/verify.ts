import type { Command } from 'commander';
import { Groth16Error } from '../../groth16/errors.ts';
import { parseGroth16Proof, parsePublicSignals } from '../../groth16/json-files.ts';
import { loadVerifier } from '../../proofs/circuit-verifier.ts';
import type { CircuitName } from '../../proofs/circuits.ts';
import { ProofsError } from '../../proofs/errors.ts';
import { keyRecord } from '../../proofs/keys/manifest.ts';
import type { KeyRecord } from '../../proofs/keys/manifest-file.ts';
import { dutyBroken, LEFT_TO_THE_VERIFIER } from '../../proofs/verifier-duty.ts';
import { answerVerified, JSON_FILE_BYTES } from '../circuit-args.ts';
import { readJsonFile } from '../files.ts';
import { inputPath } from '../input-file.ts';
import type { Terminal } from '../io.ts';
import { type Chosen, chooseCircuit, keysFolder, namedCircuit } from '../own/chosen.ts';
import { fileVerifier, type OwnVerifier, ownVerifier } from '../own/verify.ts';
import { loadPlonkCircuit } from './prove.ts';

interface VerifyFlags {
  readonly proof: string;
  readonly public: string;
  readonly vkey?: string;
  readonly keys?: string;
  readonly json: boolean;
}

export function addVerifyCommand(program: Command, terminal: Terminal): void {
  program
    .command('verify')
    .description('Verifies a proof in the files of snarkjs, with the checks that snarkjs leaves out.')
    .argument('[circuit]', 'of circuits.json, or ballot, orders, … (velum circuits list)')
    .option('--vkey <file>', 'a verification key of any circuit in place of a circuit by name')
    .option('--proof <file>', 'Groth16 or PLONK, as the file says', 'proof.json')
    .option('--public <file>', 'the public signals', 'public.json')
    .option('--keys <dir>', "keys folder (default: the project's, or the package's own)")
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      `
Examples:
  velum verify ballot --proof proof.json --public public.json
  velum verify --vkey verification_key.json
A valid proof is refused, too, if the public signals themselves must not be taken: a ballot with x = 0, a root of 0, an
amount of 2^64 or more. What only somebody can check who knows the chain is named after the answer ("unchecked").
With --json prints {"circuit", "verified", "unchecked", "reason", "keys"}, verified or not.
Exit codes: 0 verified, 1 not verified, 2 wrong options or files, 70 a bug.`,
    )
    .action(async (text: string | undefined, flags: VerifyFlags) => {
      const { cwd } = terminal;
      if (flags.vkey !== undefined)
        return verifyOwn(await fileVerifier(cwd, flags.vkey, text), flags, terminal);
      const chosen = chooseCircuit(cwd, namedCircuit(text, 'verify'));
      if (!chosen.isOwn) return verify(chosen, flags, terminal);
      return verifyOwn(await ownVerifier(chosen.name, keysFolder(cwd, flags.keys, chosen)), flags, terminal);
    });
}

const readProofFile = (cwd: string, path: string): Promise<unknown> =>
  readJsonFile(inputPath(cwd, path), JSON_FILE_BYTES, Groth16Error.of('PROOF_FILE'));

/** A proof of a circuit that is not of this package: what its public signals mean is for its authors to check. */
async function verifyOwn(
  { name: circuit, verifier, record }: OwnVerifier,
  flags: VerifyFlags,
  terminal: Terminal,
): Promise<void> {
  const proof = parseGroth16Proof(await readProofFile(terminal.cwd, flags.proof), flags.proof);
  const signals = parsePublicSignals(await readProofFile(terminal.cwd, flags.public), flags.public);
  const isOfKey = signals.length === verifier.nPublic;
  if (isOfKey && (await verifier.verify(signals, proof)))
    return answer(terminal, flags, circuit, record, undefined, []);
  const refusal = isOfKey
    ? nothingProved(circuit, flags)
    : `${flags.public} has ${signals.length} public signals, and the key of ${circuit} is for ${verifier.nPublic}`;
  return answer(terminal, flags, circuit, record, refusal, []);
}

const nothingProved = (circuit: string, flags: VerifyFlags): string =>
  `${flags.proof} proves nothing of ${circuit} about ${flags.public}`;

/**
 * @param refusal   why the proof is not to be taken
 * @param unchecked what is left to whoever knows the chain
 */
function answer(
  terminal: Terminal,
  flags: VerifyFlags,
  circuit: string,
  record: KeyRecord | undefined,
  refusal: string | undefined,
  unchecked: readonly string[],
): Promise<void> {
  const value = { circuit, verified: refusal === undefined, unchecked, reason: refusal ?? null };
  const no = refusal === undefined ? undefined : new ProofsError('NOT_VERIFIED', refusal, { circuit });
  return answerVerified(terminal, flags, record, value, `verified ${flags.proof} of ${circuit}`, no);
}

async function verify(
  chosen: Chosen & { readonly isOwn: false },
  flags: VerifyFlags,
  terminal: Terminal,
): Promise<void> {
  const circuit = chosen.name;
  const read = (path: string): Promise<unknown> => readProofFile(terminal.cwd, path);
  const [proof, publicSignals] = [await read(flags.proof), await read(flags.public)];
  const isPlonk = (proof as { protocol?: unknown } | null)?.protocol === 'plonk';
  const keysDir = keysFolder(terminal.cwd, flags.keys, chosen, isPlonk ? 'plonk' : 'groth16');
  const isValid = isPlonk
    ? await isValidPlonk(circuit, proof, publicSignals, keysDir)
    : await isValidGroth16(circuit, proof, publicSignals, keysDir, flags);
  const record = await keyRecord(keysDir, circuit);
  if (!isValid) return answer(terminal, flags, circuit, record, nothingProved(circuit, flags), []);
  const broken = dutyBroken(circuit, parsePublicSignals(publicSignals, flags.public));
  if (broken !== undefined) {
    const refusal = `${flags.proof} is a proof of ${circuit}, but nobody may take ${flags.public}: ${broken}`;
    return answer(terminal, flags, circuit, record, refusal, []);
  }
  const unchecked = LEFT_TO_THE_VERIFIER[circuit];
  await answer(terminal, flags, circuit, record, undefined, unchecked);
  if (!flags.json) await terminal.err(`velum: left to you: that ${unchecked.join('; that ')}\n`);
}

async function isValidPlonk(
  circuit: CircuitName,
  proof: unknown,
  publicSignals: unknown,
  keysDir: string,
): Promise<boolean> {
  const loaded = await loadPlonkCircuit(circuit, keysDir);
  const { verifyPlonk } = await import('../../proofs/plonk.ts');
  return verifyPlonk(loaded, publicSignals, proof);
}

async function isValidGroth16(
  circuit: CircuitName,
  proof: unknown,
  publicSignals: unknown,
  keysDir: string,
  flags: VerifyFlags,
): Promise<boolean> {
  const bytes = parseGroth16Proof(proof, flags.proof);
  const signals = parsePublicSignals(publicSignals, flags.public);
  const verifier = await loadVerifier(circuit, keysDir);
  return verifier.verify(signals, bytes);
}
