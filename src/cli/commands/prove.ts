import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { VelumError } from '../../base/errors.ts';
import { proofFromBytes } from '../../groth16/encoding.ts';
import { Groth16Error } from '../../groth16/errors.ts';
import { snarkjsJson } from '../../groth16/json-files.ts';
import type { ProvedStatement } from '../../groth16/proved-statement.ts';
import { loadCircuitProver, type ProverKind } from '../../proofs/circuit-prover.ts';
import type { CircuitName } from '../../proofs/circuits.ts';
import type { Prover, ProverStage } from '../../proofs/prover.ts';
import { loadCircuit, type ProofSystem } from '../../proofs/registry.ts';
import { flattenSignals, type Signals } from '../../proofs/signals.ts';
import { explaining, readInput } from '../circuit-args.ts';
import { CliError } from '../errors.ts';
import { checkOutFiles, writeWholeFile } from '../files.ts';
import { inputPath } from '../input-file.ts';
import type { Terminal } from '../io.ts';
import { type Chosen, chooseCircuit, keysFolder, namedCircuit } from '../own/chosen.ts';
import { timeoutOf, WITNESS_SECONDS } from '../own/opened.ts';
import { fileParts, ownParts, proveOwn } from '../own/prove.ts';

interface ProveFlags {
  readonly input: string;
  readonly proof: string;
  readonly public: string;
  readonly prover: ProverKind | 'rapidsnark';
  readonly proverPath?: string;
  readonly protocol: ProofSystem;
  readonly zkey?: string;
  readonly wasm?: string;
  readonly timeout: number;
  readonly keys?: string;
  readonly json: boolean;
}

const STAGES: Readonly<Record<ProverStage, string>> = {
  keys: 'reading keys',
  witness: 'computing the witness',
  prove: 'proving',
  verify: 'verifying',
};

export function addProveCommand(program: Command, terminal: Terminal): void {
  program
    .command('prove')
    .description(
      'Proves a statement from a JSON file of signals; writes proof and public signals as snarkjs does.',
    )
    .argument('[circuit]', 'of circuits.json, or ballot, orders, … (velum circuits list)')
    .requiredOption('--input <file>', 'signals; velum input CIRCUIT --example shows one')
    .option('--zkey <file>', 'with --wasm: a proving key of any circuit')
    .option('--wasm <file>', 'with --zkey: its witness program, as circom wrote it')
    .option(
      '--timeout <seconds>',
      'for witness programs that are not of this package',
      timeoutOf,
      WITNESS_SECONDS,
    )
    .option('--proof <file>', 'where the proof goes', 'proof.json')
    .option('--public <file>', 'where the public signals go', 'public.json')
    .addOption(
      new Option('--prover <which>', 'who proves: this program, snarkjs, or a rapidsnark binary')
        .choices(['wasm', 'snarkjs', 'rapidsnark'])
        .default('wasm'),
    )
    .option('--prover-path <file>', 'the rapidsnark binary (default: rapidsnark on PATH)')
    .addOption(
      new Option('--protocol <which>', 'PLONK for study').choices(['groth16', 'plonk']).default('groth16'),
    )
    .option('--keys <dir>', "keys folder (default: the project's, or the package's own)")
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', HELP)
    .action(async (text: string | undefined, flags: ProveFlags) => {
      const { cwd } = terminal;
      if (flags.zkey !== undefined || flags.wasm !== undefined) {
        onlyHere(flags);
        return proveOwn(await fileParts(cwd, text, flags), flags, terminal);
      }
      const chosen = chooseCircuit(cwd, namedCircuit(text, 'prove'));
      if (!chosen.isOwn) return prove(chosen, flags, terminal);
      onlyHere(flags);
      return proveOwn(await ownParts(chosen, keysFolder(cwd, flags.keys, chosen)), flags, terminal);
    });
}

const HELP = `
Examples:
  velum input ballot --example > input.json
  velum prove ballot --input input.json --proof proof.json --public public.json
  npx snarkjs groth16 verify keys/ballot/vkey.json public.json proof.json
  velum prove multiplier --input inputs/multiplier/ok.json
  velum prove --zkey multiplier.zkey --wasm multiplier.wasm --input ok.json
Exit codes: 0 proved, 1 the input satisfies no proof, 2 wrong options or files, 70 a bug.`;

/** @throws {CliError} USAGE if a circuit that is not of this package is to be proved by another program */
function onlyHere({ prover, protocol }: ProveFlags): void {
  if (prover !== 'wasm' || protocol !== 'groth16')
    throw new CliError(
      'USAGE',
      '--prover and --protocol are for the circuits of this package: leave them out',
    );
}

