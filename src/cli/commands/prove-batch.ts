import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { printable } from '../../formats/problems.ts';
import { proofFromBytes } from '../../groth16/encoding.ts';
import { snarkjsJson } from '../../groth16/json-files.ts';
import type { Verifier } from '../../groth16/verifier.ts';
import { ProofsError } from '../../proofs/errors.ts';
import type { QueueAddress } from '../../queue/address.ts';
import type { BatchProofAnswer, BatchProofRequest, ProvingFiles } from '../../queue/proof-process.ts';
import type { BatchProver, ToProve } from '../../queue/proof-tasks.ts';
import { answerNo } from '../answer-no.ts';
import { CliError } from '../errors.ts';
import { checkOutFile, writeWholeFile } from '../files.ts';
import type { Terminal } from '../io.ts';
import { namedCircuit } from '../own/chosen.ts';
import { timeoutOf, WITNESS_SECONDS } from '../own/opened.ts';
import type { BatchCircuitFlags } from '../queue/batch-circuit.ts';
import { QUEUE_HELP, type QueueFlags, queueOf, withQueueOptions } from '../queue/options.ts';
import { wholeNumber } from '../whole-number.ts';

interface BatchFlags extends QueueFlags, BatchCircuitFlags {
  readonly out: string;
  readonly jobs?: number;
  readonly key?: string;
  readonly fresh: boolean;
  readonly json: boolean;
}

/** Adds `velum prove-batch`. */
export function addProveBatchCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('prove-batch')
    .description('Proves many inputs of one circuit, here or on the workers of a queue.')
    .argument('[circuit]', 'of circuits.json, or ballot, orders, … (velum circuits list)')
    .argument('[inputs]', 'a folder with NAME.json files, or a .jsonl file with an input a line')
    .requiredOption('--out <dir>', 'gets NAME.proof.json and NAME.public.json (000001 and so on of lines)')
    .option('--zkey <file>', 'with --wasm, in place of a circuit by name: a proving key of any circuit')
    .option('--wasm <file>', 'with --zkey: its witness program, as circom wrote it')
    .option('--keys <dir>', "keys folder (default: the project's, or the package's own)")
    .option('--timeout <seconds>', 'for a witness program', timeoutOf, WITNESS_SECONDS)
    .option('--jobs <n>', 'proving processes (default: one a core)', wholeNumber(1, 256));
  withQueueOptions(command, 'workers of this queue prove (velum worker --circuit), not this machine')
    .option('--key <file>', 'with --queue: the key that the workers have as well (velum worker-key)')
    .option('--fresh', 'prove also what has a proof already', false)
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', HELP)
    .action((first: string | undefined, second: string | undefined, flags: BatchFlags) =>
      proveBatch(first, second, flags, terminal),
    );
}

const HELP = `
Examples:
  velum prove-batch ballot inputs --out proofs && velum verify-batch ballot proofs
  velum prove-batch inputs.jsonl --zkey multiplier.zkey --wasm multiplier.wasm --out proofs --jobs 4
  velum worker-key queue.key
  velum worker --queue redis://127.0.0.1 --circuit ballot --key queue.key
  velum prove-batch ballot inputs --out proofs --queue redis://127.0.0.1 --key queue.key
Inputs are secrets: with --queue each goes sealed under the key file (XChaCha20-Poly1305, for its task and circuit), and nothing goes without
one. Every proof is verified here before it is written. Proofs that are there, newer than their input, and verify are kept: after Ctrl-C
the same command goes on.
${QUEUE_HELP}
Exit codes: 0 all are proved, 1 some inputs satisfy no proof or the queue fails, 2 wrong options or files, 70 a bug.`;

