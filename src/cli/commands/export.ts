import { resolve } from 'node:path';
import type { Command } from 'commander';
import { Groth16Error } from '../../groth16/errors.ts';
import { parseGroth16Proof, parsePublicSignals } from '../../groth16/json-files.ts';
import { ProofsError } from '../../proofs/errors.ts';
import { loadKeys } from '../../proofs/registry.ts';
import { answerNo } from '../answer-no.ts';
import { JSON_FILE_BYTES } from '../circuit-args.ts';
import { checkOutFiles, readJsonFile, writeWholeFile } from '../files.ts';
import { inputPath } from '../input-file.ts';
import type { Terminal } from '../io.ts';
import { namedCircuit } from '../own/chosen.ts';
import { keyTarget } from '../own/key-target.ts';
import { readZkey } from '../own/opened.ts';
import { fileVerifier, ownVerifier } from '../own/verify.ts';

interface SolidityFlags {
  readonly zkey?: string;
  readonly keys?: string;
  readonly out: string;
  readonly json: boolean;
}

interface CalldataFlags {
  readonly proof: string;
  readonly public: string;
  readonly vkey?: string;
  readonly keys?: string;
  readonly json: boolean;
}

/** `velum export …`: what a chain is given. */
export function addExportCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('export')
    .description('Writes what a contract needs: a verifier, and the arguments of its call.')
    .helpCommand(false)
    .addHelpText('after', '\nExample:\n  velum export solidity multiplier --out verifier.sol');
  command
    .command('solidity')
    .description('Writes a verifier contract: the file that snarkjs exports, byte for byte.')
    .argument('[circuit]', 'of circuits.json, or ballot, orders, … (velum circuits list)')
    .option('--zkey <file>', 'a proving key of any circuit in place of a circuit by name')
    .option('--out <file>', 'where it goes', 'verifier.sol')
    .option('--keys <dir>', "keys folder (default: the project's, or the package's own)")
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      '\nExamples:\n  velum export solidity multiplier --out verifier.sol\n  velum export solidity --zkey multiplier.zkey',
    )
    .action((text: string | undefined, flags: SolidityFlags) => solidity(text, flags, terminal));
  command
    .command('calldata')
    .description("Prints the arguments of the contract's verifyProof, as snarkjs does.")
    .argument('[circuit]', 'of circuits.json, or ballot, orders, …: its key must accept the proof')
    .option('--vkey <file>', 'a verification key of any circuit in place of a circuit by name')
    .option('--proof <file>', 'a proof of Groth16', 'proof.json')
    .option('--public <file>', 'its public signals', 'public.json')
    .option('--keys <dir>', "keys folder (default: the project's, or the package's own)")
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      '\nExamples:\n  velum export calldata multiplier\n  velum export calldata --vkey verification_key.json --proof p.json --public s.json\nExit codes: 0 printed, 1 the proof is not valid, 2 wrong options or files, 70 a bug.',
    )
    .action((text: string | undefined, flags: CalldataFlags) => calldata(text, flags, terminal));
}

async function solidity(text: string | undefined, flags: SolidityFlags, terminal: Terminal): Promise<void> {
  const { solidityVerifier } = await import('../../proofs/keys/solidity.ts');
  const { zkey, out, json } = flags;
  await checkOutFiles(terminal.cwd, out);
  const source = await solidityVerifier(
    zkey === undefined ? await keyByName(text, flags, terminal.cwd) : await checkedZkey(terminal.cwd, zkey),
  );
  await writeWholeFile(resolve(terminal.cwd, out), source);
  await terminal.out(json ? `${JSON.stringify({ out })}\n` : `wrote ${out}\n`);
}

async function keyByName(text: string | undefined, flags: SolidityFlags, cwd: string): Promise<Uint8Array> {
  const { circuit, keysDir } = keyTarget(cwd, namedCircuit(text, 'export solidity'), flags);
  return (await loadKeys(circuit, keysDir)).read('zkey');
}

/** @throws {Groth16Error} CIRCUIT_FILE if it is no proving key of Groth16 */
async function checkedZkey(cwd: string, path: string): Promise<Uint8Array> {
  const bytes = await readZkey(cwd, path);
  const { parseProvingKey } = await import('../../groth16/proving-key.ts');
  try {
    parseProvingKey(bytes);
  } catch (cause) {
    if (!Groth16Error.is(cause, 'CIRCUIT_FILE')) throw cause;
    throw new Groth16Error('CIRCUIT_FILE', `${path} cannot be used: ${cause.message}`, { path }, cause);
  }
  return bytes;
}

async function calldata(text: string | undefined, flags: CalldataFlags, terminal: Terminal): Promise<void> {
  const { cwd } = terminal;
  const read = (path: string): Promise<unknown> =>
    readJsonFile(inputPath(cwd, path), JSON_FILE_BYTES, Groth16Error.of('PROOF_FILE'));
  const [proof, signals] = [await read(flags.proof), await read(flags.public)];
  const bytes = parseGroth16Proof(proof, flags.proof);
  const publics = parsePublicSignals(signals, flags.public);
  const { name: circuit, verifier } =
    flags.vkey === undefined
      ? await verifierByName(namedCircuit(text, 'export calldata'), flags, cwd)
      : await fileVerifier(cwd, flags.vkey, text);
  if (!(await verifier.verify(publics, bytes))) {
    const message = `${flags.proof} proves nothing of ${circuit} about ${flags.public}: a contract would refuse it`;
    const no = new ProofsError('NOT_VERIFIED', message, { circuit });
    return answerNo(terminal, flags, { circuit, calldata: null, reason: message }, no);
  }
  const { solidityCalldata } = await import('../../proofs/keys/solidity.ts');
  const arguments_ = await solidityCalldata(bytes, publics);
  await terminal.out(
    flags.json ? `${JSON.stringify({ circuit, calldata: arguments_, reason: null })}\n` : `${arguments_}\n`,
  );
}

const verifierByName = (text: string, flags: CalldataFlags, cwd: string) => {
  const { circuit, keysDir } = keyTarget(cwd, text, flags);
  return ownVerifier(circuit, keysDir);
};
