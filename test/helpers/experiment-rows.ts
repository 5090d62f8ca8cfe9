import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Experiment } from '../../src/experiments/define.ts';
import type { Cell, Row } from '../../src/experiments/row.ts';

export type SeededRow = Row & { readonly seed: number };

const folder = resolve(import.meta.dirname, '../../docs/experiments');
const CELL = /(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g;
const cellsOf = (line: string): string[] =>
  [...line.matchAll(CELL)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '');

/** A table of docs/experiments as it stands: its head and its lines. */
export function docsTable(name: string): { readonly head: string[]; readonly lines: string[][] } {
  const [head = '', ...lines] = readFileSync(resolve(folder, name), 'utf8').trim().split('\n');
  return { head: cellsOf(head), lines: lines.map(cellsOf) };
}

/** The rows of an experiment's last full run, as docs/experiments has them. */
export function docsRows({ id, columns }: Experiment): SeededRow[] {
  const { head, lines } = docsTable(`${id}.csv`);
  const cellOf = (column: string, text: string): Cell => {
    const unit = column === 'seed' ? 'seed' : columns[column]!.unit;
    if (unit === 'category') return text;
    if (unit === 'truth value') return text === 'true';
    return text === '' ? null : Number(text);
  };
  return lines.map(
    (line) => Object.fromEntries(head.map((column, i) => [column, cellOf(column, line[i]!)])) as SeededRow,
  );
}

/** Seeds of rows, in order. */
export const seedsOf = (rows: readonly SeededRow[]): number[] =>
  [...new Set(rows.map(({ seed }) => seed))].sort((a, b) => a - b);
