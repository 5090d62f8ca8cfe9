import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { FormatError } from '../../formats/errors.ts';
import { readJson } from '../../formats/json-file.ts';
import { printable } from '../../formats/problems.ts';
import { CliError } from '../errors.ts';
import { MARKER_FILE, readTextFile, type Terminal } from '../io.ts';

const RESULT_BYTES = 1 << 28;
/** Lines of a difference that are printed; --json has all. */
const MAX_LINES = 200;
/** What two runs of the same rules may differ in: times of the machine, places, proofs and who signed. */
const PASSED_OVER = new Set([
  'ms',
  'out',
  'velum',
  'seed',
  'acsProposers',
  'certificateSignedBy',
  'settledBy',
  'faults',
]);

const result = z.looseObject({ heights: z.array(z.looseObject({ height: z.int() })) });

/** Something that two results say differently; undefined: not there. */
interface Difference {
  readonly height: number;
  readonly path: string;
  readonly a: unknown;
  readonly b: unknown;
}

/** Adds `velum market diff`. */
export function addMarketDiffCommand(market: Command, terminal: Terminal): void {
  market
    .command('diff')
    .argument('<a>', 'a result: the JSON of market simulate or epoch, or a directory with its report.json')
    .argument('<b>', 'another one')
    .description('Compares two results height by height: prices, fills, events, accounts.')
    .option('--json', 'print one JSON object instead of lines', false)
    .addHelpText(
      'after',
      `
Example:
  velum market diff out/before out/after
Prints a line for each value that differs: height, where, a, b. Lists of accounts are compared by trader and account.
Exit codes: 0 the same, 1 they differ, 2 files missing or no results.`,
    )
    .action((a: string, b: string, flags: { json: boolean }) => runDiff(a, b, flags.json, terminal));
}

async function runDiff(a: string, b: string, json: boolean, terminal: Terminal): Promise<void> {
  const [left, right] = [await readResult(a, terminal.cwd), await readResult(b, terminal.cwd)];
  const heights = [...new Set([...left.keys(), ...right.keys()])].sort((x, y) => x - y);
  const found = heights.flatMap((height) => [
    ...differences(height, '', left.get(height), right.get(height)),
  ]);
  if (json) await terminal.out(`${JSON.stringify({ differences: found })}\n`);
  else {
    const shown = (value: unknown): string =>
      value === undefined ? 'not there' : printable(JSON.stringify(value).slice(0, 120));
    const lines = found
      .slice(0, MAX_LINES)
      .map(
        ({ height, path, a: x, b: y }) => `height ${height} ${printable(path)}: ${shown(x)} | ${shown(y)}`,
      );
    const more = found.length > MAX_LINES ? [`… ${found.length - MAX_LINES} more, see --json`] : [];
    await terminal.out(`${[...(found.length === 0 ? ['The same.'] : lines), ...more].join('\n')}\n`);
  }
  if (found.length > 0) throw new CliError('RESULTS_DIFFER', `${found.length} values differ`);
}

async function readResult(name: string, cwd: string): Promise<Map<number, Record<string, unknown>>> {
  const path = resolve(cwd, name);
  const isDirectory = await stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  const text = await readTextFile(isDirectory ? join(path, MARKER_FILE) : path, RESULT_BYTES);
  const { heights } = readJson(result, text, name, FormatError.of('RUN_FILES'));
  return new Map(heights.map((row) => [row.height, row]));
}

/** Rows of a list that have a name of their own are compared by it. */
function keyed(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const keys = value.map((row: unknown) => {
    if (typeof row !== 'object' || row === null) return undefined;
    const { trader, account, name, instrument, item, leg, type } = row as Record<string, unknown>;
    const parts = [type, trader, name ?? account, item, leg, instrument].filter((part) => part !== undefined);
    return parts.length === 0 ? undefined : parts.join(' ');
  });
  const isNamed = keys.every((key) => key !== undefined) && new Set(keys).size === keys.length;
  return isNamed ? Object.fromEntries(keys.map((key, i) => [key, value[i] as unknown])) : { ...value };
}

function* differences(height: number, path: string, left: unknown, right: unknown): Generator<Difference> {
  const [a, b] = [keyed(left), keyed(right)];
  if (typeof a === 'object' && a !== null && typeof b === 'object' && b !== null) {
    const [x, y] = [a as Record<string, unknown>, b as Record<string, unknown>];
    for (const key of new Set([...Object.keys(x), ...Object.keys(y)])) {
      if (!PASSED_OVER.has(key))
        yield* differences(height, path === '' ? key : `${path}.${key}`, x[key], y[key]);
    }
  } else if (a !== b) yield { height, path, a: left, b: right };
}
