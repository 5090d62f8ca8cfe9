import { cpus } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import type { CircuitName } from '../../proofs/circuits.ts';
import { benchGroup } from '../bench/group.ts';
import type { Timing } from '../bench/measure.ts';
import type { ProofBenchmark } from '../bench/proofs.ts';
import { circuitName } from '../circuit-args.ts';
import type { Terminal } from '../io.ts';
import { table } from '../table.ts';

interface BenchFlags {
  readonly runs: number;
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
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      '\nExample:\n  velum bench proofs --circuit orders --json\nAll takes some minutes. `npm run bench:install` gets Semaphore (164 MB).',
    )
    .action(async ({ runs, circuit, json }: BenchFlags) => {
      const { benchProofs } = await import('../bench/proofs.ts');
      const onProgress = (what: string): void => {
        if (terminal.isErrTty) void terminal.err(`measuring ${what} …\n`);
      };
      const measured = await benchProofs({ runs, ...(circuit === undefined ? {} : { circuit }), onProgress });
      const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
      await terminal.out(json ? `${JSON.stringify({ machine, ...measured })}\n` : report(measured));
    });
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
