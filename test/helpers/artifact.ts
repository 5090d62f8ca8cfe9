import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { HBBFT_ROWS } from '../../src/experiments/hbbft.ts';
import { EXPERIMENTS } from '../../src/experiments/registry.ts';
import { mean } from '../../src/experiments/statistics.ts';
import { docsRows, docsTable } from './experiment-rows.ts';

const root = resolve(import.meta.dirname, '../..');

/** A row of a table, a paragraph or a block of the README that says figures. */
export interface Statement {
  readonly text: string;
  readonly numbers: readonly string[];
}

/** Numbers as they are written; those in a name or in code are none: `S1`, p50, e6. */
export const numbersOf = (text: string): string[] =>
  text
    .replace(/`[^`]*`/g, ' ')
    .replace(/\]\([^)]*\)/g, ']')
    .match(/(?<![\w.-])\d{4}-\d\d-\d\d|(?<![A-Za-z\d.])\d+(?:[.,]\d+)*(?:\^\d+)?/g) ?? [];

const sectionOf = (page: string, title: string): string => {
  const section = page.split(/\n(?=## )/).find((part) => part.startsWith(`## ${title}\n`));
  if (section === undefined) throw new Error(`README.md has no section “${title}”`);
  return section.slice(title.length + 4);
};
const cellsOf = (row: string): string[] =>
  row
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.replaceAll('\\|', '|').trim());

/** What the README says in numbers of what was measured, counted or found. */
export function readmeStatements(page: string): Statement[] {
  const block = page.match(/\n\$ npm test\n[^`]*/)?.[0] ?? '';
  const parts = ['What the experiments found', 'Figures'].flatMap((title) =>
    sectionOf(page, title)
      .split(/\n{2,}/)
      .flatMap((part) => {
        const lines = part.trim().split('\n');
        if (!lines[0]!.startsWith('|')) return [lines.join(' ').replaceAll('**', '')];
        return lines.filter((line) => !/^\|[ |:-]+\|$/.test(line)).map((line) => cellsOf(line).join(' | '));
      }),
  );
  return [block.trim().replaceAll('\n', ' '), ...parts]
    .map((text) => ({ text, numbers: numbersOf(text) }))
    .filter(({ numbers }) => numbers.length > 0);
}

/** A line of the table of docs/ARTIFACT.md. */
export interface ArtifactLine {
  /** With what the statement of the README begins. */
  readonly begins: string;
  readonly figures: readonly string[];
  /** Numbers of the statement that say under which conditions. */
  readonly settings: readonly string[];
  readonly command: string;
  readonly tolerance: string;
  readonly time: string;
  /** An expression over files of the repository, a test, or nothing. */
  readonly standsIn: string;
}

const HEAD = ['README', 'figures', 'settings', 'command', 'tolerance', 'time', 'stands in'];
const NOTHING = '–';
const listOf = (cell: string): string[] => (cell === NOTHING ? [] : cell.split(' '));

/** The table, strictly. @throws if a line is not one of it */
export function artifactLines(page: string): ArtifactLine[] {
  const lines = page.split('\n');
  const head = lines.findIndex((line) => line.startsWith('|') && cellsOf(line).join() === HEAD.join());
  if (head < 0) throw new Error(`docs/ARTIFACT.md has no table with the columns ${HEAD.join(', ')}`);
  const end = lines.findIndex((line, i) => i > head && !line.startsWith('|'));
  return lines.slice(head + 2, end).map((line) => {
    const cells = cellsOf(line);
    const [begins, figures, settings, command, tolerance, time, standsIn] = cells as [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    const isWhole =
      cells.length === HEAD.length &&
      cells.every((cell) => cell !== '') &&
      /^(–|exact|of others|×\d+(\.\d+)?)$/.test(tolerance) &&
      (figures === NOTHING || tolerance !== NOTHING);
    if (!isWhole) throw new Error(`docs/ARTIFACT.md, not a line of its table: ${line}`);
    return {
      begins,
      figures: listOf(figures),
      settings: listOf(settings),
      command: command.replaceAll('`', ''),
      tolerance,
      time,
      standsIn: standsIn.replace(/^`(.*)`$/, '$1'),
    };
  });
}

/** A figure as another one is written: a power of two, or with as many decimals, and with commas. */
const written = (value: number, like: string): string => {
  if (like.startsWith('2^')) return `2^${Math.log2(value)}`;
  const decimals = like.split('.')[1]?.length ?? 0;
  const text = value.toFixed(decimals);
  return like.includes(',') ? text.replace(/\B(?=(\d{3})+$)/g, ',') : text;
};

/** The values of `name.column[a=1 & b=x|y]`: of the rows that match, the mean of the column, or `count` of them; one for each `y`. */
function valuesOf(term: string): number[] {
  if (/^\d+$/.test(term)) return [Number(term)];
  const parsed = /^(circuits|hbbft|prices|e\d+-[a-z-]+)\.(\w+)\[(.*)\]$/.exec(term);
  if (parsed === null) throw new Error(`docs/ARTIFACT.md: “${term}” names nothing`);
  const [, source, column, where] = parsed as unknown as [string, string, string, string];
  const wanted = where.split(' & ').map((part) => part.split('=') as [string, string]);
  const several = wanted.find(([, value]) => value.includes('|'));
  const choices = several === undefined ? [''] : several[1].split('|');
  const rows = rowsOf(source);
  return choices.map((choice) => {
    const own = rows.filter((row) =>
      wanted.every(([name, value]) => {
        if (!Object.hasOwn(row, name)) throw new Error(`docs/ARTIFACT.md: ${source} has no column ${name}`);
        return String(row[name] ?? '') === (value.includes('|') ? choice : value);
      }),
    );
    if (own.length === 0) throw new Error(`docs/ARTIFACT.md: no row of ${source} is ${where}`);
    return column === 'count' ? own.length : mean(own.map((row) => Number(row[column])));
  });
}

function rowsOf(source: string): readonly Readonly<Record<string, unknown>>[] {
  if (source === 'circuits') return JSON.parse(readPage('circuits/circuits.json')).circuits;
  if (source === 'hbbft')
    return HBBFT_ROWS.flatMap(({ n, messages, bytes }) =>
      [...bytes].map(([payloadBytes, total]) => ({ n, messages, payloadBytes, bytes: total })),
    );
  if (source === 'prices') {
    const { head, lines } = docsTable('prices.csv');
    return lines.map((line) => Object.fromEntries(head.map((column, i) => [column, line[i]])));
  }
  const experiment = EXPERIMENTS.find(({ id }) => id === source);
  if (experiment === undefined) throw new Error(`docs/ARTIFACT.md: there is no ${source}`);
  return docsRows(experiment);
}

/** `a`, `a / b`, `100 * a / b` or `100 - 100 * a / b`, value by value. */
function evaluate(expression: string): number[] {
  const [, rest, times, above, below] = /^(100 - )?(100 \* )?(.*?)(?: \/ (.*))?$/.exec(expression)!;
  const divisors = below === undefined ? [1] : valuesOf(below);
  return valuesOf(above!).map((value, i) => {
    const share = ((times === undefined ? 1 : 100) * value) / divisors[divisors.length === 1 ? 0 : i]!;
    return rest === undefined ? share : 100 - share;
  });
}

/** What the files of the repository say where a line has figures; several expressions are parted by `; `. */
export const figuresInFiles = ({ standsIn, figures }: ArtifactLine): string[] =>
  standsIn
    .split('; ')
    .flatMap(evaluate)
    .map((value, i) => written(value, figures[i] ?? ''));

export const readPage = (path: string): string => readFileSync(resolve(root, path), 'utf8');
