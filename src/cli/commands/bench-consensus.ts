import { cpus } from 'node:os';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { ConsensusBenchmark, ConsensusCell } from '../bench/consensus.ts';
import { consensusChart } from '../bench/consensus-chart.ts';
import { benchGroup } from '../bench/group.ts';
import { checkOutFiles, writeWholeFile } from '../files.ts';
import type { Terminal } from '../io.ts';
import { table } from '../table.ts';

interface BenchFlags {
  readonly json: boolean;
  readonly svg?: string;
}

/** Adds `velum bench consensus` to `velum bench`. */
export function addBenchConsensusCommand(program: Command, terminal: Terminal): void {
  benchGroup(program)
    .command('consensus')
    .description(
      'The common subsets beside hbbft at the same n, payload, delay and faults, and beside PBFT, HotStuff, FIN and Alea; the simulator’s speed; what an item costs.',
    )
    .option('--json', 'print one JSON object', false)
    .option('--svg <file>', 'write the ratios as a chart')
    .addHelpText(
      'after',
      `
Example:
  velum bench consensus --svg consensus.svg
Bytes are bytes received in the frame encoding, without TCP or Noise; messages are protocol messages, votes singly.
hbbft's figures are of its own simulation and include threshold encryption: one delay and n - 1 messages.
The second table is of proposals of 256 bytes over links of 100 ms, means over as many heights as validators; see src/consensus/README.md for
what of it compares: a height of PBFT and HotStuff puts out one proposal, one of FIN and Alea n - f, and Alea's come out one after the other.
An item costs a validator its announcements and the pull of a copy: bytes sent and received, beside what a model with announcements of
an id alone had given.
The simulator's speed is given by the clock and by the processor: on a shared machine only the second one compares.`,
    )
    .action((flags: BenchFlags) => run(flags, terminal));
}

async function run({ json, svg }: BenchFlags, terminal: Terminal): Promise<void> {
  await checkOutFiles(terminal.cwd, svg);
  const { benchConsensus } = await import('../bench/consensus.ts');
  const result = await benchConsensus((what) => {
    if (terminal.isErrTty) void terminal.err(`measuring ${what} …\n`);
  });
  if (svg !== undefined) await writeWholeFile(resolve(terminal.cwd, svg), consensusChart(result));
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
  await terminal.out(json ? `${JSON.stringify({ machine, ...result })}\n` : report(result));
}

function report({ cells, field, speeds, items }: ConsensusBenchmark): string {
  const right = 'right' as const;
  const rows = [
    ['acs', 'n', 'crashed', 'payload', 'delay', 'what', 'ours', 'hbbft', 'ratio'],
    ...cells.map(rowOf),
  ];
  const fieldHead = ['acs', 'n', 'crashed', 'outputs', 'messages', 'frames', 'bytes', 'bytes an output'];
  const fieldTable = [
    [...fieldHead, 'delays', 'ms', 'coins'],
    ...field.map((row) => [
      ...[row.acs, String(row.n), String(row.faulty), row.outputs.toFixed(1)],
      ...[row.messages, row.frames, row.bytes, row.bytesPerOutput].map((each) => each.toFixed(0)),
      ...[row.delays.toFixed(1), row.ms.toFixed(0), row.coins.toFixed(2)],
    ]),
  ];
  const speedRows = [
    ['simulator, n', 'heights', 'messages', 'a second', 'a CPU second', 'MiB early', 'MiB late'],
    ...speeds.map(({ n, heights, messages, messagesPerSecond, messagesPerCpuSecond, earlyMiB, lateMiB }) =>
      [
        n,
        heights,
        messages,
        messagesPerSecond,
        messagesPerCpuSecond,
        earlyMiB.toFixed(1),
        lateMiB.toFixed(1),
      ].map(String),
    ),
  ];
  const itemRows = [
    [
      'an item, n',
      'sent to',
      'bytes a validator',
      'expected',
      'delays to be listable',
      'pulled bytes by those needed',
    ],
    ...items.map(({ n, sentTo, bytes, expected, delays, pulledByNeeded }) =>
      [n, sentTo, bytes.toFixed(0), expected ?? '', delays, pulledByNeeded?.toFixed(2) ?? ''].map(String),
    ),
  ];
  return [
    ...table(rows, ['left', right, right, right, 'left', 'left', right, right, right], 0),
    '',
    ...table(
      fieldTable,
      fieldTable[0]!.map((_, i) => (i === 0 ? 'left' : right)),
      0,
    ),
    '',
    ...table(
      speedRows,
      speedRows[0]!.map(() => right),
      0,
    ),
    '',
    ...table(
      itemRows,
      itemRows[0]!.map(() => right),
      0,
    ),
    '',
  ].join('\n');
}

function rowOf({ acs, n, faulty, payloadBytes, delay, what, ours, hbbft, ratio }: ConsensusCell): string[] {
  const own = [acs, String(n), String(faulty), String(payloadBytes), delay, what, ours.toFixed(0)];
  return ratio === undefined ? own : [...own, String(hbbft), ratio.toFixed(3)];
}
