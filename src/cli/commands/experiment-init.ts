import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { FileError } from '../../base/errors.ts';
import { CliError } from '../errors.ts';
import { checkOutFiles, writeWholeFile } from '../files.ts';
import { readTextFile, type Terminal } from '../io.ts';
import { PACKAGE_ROOT } from '../package-root.ts';

/** Adds `velum experiment init`. */
export function addExperimentInitCommand(experiment: Command, terminal: Terminal): void {
  experiment
    .command('init')
    .description(
      'Writes an experiment of your own to begin with: commented, and it runs as it is in seconds.',
    )
    .argument('[file]', 'a new file that ends with .ts or .mts', 'mine.ts')
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', HELP)
    .action((file: string, flags: { readonly json: boolean }) => init(file, flags, terminal));
}

const HELP = `
Example:
  velum experiment init mine.ts && velum experiment run ./mine.ts
docs/OWN-EXPERIMENTS.md goes on from there. A file that is there already is not touched.
Exit codes: 0 written, 2 the file is there or cannot be written.`;

const TEMPLATE = join(PACKAGE_ROOT, 'examples/own-experiment.ts');
const MAX_TEMPLATE_BYTES = 1 << 16;

async function init(file: string, { json }: { readonly json: boolean }, terminal: Terminal): Promise<void> {
  if (!/\.m?ts$/.test(file))
    throw new CliError('USAGE', `${file}: a name that ends with .ts or .mts is expected`);
  const path = resolve(terminal.cwd, file);
  await checkOutFiles(terminal.cwd, path);
  if (existsSync(path))
    throw new FileError('OUT_EXISTS', `${file} is there already: name another file`, { path });
  await writeWholeFile(path, await readTextFile(TEMPLATE, MAX_TEMPLATE_BYTES));
  const command = `velum experiment run ${/[/\\]/.test(file) ? file : `./${file}`}`;
  await terminal.out(json ? `${JSON.stringify({ file, command })}\n` : `wrote ${file}; next: ${command}\n`);
}
