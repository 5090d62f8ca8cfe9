import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CircuitName } from '../../proofs/circuits.ts';
import { benchGroup } from '../bench/group.ts';
import type { CpuTiming, Timing } from '../bench/measure.ts';
import type { ProofBenchmark } from '../bench/proofs.ts';
import type { MemoryUse } from '../bench/whole-process.ts';
import { circuitName } from '../circuit-args.ts';
import { CliError } from '../errors.ts';
import type { Terminal } from '../io.ts';
import { table } from '../table.ts';

/** Parts that can be measured alone, and what each is. */
const PARTS = {
  'prove-cpu': 'proofs of the kernels beside snarkjs (and rapidsnark, if --rapidsnark names it)',
  'one-shot': 'velum prove from cold beside the stock command line',
  threads: 'a proof by two threads beside one',
  memory: 'peak memory of a process that makes a proof, beside snarkjs',
  verifying: 'batches of good and of bad proofs beside one by one',
  opening: 'many batches beside noble and poseidon-lite',
} as const;
type Part = keyof typeof PARTS;

interface BenchFlags {
  readonly runs: number;
  readonly only?: Part;
  readonly rapidsnark?: string;
  readonly circuit?: CircuitName;
  readonly zkey?: string;
  readonly witness?: string;
  readonly json: boolean;
}

export function addBenchProofsCommand(program: Command, terminal: Terminal): void {
  benchGroup(program)
    .command('proofs')
    .description(
      'Constraints, witness, proving, verifying, batches and the pool, beside snarkjs and Semaphore.',
    )
    .option('--runs <n>', 'calls of what takes a second; the median counts', runsOf, 5)
    .option(
      '--circuit <name>',
      'only this one, without the pool, PLONK, rapidsnark and Semaphore',
      circuitName,
    )
    .addOption(
      new Option(
        '--only <part>',
        Object.entries(PARTS)
          .map(([part, what]) => `${part}: ${what}`)
          .join('; '),
      ).choices(Object.keys(PARTS)),
    )
    .addOption(
      new Option(
        '--zkey <file>',
        'with --only and --witness: a proving key of any circuit over BN254',
      ).conflicts('circuit'),
    )
    .option('--witness <file>', 'a .wtns of that circuit')
    .option('--rapidsnark <file>', 'the binary to compare with (default: rapidsnark on PATH)')
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', HELP)
    .action(async (flags: BenchFlags) => {
      const { runs, circuit, only, json } = flags;
      const onProgress = (what: string): void => {
        if (terminal.isErrTty) void terminal.err(`measuring ${what} …\n`);
      };
      const rapidsnark = flags.rapidsnark === undefined ? undefined : resolve(terminal.cwd, flags.rapidsnark);
      const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
      const answer = (measured: object, text: string): Promise<void> =>
        terminal.out(json ? `${JSON.stringify({ machine, ...measured })}\n` : text);
      if (only !== undefined) {
        const foreign = foreignFiles(flags, terminal.cwd);
        const results = await measurePart(only, { runs, circuit, foreign, rapidsnark, onProgress });
        return answer({ results }, partReport(results));
      }
      if (flags.zkey !== undefined || flags.witness !== undefined)
        throw new CliError('USAGE', '--zkey and --witness go with --only prove-cpu, threads or memory');
      const { benchProofs } = await import('../bench/proofs.ts');
      const measured = await benchProofs({
        runs,
        ...(circuit === undefined ? {} : { circuit }),
        ...(rapidsnark === undefined ? {} : { rapidsnark }),
        onProgress,
      });
      return answer(measured, report(measured));
    });
}

const HELP = `
Examples:
  velum bench proofs --circuit orders --json
  velum bench proofs --only prove-cpu --zkey circuit.zkey --witness witness.wtns
All takes some minutes. \`npm run bench:install\` gets Semaphore (164 MB).`;

interface Foreign {
  readonly zkey: string;
  readonly witness: string;
}

