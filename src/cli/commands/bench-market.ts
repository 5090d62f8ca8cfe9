import { cpus } from 'node:os';
import type { Command } from 'commander';
import { benchGroup } from '../bench/group.ts';
import type { MarketBenchmark } from '../bench/market.ts';
import type { CpuTiming } from '../bench/measure.ts';
import type { Terminal } from '../io.ts';
import { table } from '../table.ts';
import { runsOf } from './bench-proofs.ts';

/** Adds `velum bench market`. */
export function addBenchMarketCommand(program: Command, terminal: Terminal): void {
  benchGroup(program)
    .command('market')
    .description('Auctions beside an order book that takes the same orders; heights of a full market.')
    .option('--runs <n>', 'calls of each; the median counts', runsOf, 7)
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      `
Example:
  velum bench market --runs 3
Auctions of 1,000 to 100,000 orders, heights of 1,000 accounts × 16 instruments, and how the time of an auction grows
beside that of one sort of the same orders. Medians of one call in milliseconds, by the clock and by the processor: on a machine that others use
too only the second one compares. A peer's "times" above 1: it takes that much longer.`,
    )
    .action(async ({ runs, json }: { runs: number; json: boolean }) => {
      const { benchMarket } = await import('../bench/market.ts');
      const onProgress = (what: string): void => {
        if (terminal.isErrTty) void terminal.err(`measuring ${what} …\n`);
      };
      const measured = await benchMarket({ runs, onProgress });
      const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
      await terminal.out(json ? `${JSON.stringify({ machine, ...measured })}\n` : report(measured));
    });
}

function report({ results, slope, missing }: MarketBenchmark): string {
  const right = 'right' as const;
  const head = ['what', 'ms', 'cpu ms', 'beside', 'ms', 'cpu ms', 'times'];
  return `${[
    ...table([head, ...results.map(rowOf)], ['left', right, right, 'left', right, right, right], 0),
    '',
    'Processor time ~ n^e from 1,000 to 100,000 orders:',
    `  an auction e = ${slope.auction}, one sort of the same orders ${slope.sort}, n log n on paper ${slope.nLogN}`,
    ...missing.map((peer) => `not measured: ${peer}`),
  ].join('\n')}\n`;
}

function rowOf({ name, medianMs, cpuMs, peer }: CpuTiming): string[] {
  const own = [name, medianMs.toFixed(1), cpuMs.toFixed(1)];
  if (peer === undefined) return own;
  return [...own, peer.name, peer.medianMs.toFixed(1), peer.cpuMs.toFixed(1), peer.ratio.toFixed(2)];
}
