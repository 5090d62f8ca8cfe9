import { join, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { quotedWord } from '../../base/quoted-word.ts';
import type { Shard } from '../../experiments/journal.ts';
import type { RunOptions } from '../../experiments/run.ts';
import { CliError } from '../errors.ts';
import { openRunProgress } from '../experiment/run-progress.ts';
import { WORKER_ENTRY } from '../experiment/worker-entry.ts';
import { checkOutFiles, writeWholeFile } from '../files.ts';
import type { Terminal } from '../io.ts';
import { QUEUE_HELP, type QueueFlags, queueOf, withQueueOptions } from '../queue/options.ts';
import { wrap } from '../table.ts';
import { packageVersion } from '../version.ts';
import { wholeNumber } from '../whole-number.ts';

interface RunFlags extends QueueFlags {
  readonly seeds?: number;
  readonly seedFrom?: number;
  readonly set?: readonly string[];
  readonly quick: boolean;
  readonly out?: string;
  readonly jobs?: number;
  readonly shard?: Shard;
  readonly fresh: boolean;
  readonly json: boolean;
}

/** Adds `velum experiment run`. */
export function addExperimentRunCommand(experiment: Command, terminal: Terminal): void {
  const command = experiment
    .command('run')
    .description('Runs one experiment: results.json, results.csv, columns.csv, run.json, plot.svg.')
    .argument('<id>', 'e1, e2, … (velum experiment list), or a file of your own: ./mine.ts, ./mine.mjs')
    .option('--seeds <n>', "how many seeds (default: the experiment's own number)", wholeNumber(1, 100_000))
    .option('--seed-from <n>', 'the first of them (default: 1)', wholeNumber(1, 1_000_000_000))
    .option(
      '--set <column=values>',
      'other values for a column of the grid, commas between; again for another',
      collected,
    )
    .option('--quick', 'a part of the grid and fewer seeds: under a minute', false)
    .option(
      '--out <dir>',
      'where the files go (default: out/experiments/ID, out/experiments-quick/ID, with --set out/experiments-changed/ID)',
    )
    .option('--jobs <n>', 'worker processes (default: one a core)', wholeNumber(1, 256))
    .option(
      '--shard <i/n>',
      'only part I of N of the jobs, from 1; velum experiment merge makes one run of all',
      shardOf,
    );
  withQueueOptions(
    command,
    'workers of this queue run the jobs (velum worker), not processes of this machine',
  )
    .option('--fresh', 'start over instead of going on from what an earlier run left', false)
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', HELP)
    .action((id: string, flags: RunFlags) => run(id, flags, terminal));
}

/** What stands in the folder afterwards, beside the journal. */
const RESULT_FILES = ['results.json', 'results.csv', 'columns.csv', 'run.json', 'plot.svg'];

const HELP = `
Example:
  velum experiment run e2 --seeds 40 --seed-from 1001 --out e2 && velum experiment report e2
  velum experiment run e2 --quick --set n=4,13 --set scheduler=adversary --seeds 100 --seed-from 1000
  velum experiment run e2 --shard 1/2 --out part-1 && velum experiment run e2 --shard 2/2 --out part-2
  velum worker --queue redis://127.0.0.1 && velum experiment run e2 --seeds 1000 --queue redis://127.0.0.1
  velum experiment init mine.ts && velum experiment run ./mine.ts
A file of your own exports defineExperiment(…) of velum/experiments by default (docs/OWN-EXPERIMENTS.md). It is code: it may do what you may.
--set keeps every other column of the grid as it is. The grid that ran stands in results.json and run.json, and nothing takes such a
run for the published experiment.
A hypothesis is judged over all seeds and in 20 disjoint sets of them: with fewer than 20 seeds nothing is decided.
Ctrl-C keeps what is done and says how to go on; a second one does not wait for that. Equal seeds give the same bytes in results.json;
what a clock measured is in run.json and results.csv. Where a clock is read, one worker runs alone. e7 and e8 read one price table,
prices.json beside their directories: the first of them to run measures it; delete it to measure anew.
With --queue any number of machines takes the jobs (velum worker --help); results.json and results.csv are the same bytes.
${QUEUE_HELP}
Exit codes: 0 it ran, whether its hypotheses held or not; 1 the queue cannot be reached, or what its workers say is no result;
2 wrong options or directory; 70 a job failed; 130 Ctrl-C, 143 SIGTERM.`;

function shardOf(text: string): Shard {
  const [, index, count] = (/^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []).map(Number);
  if (index !== undefined && count !== undefined && index >= 1 && index <= count) return { index, count };
  throw new InvalidArgumentError('I/N is expected, I from 1 to N.');
}

const collected = (text: string, earlier: readonly string[] = []): string[] => [...earlier, text];

async function run(name: string, flags: RunFlags, terminal: Terminal): Promise<void> {
  const { JOURNAL_FILE } = await import('../../experiments/journal.ts');
  const { changeSentence, isChanged, parseGridChange, withGrid } = await import(
    '../../experiments/changed-grid.ts'
  );
  const { namedExperiment } = await import('../experiment/named-experiment.ts');
  const { readsClock, runExperiment } = await import('../../experiments/run.ts');
  const { sourceCommit } = await import('../../experiments/source-commit.ts');
  const queue = await queueOf(terminal, flags);
  if (queue !== undefined && flags.jobs !== undefined)
    throw new CliError('USAGE', '--jobs is of this machine, and --queue of others: leave one out');
  const { experiment: unchanged, place } = await namedExperiment(terminal.cwd, name);
  if (queue !== undefined && readsClock(unchanged))
    throw new CliError(
      'USAGE',
      `runs of ${unchanged.id} read a clock: leave out --queue, and one worker runs alone`,
    );
  const set = parseGridChange(unchanged, flags.set ?? []);
  const experiment = withGrid(unchanged, set);
  const { quick, jobs, fresh, json } = flags;
  const seeds = {
    ...(flags.seedFrom === undefined ? {} : { from: flags.seedFrom }),
    ...(flags.seeds === undefined ? {} : { count: flags.seeds }),
  };
  const folder = `${place.own === undefined ? '' : 'own-'}experiments${isChanged(set) ? '-changed' : ''}${quick ? '-quick' : ''}`;
  const part = flags.shard === undefined ? '' : `-${flags.shard.index}-of-${flags.shard.count}`;
  const out = flags.out ?? join('out', folder, `${experiment.id}${part}`);
  const dir = resolve(terminal.cwd, out);
  await checkOutFiles(dir, ...RESULT_FILES);
  const command = commandOf(place.own === undefined ? experiment.id : quotedWord(name), flags);
  const resume = [
    command,
    ...(flags.out === undefined ? [] : ['--out', quotedWord(flags.out)]),
    ...(jobs === undefined ? [] : ['--jobs', `${jobs}`]),
    ...(queue === undefined ? [] : ['--queue', queue.shown, ...queueWords(flags)]),
    ...(json ? ['--json'] : []),
  ].join(' ');
  const progress = openRunProgress(terminal, join(out, JOURNAL_FILE), resume);
  const options: RunOptions = {
    experiment,
    place,
    quick,
    set,
    fresh,
    dir,
    version: packageVersion(),
    source: sourceCommit(),
    seeds,
    workerEntry: WORKER_ENTRY,
    command,
    onProgress: progress.update,
    ...(jobs === undefined ? {} : { jobs }),
    ...(flags.shard === undefined ? {} : { shard: flags.shard }),
  };
  const running =
    queue === undefined
      ? runExperiment(options)
      : (await import('../queue/run-on-queue.ts')).runOnQueue(options, queue, terminal);
  const finished = await running.finally(progress.stop);
  for (const { name: file, text } of finished.files) await writeWholeFile(join(dir, file), text);
  if (finished.results === undefined) {
    const { index, count } = flags.shard!;
    const said = { id: experiment.id, set, shard: { index, count }, jobs: finished.jobs };
    return terminal.out(
      json
        ? `${JSON.stringify(said)}\n`
        : `part ${index} of ${count} of ${experiment.id}: ${finished.jobs} jobs are done in ${out}; when all parts are, put them together: velum experiment merge\n`,
    );
  }
  const { id, hypotheses, rows } = finished.results;
  if (json) {
    const verdicts = hypotheses.map(({ timed: _, ...verdict }) => verdict);
    return terminal.out(`${JSON.stringify({ id, set, hypotheses: verdicts, rows })}\n`);
  }
  const lines = [
    `${experiment.title} (${id}), ${rows.length} rows${finished.resumed > 0 ? `, ${finished.resumed} jobs were done before` : ''}`,
    ...wrap(experiment.question, 98, 2),
    ...(isChanged(set) ? wrap(`The ${changeSentence(set, place.own !== undefined)}.`, 98, 2) : []),
    ...hypotheses.flatMap(({ text, verdict, reason, control }) =>
      wrap(`${verdict.toUpperCase()}: ${control ? '(control) ' : ''}${text} (${reason})`, 98, 2),
    ),
    `wrote ${out}: ${finished.files.map(({ name: file }) => file).join(', ')}`,
  ];
  await terminal.out(`${lines.join('\n')}\n`);
}

/** How a run goes on with the same queue: a password is not repeated. */
const queueWords = ({ queueCa, queuePasswordFile }: QueueFlags): string[] => [
  ...(queueCa === undefined ? [] : ['--queue-ca', quotedWord(queueCa)]),
  ...(queuePasswordFile === undefined ? [] : ['--queue-password-file', quotedWord(queuePasswordFile)]),
];

const commandOf = (id: string, { quick, set = [], seeds, seedFrom, shard }: RunFlags): string =>
  [
    `velum experiment run ${id}`,
    ...(quick ? ['--quick'] : []),
    ...set.flatMap((each) => ['--set', quotedWord(each)]),
    ...(shard === undefined ? [] : [`--shard ${shard.index}/${shard.count}`]),
    ...(seeds === undefined ? [] : [`--seeds ${seeds}`]),
    ...(seedFrom === undefined ? [] : [`--seed-from ${seedFrom}`]),
  ].join(' ');
