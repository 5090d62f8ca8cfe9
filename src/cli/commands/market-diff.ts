import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { printable } from '../../formats/problems.ts';
import { CliError } from '../errors.ts';
import { inputPath } from '../input-file.ts';
import { MARKER_FILE, readTextFile, type Terminal } from '../io.ts';
import { compareResults, type Difference, type ResultFile } from '../market/compare.ts';

const RESULT_BYTES = 1 << 28;
/** Lines of a difference that are printed; --json has all. */
const MAX_LINES = 200;

/** Adds `velum market diff`. */
export function addMarketDiffCommand(market: Command, terminal: Terminal): void {
  market
    .command('diff')
    .argument('<a>', 'a result: the JSON of market simulate or epoch, or a directory with its report.json')
    .argument('<b>', 'another one')
    .description('Compares two results height by height: prices, auctions, events, accounts.')
    .option('--json', 'print one JSON object instead of lines', false)
    .addHelpText('after', HELP)
    .action((a: string, b: string, flags: { json: boolean }) => runDiff(a, b, flags.json, terminal));
}

const HELP = `
Example:
  velum market diff out/before out/after
Prints a line for each value that differs: height, where, a, b. Accounts are compared by trader and account, other lists by
what their rows are about. Two results of one command are compared field by field; a result of epoch and one of simulate by
what both have: prices, auctions, events, unfilled orders, cash, equity and positions of accounts, insurance, fees and pool.
An epoch ends with the last height of its orders: simulate as many with --heights.
With --json prints {"differences": […]}, all of them.
Exit codes: 0 the same, 1 they differ, 2 files missing or no results.`;

async function runDiff(a: string, b: string, json: boolean, terminal: Terminal): Promise<void> {
  const found = compareResults(await readResult(a, terminal.cwd), await readResult(b, terminal.cwd));
  if (json) await terminal.out(`${JSON.stringify({ differences: found })}\n`);
  else {
    const lines = found.slice(0, MAX_LINES).map(lineOf);
    const more = found.length > MAX_LINES ? [`… ${found.length - MAX_LINES} more, see --json`] : [];
    await terminal.out(`${[...(found.length === 0 ? ['The same.'] : lines), ...more].join('\n')}\n`);
  }
  if (found.length > 0) {
    const message = found.length === 1 ? 'one value differs' : `${found.length} values differ`;
    throw new CliError('RESULTS_DIFFER', message, { isTold: true });
  }
}

function lineOf({ height, path, a, b }: Difference): string {
  if (path === '') return `height ${height}: ${a === undefined ? 'not there | there' : 'there | not there'}`;
  const [x, y] = [a, b].map((value) =>
    value === undefined ? 'not there' : printable(JSON.stringify(value).slice(0, 120)),
  );
  return `height ${height} ${printable(path)}: ${x} | ${y}`;
}

async function readResult(name: string, cwd: string): Promise<ResultFile> {
  const path = inputPath(cwd, name);
  const isDirectory = await stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  return { name, text: await readTextFile(isDirectory ? join(path, MARKER_FILE) : path, RESULT_BYTES) };
}
