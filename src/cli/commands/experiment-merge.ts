import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { FileError } from '../../base/errors.ts';
import { quotedWord } from '../../base/quoted-word.ts';
import { OWN_FILES, ownExperiments } from '../experiment/own-files.ts';
import { checkOutFiles, writeWholeFile } from '../files.ts';
import type { Terminal } from '../io.ts';
import { table } from '../table.ts';

interface MergeFlags {
  readonly out: string;
  readonly file?: readonly string[];
  readonly json: boolean;
}

/** Adds `velum experiment merge`. */
export function addExperimentMergeCommand(experiment: Command, terminal: Terminal): void {
  experiment
    .command('merge')
    .description('Makes one run of its parts (run --shard I/N): the same results as those of one run.')
    .argument('<dirs...>', 'the --out of each part')
    .requiredOption('--out <dir>', 'a folder that holds no run yet')
    .option(...OWN_FILES)
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', HELP)
    .action((dirs: readonly string[], flags: MergeFlags) => merge(dirs, flags, terminal));
}

const HELP = `
Example:
  velum experiment merge part-1 part-2 --out out/merged && velum experiment report out/merged
results.json and results.csv are those of one run, byte by byte, but for what a clock measured; run.json lists the parts and where each ran.
Refused: a part that is missing, parts of another version, grid, seeds or file, and parts that found different rows for one job.
Exit codes: 0 written, 2 the parts do not make a run.`;

async function merge(
  dirs: readonly string[],
  { out, file, json }: MergeFlags,
  terminal: Terminal,
): Promise<void> {
  const { readShard } = await import('../experiment/run-files.ts');
  const { mergeShards } = await import('../../experiments/merge.ts');
  const { resultFiles } = await import('../../experiments/run.ts');
  const { programHash } = await import('../../experiments/program-hash.ts');
  const { talliesOf } = await import('../../experiments/verdicts.ts');
  const dir = resolve(terminal.cwd, out);
  await checkOutFiles(dir, 'results.json', 'run.json');
  if (['results.json', 'shard.json', 'jobs.jsonl'].some((name) => existsSync(join(dir, name))))
    throw new FileError('OUT_EXISTS', `${out} holds a run: choose another folder`, { path: dir });
  const own = await ownExperiments(terminal.cwd, file);
  const shards = [];
  for (const each of dirs) shards.push(await readShard(resolve(terminal.cwd, each), own));
  const { experiment } = shards[0]!;
  const command = ['velum experiment merge', ...dirs.map(quotedWord)].join(' ');
  const { results, head } = mergeShards(experiment, shards, programHash(), command);
  const files = await resultFiles(experiment, results, head);
  for (const { name, text } of files) await writeWholeFile(join(dir, name), text);
  const { claims, controls } = talliesOf(results.hypotheses);
  const { id, set, rows } = results;
  await terminal.out(
    json
      ? `${JSON.stringify({ id, set, parts: shards.length, rows: rows.length })}\n`
      : `${table([[id, `hypotheses: ${claims}; controls: ${controls}`]]).join('\n')}\nwrote ${out}: ${files.map(({ name }) => name).join(', ')}\n`,
  );
}