/** Proves a statement of one of this package's circuits. */
async function prove(
  chosen: Chosen & { readonly isOwn: false },
  flags: ProveFlags,
  terminal: Terminal,
): Promise<void> {
  const circuit = chosen.name;
  if (flags.protocol === 'plonk' && flags.prover === 'rapidsnark')
    throw new CliError('USAGE', 'rapidsnark makes no PLONK proofs: leave out --prover');
  await checkOutFiles(terminal.cwd, flags.proof, flags.public);
  const signals = await readInput(circuit, inputPath(terminal.cwd, flags.input));
  const onStage = (stage: ProverStage): void => {
    if (terminal.isErrTty) void terminal.err(`\r\u001b[K${STAGES[stage]} …`);
  };
  const since = performance.now();
  const made = await explaining(circuit, () =>
    statement(chosen, signals, flags, terminal.cwd, onStage),
  ).finally(() => (terminal.isErrTty ? terminal.err('\r\u001b[K') : undefined));
  const proveMs = Math.round(performance.now() - since);
  await writeWholeFile(resolve(terminal.cwd, flags.proof), snarkjsJson(made.proof));
  await writeWholeFile(resolve(terminal.cwd, flags.public), snarkjsJson(made.publicSignals));
  const { protocol, proof, public: publics } = flags;
  const prover = protocol === 'plonk' ? 'snarkjs' : flags.prover;
  await terminal.out(
    flags.json
      ? `${JSON.stringify({ circuit, protocol, prover, proof, public: publics, proveMs })}\n`
      : `proved ${circuit} in ${(proveMs / 1000).toFixed(2)} s: ${proof}, ${publics}\n`,
  );
}

async function statement(
  chosen: Chosen & { readonly isOwn: false },
  signals: Signals,
  { prover: which, proverPath, protocol, keys }: ProveFlags,
  cwd: string,
  onStage: (stage: ProverStage) => void,
): Promise<{ proof: unknown; publicSignals: readonly bigint[] }> {
  const circuit = chosen.name;
  const keysDir = keysFolder(cwd, keys, chosen, protocol);
  if (protocol === 'plonk') {
    const loaded = await loadPlonkCircuit(circuit, keysDir);
    const { provePlonk } = await import('../../proofs/plonk.ts');
    return provePlonk(loaded, signals, onStage);
  }
  const { proof, publicSignals } = await (which === 'wasm'
    ? proveHere(circuit, signals, keysDir, onStage)
    : proveElsewhere(circuit, signals, await openProver(which, keysDir, cwd, proverPath), onStage));
  return { proof: proofFromBytes(proof), publicSignals };
}

/** In this process: another one, or a second thread, takes longer to start than a proof takes. */
async function proveHere(
  circuit: CircuitName,
  signals: Signals,
  keysDir: string,
  onStage: (stage: ProverStage) => void,
): Promise<ProvedStatement> {
  const flat = flattenSignals(circuit, signals);
  onStage('keys');
  return (await loadCircuitProver(circuit, { keysDir }))(flat, onStage);
}

async function proveElsewhere(
  circuit: CircuitName,
  signals: Signals,
  prover: Prover,
  onStage: (stage: ProverStage) => void,
): Promise<ProvedStatement> {
  try {
    return await prover.prove(circuit, signals, { onStage });
  } finally {
    await prover.close();
  }
}

async function openProver(
  which: 'snarkjs' | 'rapidsnark',
  keysDir: string,
  cwd: string,
  path: string | undefined,
): Promise<Prover> {
  if (which === 'snarkjs')
    return (await import('../../proofs/pool.ts')).openProverPool({ processes: 1, keysDir, kind: which });
  const { openRapidsnark } = await import('../../proofs/rapidsnark.ts');
  return openRapidsnark({ keysDir, ...(path === undefined ? {} : { path: resolve(cwd, path) }) });
}

/** @throws {ProofsError} KEYS_MISSING with the command that makes them */
export async function loadPlonkCircuit(circuit: CircuitName, keysDir: string) {
  const make = `make PLONK keys with \`velum keys setup ${circuit} --protocol plonk --ptau FILE\``;
  const loaded = await loadCircuit(circuit, keysDir).catch((cause: unknown) => {
    if (!(cause instanceof VelumError) || !cause.code.startsWith('KEYS_')) throw cause;
    throw new VelumError(cause, `${keysDir} has no keys of ${circuit}; ${make}`, { circuit, keysDir }, cause);
  });
  if (loaded.protocol === 'plonk') return loaded;
  throw new Groth16Error('KEYS_STALE', `the keys of ${circuit} in ${keysDir} are of Groth16; ${make}`, {
    circuit,
  });
}