async function proveBatch(
  first: string | undefined,
  second: string | undefined,
  flags: BatchFlags,
  terminal: Terminal,
): Promise<void> {
  const { cwd } = terminal;
  const address = await queueOf(terminal, flags);
  if ((address === undefined) !== (flags.key === undefined))
    throw new CliError(
      'USAGE',
      address === undefined
        ? '--key is for --queue URL: leave it out, or name the queue'
        : 'inputs are secrets: with --queue name the key under which they go, --key FILE (velum worker-key makes one)',
    );
  if (address !== undefined && flags.jobs !== undefined)
    throw new CliError('USAGE', '--jobs is of this machine, and --queue of others: leave one out');
  const { filesBatchCircuit, namedBatchCircuit } = await import('../queue/batch-circuit.ts');
  const { batchInputs, isProved, proofPaths } = await import('../queue/batch-files.ts');
  const { createVerifier } = await import('../../groth16/verifier.ts');
  const isOfFiles = flags.zkey !== undefined || flags.wasm !== undefined;
  const named = isOfFiles ? first : second;
  if (named === undefined || (isOfFiles && second !== undefined))
    throw new CliError(
      'USAGE',
      'name a circuit and its inputs, or inputs with --zkey and --wasm\nSee velum prove-batch --help.',
    );
  const circuit = isOfFiles
    ? await filesBatchCircuit(cwd, flags)
    : await namedBatchCircuit(cwd, namedCircuit(first, 'prove-batch'), flags);
  const { name: circuitNamed, zkey } = circuit.files;
  const verifier = await createVerifier(circuit.verificationKey, zkey);
  const dir = resolve(cwd, flags.out);
  const since = performance.now();
  const toProve: ToProve[] = [];
  let kept = 0;
  for (const input of await batchInputs(cwd, named)) {
    if (!flags.fresh && (await isProved(dir, input, verifier))) kept += 1;
    else toProve.push({ name: input.name, signals: circuit.read(input.where, input.text) });
  }
  for (const { name } of toProve.slice(0, 1)) await checkOutFile(proofPaths(dir, name).proof);
  const refused = new Map<string, string>();
  let done = 0;
  const onDone = async ({ name }: ToProve, answer: BatchProofAnswer): Promise<void> => {
    const { proof, publics } = proofPaths(dir, name);
    if (answer.type === 'refused') refused.set(name, answer.message);
    else {
      // The proof last: where it is, its public signals are.
      await writeWholeFile(publics, snarkjsJson(answer.publicSignals));
      await writeWholeFile(proof, snarkjsJson(proofFromBytes(answer.proof)));
    }
    done += 1;
    if (terminal.isErrTty) await terminal.err(`\r\u001b[K${done} of ${toProve.length}`);
  };
  await withProver(circuit.files, { address, verifier }, flags, terminal, (prove) => prove(toProve, onDone));
  if (terminal.isErrTty) await terminal.err('\r\u001b[K');
  const proveMs = Math.round(performance.now() - since);
  const proofs = toProve.length - refused.size;
  const reason =
    refused.size === 0 ? null : `${refused.size} of ${toProve.length + kept} inputs satisfy no proof`;
  const value = {
    ...{ circuit: circuitNamed, out: flags.out, proofs, kept },
    ...{ refused: Object.fromEntries(refused), reason, proveMs },
  };
  if (reason !== null) {
    const listed = [...refused].map(([name, why]) => `  ${printable(name)}: ${why}`).join('\n');
    const no = new ProofsError('INPUTS_REFUSED', `${reason}:\n${listed}`, { circuit: circuitNamed });
    return answerNo(terminal, flags, value, no);
  }
  const before = kept === 0 ? '' : `, ${kept} were there`;
  await terminal.out(
    flags.json
      ? `${JSON.stringify(value)}\n`
      : `proved ${proofs} inputs of ${circuitNamed} in ${(proveMs / 1000).toFixed(1)} s${before}: ${flags.out}\n`,
  );
}

/** Does work with a prover of this machine or of a queue. */
async function withProver(
  files: ProvingFiles,
  { address, verifier }: { readonly address: QueueAddress | undefined; readonly verifier: Verifier },
  flags: BatchFlags,
  terminal: Terminal,
  work: (prove: BatchProver) => Promise<void>,
): Promise<void> {
  const { proofQueue, proveHere, proveOnQueue } = await import('../../queue/proof-tasks.ts');
  if (address !== undefined) {
    const { readQueueKey } = await import('../queue/key-file.ts');
    const { askingWorkers } = await import('../queue/ask-workers.ts');
    const seal = readQueueKey(resolve(terminal.cwd, flags.key!));
    const circuit = files.zkeySha256;
    const needed = `velum worker --queue ${address.shown} --circuit ${files.name} --key FILE`;
    return askingWorkers(terminal, address, proofQueue(circuit, seal), needed, (asking) =>
      work(proveOnQueue(asking.connection, seal, circuit, { ...asking, verifier })),
    );
  }
  const { ChildPool } = await import('../../groth16/child-pool.ts');
  const { PROOF_ENTRY } = await import('../queue/proof-entry.ts');
  const children = new ChildPool<BatchProofRequest, BatchProofAnswer>(PROOF_ENTRY, 'advanced');
  try {
    await work(proveHere(children, files, flags.jobs ?? availableParallelism()));
  } finally {
    children.close();
  }
}
