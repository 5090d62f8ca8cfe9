import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { RowDifference } from '../../experiments/rerun.ts';
import { CliError } from '../errors.ts';
import { OWN_FILES, ownExperiments } from '../experiment/own-files.ts';
import { WORKER_ENTRY } from '../experiment/worker-entry.ts';
import type { Terminal } from '../io.ts';
import { wholeNumber } from '../whole-number.ts';

interface VerifyFlags {
  readonly sample: number;
  readonly file?: readonly string[];
  readonly json: boolean;
}

/** Adds `velum experiment verify`. */
export function addExperimentVerifyCommand(experiment: Command, terminal: Terminal): void {
  experiment
    .command('verify')
    .description('Runs a random sample of the jobs of finished runs again and compares the rows.')
    .argument('<dir>', 'the --out of a run, or a directory that holds several')
    .option('--sample <n>', 'jobs of each run, drawn at random', wholeNumber(1, 1_000_000), 10)
    .option(...OWN_FILES)
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', HELP)
    .action((dir: string, flags: VerifyFlags) => verify(dir, flags, terminal));
}

const HELP = `
Examples:
  velum experiment verify out/own-experiments/mine --file ./mine.ts
  velum experiment run e2 --quick && velum experiment verify out/experiments-quick --sample 20
A job is a point of the grid with a seed. Columns that a clock measured are not compared. Rows of another version of the program
are compared as well: it is named.
Exit codes: 0 all rows came out again, 1 some did not, 2 the directory holds no run, 70 a job failed.`;

async function verify(dir: string, { sample, json, file }: VerifyFlags, terminal: Terminal): Promise<void> {
  const { readRuns } = await import('../experiment/run-files.ts');
  const { jobsOfRun, rerun } = await import('../../experiments/rerun.ts');
  const { changeSentence, isChanged } = await import('../../experiments/changed-grid.ts');
  const { programHash } = await import('../../experiments/program-hash.ts');
  const program = programHash();
  const runs = [];
  for (const run of await readRuns(resolve(terminal.cwd, dir), await ownExperiments(terminal.cwd, file))) {
    const all = jobsOfRun(run);
    const differences = await rerun(run, drawn(all, sample), WORKER_ENTRY);
    runs.push({
      id: run.experiment.id,
      set: run.set,
      isOwn: run.place.own !== undefined,
      jobs: all.length,
      sampled: Math.min(sample, all.length),
      isSameProgram: run.record.program === program,
      differences,
    });
  }
  if (json) await terminal.out(`${JSON.stringify({ runs })}\n`);
  else {
    const lines = runs.flatMap(({ id, set, isOwn, jobs, sampled, isSameProgram, differences }) => [
      `${id}: ${sampled} of ${jobs} jobs ran again, ${differences.length === 0 ? 'all rows came out again' : `${differences.length} came out otherwise`}` +
        `${isChanged(set) ? `; its ${changeSentence(set, isOwn)}` : ''}` +
        `${isSameProgram ? '' : ' (the run is of another version of the program)'}`,
      ...differences.flatMap(linesOf),
    ]);
    await terminal.out(`${lines.join('\n')}\n`);
  }
  const count = runs.reduce((sum, { differences }) => sum + differences.length, 0);
  if (count > 0)
    throw new CliError('ROWS_DIFFER', `${count} ${count === 1 ? 'job' : 'jobs'} came out otherwise`, {
      isTold: true,
    });
}

const linesOf = ({ point, seed, published, found }: RowDifference): string[] => [
  `  ${JSON.stringify(point)}, seed ${seed}`,
  `    published: ${JSON.stringify(published)}`,
  `    now:       ${JSON.stringify(found)}`,
];

/** So many of a list, each subset equally likely, in the list's order. */
function drawn<T>(list: readonly T[], count: number): T[] {
  const places = list.map((_, i) => i);
  for (let i = 0; i < Math.min(count, list.length); i++) {
    const j = randomInt(i, list.length);
    [places[i], places[j]] = [places[j]!, places[i]!];
  }
  return places
    .slice(0, count)
    .sort((a, b) => a - b)
    .map((i) => list[i]!);
}
