import { join, resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { quotedWord } from '../../base/quoted-word.ts';
import { CliError } from '../errors.ts';
import { openRunProgress } from '../experiment/run-progress.ts';
import { checkOutFiles } from '../files.ts';
import type { Terminal } from '../io.ts';
import { LOAD_PROTOCOLS, type LoadPoint, type LoadProtocol } from '../load/point.ts';
import type { LoadRow } from '../load/row.ts';
import { table } from '../table.ts';
import { packageVersion } from '../version.ts';
import { wholeNumber } from '../whole-number.ts';

interface LoadFlags {
  readonly protocol: readonly LoadProtocol[];
  readonly n: readonly number[];
  readonly batch: readonly number[];
  readonly seconds: number;
  readonly heights?: number;
  readonly delay: string;
  readonly limit: number;
  readonly out: string;
  readonly fresh: boolean;
  readonly json: boolean;
}

const MOST_VALUES = 16;

/** Adds `velum experiment load`. */
export function addExperimentLoadCommand(experiment: Command, terminal: Terminal): void {
  experiment
    .command('load')
    .description(
      'Throughput against latency: validators as processes, streams on loopback, delays of a table.',
    )
    .option(
      '--protocol <names>',
      `of ${LOAD_PROTOCOLS.join(', ')}, commas between`,
      protocolsOf,
      LOAD_PROTOCOLS.filter((name) => name !== 'bkr'),
    )
    .option('--n <sizes>', 'validators, 4 to 16', wholeNumbers(4, 16), [4, 10, 16])
    .option(
      '--batch <sizes>',
      'transactions of 250 bytes under way at once, 1 to 10000',
      wholeNumbers(1, 10_000),
      [10, 100, 1_000, 3_000, 10_000],
    )
    .option('--seconds <s>', 'how long a point is measured, after 2 s that are not', wholeNumber(1, 600), 5)
    .addOption(
      new Option('--heights <h>', 'or how many heights, rounded up to those that are under way at once')
        .argParser(wholeNumber(1, 100_000))
        .conflicts('seconds'),
    )
    .option(
      '--delay <latencies>',
      'one-way latencies: wan (ten cloud regions), none, or a file (docs/OWN-EXPERIMENTS.md)',
      'wan',
    )
    .option(
      '--limit <s>',
      'what a point may take once its processes have met; then it is told as timed out',
      wholeNumber(1, 3_600),
      60,
    )
    .option('--out <dir>', 'where the files go', join('out', 'load'))
    .option('--fresh', 'start over instead of going on from what an earlier run left', false)
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', HELP)
    .action((flags: LoadFlags) => run(flags, terminal));
}

const HELP = `
Examples:
  velum experiment load --n 4 --batch 10,1000 --out out/load-4
  velum experiment load --protocol first-hand --n 4 --batch 100 --heights 20 --delay none --json
Each validator is a process of its own; they agree on one batch after the other, over the streams that validators have (TLS on TCP, on loopback), each message
held back at its sender for the latency of its link, ±10 %. A batch is split among all proposers, or is the leader's; more than 64 KiB a proposal
go into several heights at once. Files: run.json, results.csv, columns.csv (what each column means), plot.svg and plot-2.svg and so on, one for each size.
All share the cores of this machine: coresUsed and limit say where these are what is measured. A clock measures: nothing else should run.
Ctrl-C keeps the points that are done, and the same command goes on from them.
Exit codes: 0 measured, points that were not finished in time are told as such; 2 wrong options or folder; 70 validators that disagree, or a process that ended;
130 Ctrl-C.`;

const wholeNumbers = (least: number, most: number) => (text: string) => {
  const numbers = text.split(',').map(wholeNumber(least, most));
  if (numbers.length <= MOST_VALUES && new Set(numbers).size === numbers.length) return numbers;
  throw new InvalidArgumentError(`At most ${MOST_VALUES} different numbers are expected, commas between.`);
};

function protocolsOf(text: string): LoadProtocol[] {
  const names = text.split(',').map((name) => LOAD_PROTOCOLS.find((each) => each === name));
  const known = names.filter((name) => name !== undefined);
  if (known.length === names.length && new Set(known).size === known.length) return known;
  throw new InvalidArgumentError(`Names of ${LOAD_PROTOCOLS.join(', ')} are expected, commas between.`);
}

async function run(flags: LoadFlags, terminal: Terminal): Promise<void> {
  const { LOAD_FILES, LoadRun, settingsOf } = await import('../load/run.ts');
  const { loadPlaces } = await import('../load/latencies.ts');
  const { programHash } = await import('../../experiments/program-hash.ts');
  const { out, json, limit, seconds, heights, fresh } = flags;
  const dir = resolve(terminal.cwd, out);
  await checkOutFiles(dir, ...LOAD_FILES);
  const settings = settingsOf({
    version: packageVersion(),
    program: programHash(),
    delay: await loadPlaces(terminal.cwd, flags.delay),
    extent: heights === undefined ? { seconds } : { heights },
    limitS: limit,
  });
  const command = commandOf(flags);
  const load = await LoadRun.open(dir, settings, { command, fresh });
  const points = flags.n.flatMap((n) =>
    flags.protocol.flatMap((protocol) => flags.batch.map((batch): LoadPoint => ({ protocol, n, batch }))),
  );
  const waiting = points.filter((point) => !load.has(point));
  let done = points.length - waiting.length;
  const resume = [command, '--out', quotedWord(out), ...(json ? ['--json'] : [])].join(' ');
  const progress = openRunProgress(terminal, join(out, 'run.json'), resume);
  progress.update(done, points.length);
  try {
    for (const point of waiting) {
      await load.measure(point);
      done += 1;
      progress.update(done, points.length);
    }
  } finally {
    progress.stop();
  }
  await load.finish();
  const { rows } = load;
  await terminal.out(
    json
      ? `${JSON.stringify({ delay: settings.delay.name, machine: settings.machine, rows })}\n`
      : `${[...report(rows), `wrote ${out}: ${LOAD_FILES.join(', ')}`].join('\n')}\n`,
  );
  const failed = rows.find(({ outcome }) => outcome === 'failed');
  if (failed !== undefined)
    throw new CliError('LOAD_FAILED', `${failed.protocol}, n = ${failed.n}: ${failed.note}`, {
      isTold: true,
    });
}

function report(rows: readonly LoadRow[]): string[] {
  const right = 'right' as const;
  const head = ['protocol', 'n', 'batch', 'tx/s', 'latency, ms', '95 %', 'cores used', 'busy', 'limit'];
  const shown = (value: number | null): string => (value === null ? '' : String(value));
  return table(
    [
      head,
      ...rows.map((row) => [
        row.protocol,
        `${row.n}`,
        `${row.batch}`,
        shown(row.transactionsPerS),
        shown(row.latencyMs),
        shown(row.latencyP95Ms),
        shown(row.coresUsed),
        shown(row.coresBusy),
        row.limit ?? `${row.outcome}: ${row.note}`,
      ]),
    ],
    ['left', right, right, right, right, right, right, right],
    0,
  );
}

const commandOf = ({ protocol, n, batch, seconds, heights, delay, limit }: LoadFlags): string =>
  [
    `velum experiment load --protocol ${protocol.join()} --n ${n.join()} --batch ${batch.join()}`,
    heights === undefined ? `--seconds ${seconds}` : `--heights ${heights}`,
    `--delay ${quotedWord(delay)} --limit ${limit}`,
  ].join(' ');