function foreignFiles({ only, zkey, witness }: BenchFlags, cwd: string): Foreign | undefined {
  if (zkey === undefined && witness === undefined) return undefined;
  if (zkey === undefined || witness === undefined)
    throw new CliError('USAGE', '--zkey and --witness go together');
  if (only !== 'prove-cpu' && only !== 'threads' && only !== 'memory')
    throw new CliError('USAGE', `--only ${only} measures circuits of this package: leave out --zkey`);
  return { zkey: resolve(cwd, zkey), witness: resolve(cwd, witness) };
}

interface PartOptions {
  readonly runs: number;
  readonly circuit: CircuitName | undefined;
  readonly foreign: Foreign | undefined;
  readonly rapidsnark: string | undefined;
  readonly onProgress: (what: string) => void;
}

type PartResult = (CpuTiming & { readonly path?: string }) | Timing | MemoryUse;

async function measurePart(
  part: Part,
  { runs, circuit, foreign, rapidsnark, onProgress }: PartOptions,
): Promise<readonly PartResult[]> {
  if (part === 'opening') return (await import('../bench/kernels.ts')).benchOpening(runs);
  if (part === 'verifying') return (await import('../bench/verifying.ts')).benchVerifying(runs);
  const whole = await import('../bench/whole-process.ts');
  if (part === 'one-shot') return [await whole.benchOneShot(runs)];
  const { allWorks, exampleWork, fileWork } = await import('../bench/works.ts');
  const chosen = foreign !== undefined ? await fileWork(foreign.zkey, foreign.witness) : undefined;
  if (part === 'prove-cpu') {
    const { benchProving } = await import('../bench/kernels.ts');
    const named = circuit === undefined ? undefined : await exampleWork(circuit);
    const one = chosen ?? named;
    return benchProving(one === undefined ? await allWorks() : [one], runs, rapidsnark, onProgress);
  }
  const work = chosen ?? (await exampleWork(circuit ?? 'orders'));
  return [await (part === 'threads' ? whole.benchThreads(work, runs) : whole.benchMemory(work))];
}

/** Milliseconds of the processor, or by the clock where only that is measured; megabytes of memory. */
function partReport(results: readonly PartResult[]): string {
  const rows = results.map((result) => {
    const cost = (of: object): string =>
      'cpuMs' in of
        ? `${of.cpuMs} CPU ms`
        : 'peakMb' in of
          ? `${of.peakMb} MB`
          : `${(of as Timing).medianMs} ms`;
    const path = 'path' in result && result.path !== undefined ? result.path : '';
    const own = [result.name, path, cost(result)];
    return result.peer === undefined
      ? own
      : [...own, result.peer.name, cost(result.peer), result.peer.ratio.toFixed(2)];
  });
  const head = ['what', 'path', 'takes', 'beside', 'takes', 'times'];
  return `${table([head, ...rows], ['left', 'left', 'right', 'left', 'right', 'right'], 0).join('\n')}\n`;
}

export function runsOf(text: string): number {
  if (/^\d{1,3}$/.test(text) && Number(text) > 0) return Number(text);
  throw new InvalidArgumentError('A whole number from 1 to 999 is expected.');
}

function report({ circuits, results, missing }: ProofBenchmark): string {
  const sizes = [
    ['circuit', 'constraints', 'domain'],
    ...circuits.map(({ name, constraints, domain }) => [name, String(constraints), String(domain)]),
  ];
  const times = [['what', 'ms', 'beside', 'ms', 'times'], ...results.map(rowOf)];
  const right = 'right' as const;
  return `${[
    ...table(sizes, ['left', right, right], 0),
    '',
    ...table(times, ['left', right, 'left', right, right], 0),
    ...missing.map((peer) => `not measured: ${peer}`),
  ].join('\n')}\n`;
}

function rowOf({ name, medianMs, peer }: Timing): string[] {
  const own = [name, medianMs.toFixed(1)];
  return peer === undefined ? own : [...own, peer.name, peer.medianMs.toFixed(1), peer.ratio.toFixed(2)];
}
