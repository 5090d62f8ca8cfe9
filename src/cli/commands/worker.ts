import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { WorkerAnswer, WorkerRequest } from '../../experiments/workers.ts';
import type { BatchProofAnswer, BatchProofRequest } from '../../queue/proof-process.ts';
import type { Service } from '../../queue/serve.ts';
import { CliError } from '../errors.ts';
import { WORKER_ENTRY } from '../experiment/worker-entry.ts';
import { stopSignal } from '../interrupt.ts';
import type { Terminal } from '../io.ts';
import { timeoutOf, WITNESS_SECONDS } from '../own/opened.ts';
import type { BatchCircuitFlags } from '../queue/batch-circuit.ts';
import { QUEUE_HELP, type QueueFlags, queueOf, withQueueOptions } from '../queue/options.ts';
import { packageVersion } from '../version.ts';
import { wholeNumber } from '../whole-number.ts';

interface WorkerFlags extends QueueFlags, BatchCircuitFlags {
  readonly jobs?: number;
  readonly circuit?: readonly string[];
  readonly key?: string;
  readonly file?: readonly string[];
  readonly json: boolean;
}

/** Adds `velum worker`. */
export function addWorkerCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('worker')
    .description('Does the jobs of a queue until Ctrl-C: those of experiments, and proofs.');
  withQueueOptions(command, 'redis://HOST:PORT/DB, or rediss:// for TLS')
    .option('--jobs <n>', 'at a time (default: one a core)', wholeNumber(1, 256))
    .option(
      '--file <path>',
      'an experiment of your own whose jobs it does as well; again for another',
      collected,
    )
    .option(
      '--circuit <name>',
      'with --key: a circuit, of circuits.json or of this package, for which it proves; again for another',
      collected,
    )
    .option('--zkey <file>', 'with --wasm and --key: a proving key of any circuit for which it proves')
    .option('--wasm <file>', 'with --zkey: its witness program, as circom wrote it')
    .option('--keys <dir>', "keys folder (default: the project's, or the package's own)")
    .option('--timeout <seconds>', 'for a witness program', timeoutOf, WITNESS_SECONDS)
    .option('--key <file>', 'the key under which inputs of proofs come (velum worker-key)')
    .option('--json', 'print one JSON object at the end', false)
    .addHelpText('after', HELP)
    .action((flags: WorkerFlags) => work(flags, terminal));
}

const collected = (text: string, earlier: readonly string[] | undefined): readonly string[] => [
  ...(earlier ?? []),
  text,
];

const HELP = `
Examples:
  velum worker --queue redis://127.0.0.1
  velum worker --queue rediss://queue.example.org:6380/1 --queue-password-file password --queue-ca ca.pem --jobs 8 --file ./mine.ts
  velum worker --queue redis://127.0.0.1 --circuit ballot --circuit orders --key queue.key
It runs the experiments of its own version of the package and the files that its own command line names, never code that comes from a
queue: jobs of other versions and of other files stay for other workers. It proves for the circuits that its command line names, known by
the hash of their proving key, and what comes sealed under its key file.
The first Ctrl-C lets it finish what it does, for 20 seconds, and gives the rest back; a second one ends it at once. A worker that is
killed loses nothing: after 15 to 25 seconds another one has its jobs.
${QUEUE_HELP}
Exit codes: 0 Ctrl-C, 1 the queue cannot be reached, 2 wrong options or files, 70 a bug.`;

async function work(flags: WorkerFlags, terminal: Terminal): Promise<void> {
  const address = await queueOf(terminal, flags);
  if (address === undefined)
    throw new CliError('USAGE', 'say where the queue is: --queue URL\nSee velum worker --help.');
  const { programHash } = await import('../../experiments/program-hash.ts');
  const { ChildPool } = await import('../../groth16/child-pool.ts');
  const { openConnection } = await import('../../queue/connection.ts');
  const { experimentService } = await import('../../queue/experiment-tasks.ts');
  const { serve } = await import('../../queue/serve.ts');
  const { namedExperiment } = await import('../experiment/named-experiment.ts');
  const own = [];
  for (const path of flags.file ?? []) own.push(await namedExperiment(terminal.cwd, path));
  const proving = await provingOf(flags, terminal.cwd);
  const connection = await openConnection(address);
  const children = new ChildPool<WorkerRequest, WorkerAnswer>(WORKER_ENTRY);
  const hash = programHash();
  const lanes = flags.jobs ?? availableParallelism();
  const controller = new AbortController();
  void stopSignal().then(() => controller.abort());
  try {
    await terminal.err(`velum: working for ${address.shown}, ${lanes} at a time; Ctrl-C ends it\n`);
    const tally = await serve({
      connection,
      services: [
        ...[undefined, ...own].map((each) => experimentService(children, hash, each)),
        ...proving.services,
      ],
      lanes,
      version: packageVersion(),
      signal: controller.signal,
    });
    const { done, failed, givenBack } = tally;
    await terminal.out(
      flags.json
        ? `${JSON.stringify({ queue: address.shown, done, failed, givenBack })}\n`
        : `${done} done, ${failed} failed, ${givenBack} given back\n`,
    );
  } finally {
    children.close();
    proving.close();
    connection.close();
  }
}

/** What the worker proves, and with what. @throws {CliError} USAGE; {QueueError} QUEUE_KEY_FILE; what opening a circuit throws */
async function provingOf(
  flags: WorkerFlags,
  cwd: string,
): Promise<{ readonly services: readonly Service[]; close(): void }> {
  const names = flags.circuit ?? [];
  const isOfFiles = flags.zkey !== undefined || flags.wasm !== undefined;
  const isNamed = names.length > 0 || isOfFiles;
  if (isNamed !== (flags.key !== undefined))
    throw new CliError(
      'USAGE',
      isNamed
        ? 'inputs of proofs are secrets: name the key under which they come, --key FILE (velum worker-key makes one)'
        : '--key is for proofs: name a circuit with --circuit, or --zkey and --wasm',
    );
  if (!isNamed) return { services: [], close() {} };
  const { ChildPool } = await import('../../groth16/child-pool.ts');
  const { proofService } = await import('../../queue/proof-tasks.ts');
  const { filesBatchCircuit, namedBatchCircuit } = await import('../queue/batch-circuit.ts');
  const { readQueueKey } = await import('../queue/key-file.ts');
  const { PROOF_ENTRY } = await import('../queue/proof-entry.ts');
  const seal = readQueueKey(resolve(cwd, flags.key!));
  const circuits = [];
  for (const name of names) circuits.push(await namedBatchCircuit(cwd, name, flags));
  if (isOfFiles) circuits.push(await filesBatchCircuit(cwd, flags));
  const children = new ChildPool<BatchProofRequest, BatchProofAnswer>(PROOF_ENTRY, 'advanced');
  return {
    services: circuits.map(({ files }) => proofService(children, seal, files)),
    close: () => children.close(),
  };
}
