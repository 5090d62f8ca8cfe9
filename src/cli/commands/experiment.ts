import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { OWN_FILES, ownExperiments } from '../experiment/own-files.ts';
import { checkOutFiles, writeWholeFile } from '../files.ts';
import type { Terminal } from '../io.ts';
import { table, wrap } from '../table.ts';
import { addExperimentInitCommand } from './experiment-init.ts';
import { addExperimentLoadCommand } from './experiment-load.ts';
import { addExperimentMergeCommand } from './experiment-merge.ts';
import { addExperimentRunCommand } from './experiment-run.ts';
import { addExperimentVerifyCommand } from './experiment-verify.ts';

/** Adds `velum experiment`. */
export function addExperimentCommand(program: Command, terminal: Terminal): void {
  const experiment = program
    .command('experiment')
    .description(
      'Measures the claims of the field and draws them: reproducible, with a verdict on each hypothesis.',
    )
    .helpCommand(false)
    .addHelpText('after', HELP);
  experiment
    .command('list')
    .description('Lists the experiments: question, hypotheses, size.')
    .option('--json', 'print one JSON array', false)
    .addHelpText('after', '\nExample:\n  velum experiment list')
    .action((flags: { readonly json: boolean }) => list(flags, terminal));
  addExperimentInitCommand(experiment, terminal);
  addExperimentRunCommand(experiment, terminal);
  addExperimentMergeCommand(experiment, terminal);
  addExperimentVerifyCommand(experiment, terminal);
  addExperimentLoadCommand(experiment, terminal);
  experiment
    .command('report')
    .description(
      'Writes report.html: one page with interactive charts, tables and verdicts; it needs no network.',
    )
    .argument('<dir>', 'the --out of a run, or a directory that holds several')
    .option(...OWN_FILES)
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      '\nExamples:\n  velum experiment report out/experiments\n  velum experiment report out/own-experiments/mine --file ./mine.ts',
    )
    .action((dir: string, flags: ReportFlags) => report(dir, flags, terminal));
}

const HELP = `
Example:
  velum experiment run e2 --quick && velum experiment report out/experiments-quick`;

async function list({ json }: { readonly json: boolean }, terminal: Terminal): Promise<void> {
  const { EXPERIMENTS } = await import('../../experiments/registry.ts');
  const { jobsOf } = await import('../../experiments/define.ts');
  const entries = EXPERIMENTS.map((experiment) => ({
    id: experiment.id,
    title: experiment.title,
    question: experiment.question,
    hypotheses: experiment.hypotheses.map(({ text, isControl = false }) => ({ text, control: isControl })),
    columns: experiment.columns,
    seeds: experiment.seeds,
    jobs: jobsOf(experiment, false).length,
    quickJobs: jobsOf(experiment, true).length,
  }));
  if (json) return terminal.out(`${JSON.stringify(entries)}\n`);
  const lines = entries.flatMap(({ id, title, question, hypotheses, jobs, quickJobs }) => [
    ...table([[id, title, `${jobs} jobs, quick ${quickJobs}`]], [], 0),
    ...wrap(question, 98, 4),
    ...hypotheses.flatMap(({ text, control }) => wrap(`${control ? '= control: ' : '? '}${text}`, 98, 4)),
    '',
  ]);
  await terminal.out(`${lines.join('\n')}\n`);
}

interface ReportFlags {
  readonly file?: readonly string[];
  readonly json: boolean;
}

async function report(dir: string, { json, file }: ReportFlags, terminal: Terminal): Promise<void> {
  const { readRuns } = await import('../experiment/run-files.ts');
  const { reportPage } = await import('../../experiments/report.ts');
  const { changeText, isChanged } = await import('../../experiments/changed-grid.ts');
  const { talliesOf } = await import('../../experiments/verdicts.ts');
  const runs = await readRuns(resolve(terminal.cwd, dir), await ownExperiments(terminal.cwd, file));
  const path = join(dir, 'report.html');
  await checkOutFiles(terminal.cwd, path);
  await writeWholeFile(resolve(terminal.cwd, path), await reportPage(runs));
  const summary = runs.map(({ experiment, set, hypotheses }) => ({
    id: experiment.id,
    set,
    hypotheses: hypotheses.map(({ timed: _, ...verdict }) => verdict),
  }));
  if (json) return terminal.out(`${JSON.stringify({ report: path, experiments: summary })}\n`);
  const lines = summary.map(({ id, set, hypotheses }) => {
    const { claims, controls } = talliesOf(hypotheses);
    const grid = isChanged(set) ? ` (another grid: ${changeText(set)})` : '';
    return [id, `hypotheses: ${claims}; controls: ${controls}${grid}`];
  });
  await terminal.out(`${[`wrote ${path}`, ...table(lines)].join('\n')}\n`);
}
