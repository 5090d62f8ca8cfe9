import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CircuitName } from '../../proofs/circuits.ts';
import { benchGroup } from '../bench/group.ts';
import type { KernelTiming } from '../bench/kernels.ts';
import type { Timing } from '../bench/measure.ts';
import type { ProofBenchmark } from '../bench/proofs.ts';
import { circuitName } from '../circuit-args.ts';
import type { Terminal } from '../io.ts';
import { table } from '../table.ts';

/** Parts that can be measured alone: by processor time, in one thread. */
const PARTS = ['prove-cpu', 'opening'] as const;

interface BenchFlags {
  readonly runs: number;
  readonly only?: (typeof PARTS)[number];
  readonly rapidsnark?: string;
  readonly circuit?: CircuitName;
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
        'prove-cpu: proofs of the kernels beside snarkjs (and rapidsnark, if --rapidsnark names it); opening: many batches beside noble and poseidon-lite',
      ).choices(PARTS),
    )
    .option('--rapidsnark <file>', 'the binary to compare with (default: rapidsnark on PATH)')
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      '\nExample:\n  velum bench proofs --circuit orders --json\nAll takes some minutes. `npm run bench:install` gets Semaphore (164 MB).',
    )
    .action(async ({ runs, circuit, only, rapidsnark: file, json }: BenchFlags) => {
      const onProgress = (what: string): void => {
        if (terminal.isErrTty) void terminal.err(`measuring ${what} …\n`);
      };
      const rapidsnark = file === undefined ? undefined : resolve(terminal.cwd, file);
      const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
      const answer = (measured: object, text: string): Promise<void> =>
        terminal.out(json ? `${JSON.stringify({ machine, ...measured })}\n` : text);
      if (only !== undefined) {
        const { benchOpening, benchProving } = await import('../bench/kernels.ts');
        const results = await (only === 'opening'
          ? benchOpening(runs)
          : benchProving(runs, circuit, rapidsnark, onProgress));
        return answer({ results }, cpuReport(results));
      }
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

function cpuReport(results: readonly KernelTiming[]): string {
  const rows = results.map(({ name, path, cpuMs, peer }) =>
    peer === undefined
      ? [name, path, String(cpuMs)]
      : [name, path, String(cpuMs), peer.name, String(peer.cpuMs), peer.ratio.toFixed(2)],
  );
  const head = ['what', 'path', 'CPU ms', 'beside', 'CPU ms', 'times'];
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
