import { cpus } from 'node:os';
import { type Command, Option } from 'commander';
import { benchGroup } from '../bench/group.ts';
import type { NodeBenchmark } from '../bench/node.ts';
import type { LoadBenchmark } from '../bench/node-load.ts';
import type { Interval } from '../bench/node-statistics.ts';
import type { Terminal } from '../io.ts';
import { table } from '../table.ts';
import { wholeNumber } from '../whole-number.ts';

interface BenchFlags {
  readonly validators?: number;
  readonly delayMs?: number;
  readonly heights?: number;
  readonly load?: number;
  readonly minutes: number;
  readonly json: boolean;
}

/** Timings of each price of the model. */
const MODEL_TIMINGS = 10;

/** Adds `velum bench node`. */
export function addBenchNodeCommand(program: Command, terminal: Terminal): void {
  benchGroup(program)
    .command('node')
    .description('Validators as processes: from the submission of 10 batches to their settlement.')
    .option('--validators <n>', 'only committees of this size (default: 4 and 7)', wholeNumber(1, 16))
    .option(
      '--delay-ms <ms>',
      'only this one-way delay between nodes (default: 0 and 50)',
      wholeNumber(0, 1_000),
    )
    .option(
      '--heights <n>',
      'groups of 10 batches that are measured (default: 50 with up to 4 validators, 10 with more)',
      wholeNumber(1, 1_000),
    )
    .addOption(
      new Option(
        '--load [batches]',
        'so many batches at once (default: 1000), then half of the rate that was reached; 4 nodes, no delay',
      )
        .preset('1000')
        .argParser(wholeNumber(1, 1_000)),
    )
    .option(
      '--minutes <m>',
      'how long --load may take: what is not proved in time is not handed in',
      wholeNumber(4, 60),
      5,
    )
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      `
Examples:
  velum bench node --json
  velum bench node --validators 4 --delay-ms 50 --heights 10
  velum bench node --load --json
All nodes run on this machine and share its cores. 10 batches are submitted together to every node of an idle chain; their proofs are made before.
The time is to the last node's settlement. Percentiles have 95 % intervals. The first five groups after the start are told apart. Beside it stands the
model of experiment e7 for nodes that share this machine's cores. The default has four cases and takes about nine minutes on two idle cores.
With --load: how many sealed batches a second are admitted and settled where more are handed in than the nodes bear, in how many heights 1,000 are settled that
are handed in at once (a window has 7 heights, a ballot lists 64 batches; what is left is made anew), what of the processor that took, and the time to
settlement at half of that rate.`,
    )
    .action((flags: BenchFlags) => run(flags, terminal));
}

async function run(flags: BenchFlags, terminal: Terminal): Promise<void> {
  const { validators, delayMs, heights, json } = flags;
  if (flags.load !== undefined) return runLoad(flags, terminal);
  const { benchNode } = await import('../bench/node.ts');
  const onProgress = (what: string): void => {
    if (terminal.isErrTty) void terminal.err(`${what}\n`);
  };
  const { pricesFor } = await import('../../experiments/measure-prices.ts');
  const results: NodeBenchmark[] = [];
  const sizes = validators === undefined ? [4, 7] : [validators];
  onProgress('what a height takes, for the model');
  const { BATCHES } = await import('../bench/node-traders.ts');
  const heightsOf = sizes.map((n) => ({ n, batches: BATCHES, crashes: false }));
  const measured = await pricesFor(heightsOf, MODEL_TIMINGS);
  for (const n of sizes)
    for (const delay of delayMs === undefined ? [0, 50] : [delayMs]) {
      const count = heights ?? (n <= 4 ? 50 : 10);
      results.push(await benchNode({ validators: n, delayMs: delay, heights: count, measured, onProgress }));
    }
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
  await terminal.out(json ? `${JSON.stringify({ machine, results })}\n` : results.map(report).join('\n'));
}

