import { cpus } from 'node:os';
import type { Command } from 'commander';
import { benchGroup } from '../bench/group.ts';
import type { CpuTiming } from '../bench/measure.ts';
import type { Terminal } from '../io.ts';
import { table } from '../table.ts';
import { runsOf } from './bench-proofs.ts';

/** Adds `velum bench threshold`. */
export function addBenchThresholdCommand(program: Command, terminal: Terminal): void {
  benchGroup(program)
    .command('threshold')
    .description('Dealing keys to committees, and using them: shares, combination, blame and coins.')
    .option('--runs <n>', 'calls of each; the median counts', runsOf, 3)
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      `
Example:
  velum bench threshold --runs 1 --json
Committees of 4, 7, 16 and 31, and 1, 64 and 1,000 batches a height: some minutes. Each line stands beside the plain way in the same run: a DLEQ proof
for each share, Lagrange coefficients of the field, proofs one by one. Processor milliseconds of one call. "times" above 1: that takes so much longer.`,
    )
    .action(async ({ runs, json }: { runs: number; json: boolean }) => {
      const { benchThreshold } = await import('../bench/threshold.ts');
      const onProgress = (what: string): void => {
        if (terminal.isErrTty) void terminal.err(`measuring ${what} …\n`);
      };
      const results = await benchThreshold({ runs, onProgress });
      const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
      await terminal.out(json ? `${JSON.stringify({ machine, results })}\n` : report(results));
    });
}

function report(results: readonly CpuTiming[]): string {
  const rows = results.map(({ name, cpuMs, peer }) =>
    peer === undefined
      ? [name, String(cpuMs)]
      : [name, String(cpuMs), peer.name, String(peer.cpuMs), peer.ratio.toFixed(2)],
  );
  const head = ['what', 'cpu ms', 'beside', 'cpu ms', 'times'];
  return `${table([head, ...rows], ['left', 'right', 'left', 'right', 'right'], 0).join('\n')}\n`;
}
