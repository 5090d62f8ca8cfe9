import { EXPERIMENTS } from '../src/experiments/registry.ts';
import type { FinishedRun } from '../src/experiments/report.ts';
import { fullRun } from './experiments-page.ts';

const PRICED = EXPERIMENTS.filter(({ measuresAs }) => measuresAs === 'prices');

/** Full runs that read the price table. */
export const pricedRuns = (runs: readonly FinishedRun[]): FinishedRun[] =>
  PRICED.flatMap((experiment) => fullRun(experiment, runs) ?? []);

/** Why these runs are not published together: what is published has one price table. @returns undefined if they may be */
export function problemOfPrices(priced: readonly FinishedRun[]): string | undefined {
  if (priced.length === 0) return undefined;
  const ids = PRICED.map(({ id }) => id).join(' and ');
  if (priced.length < PRICED.length) return `${ids} have one price table: run all of them into one directory`;
  const tables = new Set(priced.map(({ record }) => JSON.stringify(Object.entries(record.measured).sort())));
  return tables.size === 1
    ? undefined
    : `${ids} were run with different prices: run them anew, one after the other`;
}

const BEGIN = '<!-- from docs/experiments/prices.csv -->';
const END = '<!-- end of prices -->';

/** Prices that the README tells, and how it calls them. */
const TOLD: readonly (readonly [name: string, said: string])[] = [
  ['prove ballot', 'proving S1 ballot, the first of an epoch'],
  ['prove ballot again', 'proving S1 ballot, each later one of the epoch'],
  ['prove orders', 'proving S2 orders'],
  ['prove account', 'proving S3 account'],
  ['verify ballot', 'verifying a ballot'],
  ['verify orders', 'verifying an orders proof'],
  ['verify 64 orders', 'verifying 64 orders proofs at once, each'],
];

/** The README's table of prices, as the CSV has them. */
export function readmePrices(csv: string): string {
  const rows = new Map(csv.split('\n').map((line) => [line.split(',')[0]!, line.split(',')]));
  const cells = TOLD.map(([name, said]) => {
    const row = rows.get(name);
    if (row === undefined) throw new Error(`prices.csv has no ${name}`);
    const [, , , timings, q1, median, q3] = row.map((cell, i) =>
      i < 4 ? cell : String(Number(Number(cell).toPrecision(3))),
    );
    return [said, `${median} ms (${q1} to ${q3})`, timings!];
  });
  const table = [
    ['processor time, one thread, `velum experiment run e8`', 'median (quartiles)', 'timings'],
    ...cells,
  ];
  const widths = [0, 1, 2].map((i) => Math.max(...table.map((row) => row[i]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  const [head, ...body] = table.map(line);
  return [BEGIN, '', head, line(widths.map((width) => '-'.repeat(width))), ...body, '', END].join('\n');
}

/** The README with the prices of this table. */
export function readmeWithPrices(readme: string, csv: string): string {
  const [from, to] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`README.md has no place for prices: ${BEGIN} … ${END}`);
  return readme.slice(0, from) + readmePrices(csv) + readme.slice(to + END.length);
}