async function runLoad(
  { validators = 4, delayMs = 0, load = 0, minutes, json }: BenchFlags,
  terminal: Terminal,
): Promise<void> {
  const { benchLoad } = await import('../bench/node-load.ts');
  const onProgress = (what: string): void => void terminal.err(`${what}\n`);
  const found = await benchLoad({ validators, delayMs, batches: load, minutes, onProgress });
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
  await terminal.out(json ? `${JSON.stringify({ machine, load: found })}\n` : loadReport(found));
}

function loadReport({ rounds, half, parts, cpuMs, coresUsed, ...found }: LoadBenchmark): string {
  const rows = [
    [`${found.validators} nodes, ${found.delayMs} ms: ${found.batches} batches at once`, ''],
    ...rounds.map(({ submitted, admittedS, settled, settledS, heights }, i) => [
      `round ${i + 1}: ${submitted} submitted, admitted by all after, s`,
      `${admittedS}; ${settled} settled in ${heights} heights, ${settledS} s`,
    ]),
    ['heights until all were settled', `${found.heights ?? 'time was up before'}`],
    ['admitted a second', `${found.admittedPerS}`],
    ['settled a second', `${found.settledPerS}`],
    ['share of the machine’s cores that the nodes had', `${coresUsed ?? '?'}`],
    ...Object.entries(cpuMs ?? {}).map(([name, ms]) => [`CPU of all nodes a batch, ${name}, ms`, `${ms}`]),
    ...Object.entries(parts).map(([part, ms]) => [`  a height, ${part}, ms`, `${ms}`]),
    [
      `p50 at half of it, ${half.batchesPerS} batches a second, ms`,
      half.settled === null ? '?' : shown(half.settled.p50Ms),
    ],
    [
      `p99 of ${half.batches}, of which ${half.passed} passed their window, ms`,
      half.settled === null ? '?' : shown(half.settled.p99Ms),
    ],
    ['the whole, s', `${found.seconds}`],
  ];
  return `${table(rows, ['left', 'right'], 0).join('\n')}\n`;
}

const shown = ({ value, from, to }: Interval): string => `${value} [${from}, ${to ?? '?'}]`;

function report(found: NodeBenchmark): string {
  const { validators, delayMs, groups, batches, parts, cpuMs, turns, steady } = found;
  const rows = [
    [`${validators} nodes, ${delayMs} ms`, ''],
    [`p50 of ${groups} times ${batches} batches, ms`, shown(found.settled.p50Ms)],
    ['p99, ms', shown(found.settled.p99Ms)],
    ['p50 to the settlement of a quorum, ms', shown(found.quorumSettled.p50Ms)],
    ['heights a group', found.heightsPerGroup.toFixed(2)],
    ['until all are ready, ms', `${found.startMs}`],
    ['first groups after the start, ms', found.coldMs.join(' ')],
    ...Object.entries(parts).map(([part, ms]) => [
      `  ${part}${part === found.dominates ? ' (dominates)' : ''}, ms`,
      `${ms}`,
    ]),
    ...Object.entries(cpuMs ?? {}).map(([name, ms]) => [`CPU of all nodes a group, ${name}, ms`, `${ms}`]),
    ['bytes sent by a node a group', `${found.bytesOut}`],
    ['turns of event loops over 50 ms', `${turns.over50ms} of ${turns.count}`],
    ['  by their processor time', `${turns.over50msOfCpu}`],
    ['model of e7 on these cores, at least, ms', `${found.model.settledMs} (measured ${found.model.ratio}×)`],
    ['  at most, with the protocols’ measured work, ms', `${found.model.withProtocolMs ?? '?'}`],
    [`p50 with a group every ${steady.everyMs} ms, ms`, shown(steady.settled.p50Ms)],
    ['p99 with it, ms', shown(steady.settled.p99Ms)],
    ['batches a second with it', `${steady.batchesPerS}`],
  ];
  return `${table(rows as string[][], ['left', 'right'], 0).join('\n')}\n`;
}
