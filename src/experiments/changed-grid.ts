import { typeOf } from './check-rows.ts';
import type { Experiment } from './define.ts';
import { ExperimentError } from './errors.ts';
import type { Cell, Row } from './row.ts';

/** Values that columns of a grid have in place of the experiment's own. */
export type GridChange = Readonly<Record<string, readonly Cell[]>>;

export const isChanged = (change: GridChange): boolean => Object.keys(change).length > 0;

/** A change in words: `n=4,13`. */
export const changeText = (change: GridChange): string =>
  Object.entries(change)
    .map(([column, values]) => `${column}=${values.join(',')}`)
    .join(' ');

/** What is said of a run with a change, after "its" or "the". @param isOwn whether its experiment is of a file of one's own */
export const changeSentence = (change: GridChange, isOwn: boolean): string =>
  `grid was changed (${changeText(change)}): this is not the ${isOwn ? 'grid of the file' : 'published experiment'}`;

/** The values that a column of the grid has, in their order. */
const valuesOf = ({ grid, quickGrid }: Experiment, column: string): Cell[] => [
  ...new Set([...grid, ...quickGrid].map((point) => point[column]!)),
];

/**
 * Reads what a command line changes in a grid.
 * @param texts `column=value,value`; a column may be named again with more values
 * @throws {ExperimentError} EXPERIMENT_SET for a column that the grid has not, or a value that it does not take
 */
export function parseGridChange(experiment: Experiment, texts: readonly string[]): GridChange {
  const change: Record<string, Cell[]> = {};
  for (const text of texts) {
    const at = text.indexOf('=');
    const column = at < 0 ? text : text.slice(0, at);
    const columns = Object.keys(experiment.grid[0]!);
    if (at < 1 || !columns.includes(column)) {
      const known = columns.map((each) => `  ${each}=${valuesOf(experiment, each).join(' | ')}`);
      const what = at < 1 ? 'is not column=value,value' : `names no column of the grid`;
      throw new ExperimentError(
        'EXPERIMENT_SET',
        `--set ${text} ${what}; ${experiment.id} has\n${known.join('\n')}`,
        { id: experiment.id },
      );
    }
    const values = valuesIn(experiment, column, text.slice(at + 1));
    change[column] = [...new Set([...(change[column] ?? []), ...values])];
  }
  return change;
}

/** Values between commas; one that has commas itself is taken whole. */
function valuesIn(experiment: Experiment, column: string, text: string): Cell[] {
  const parts = text.split(',');
  const values: Cell[] = [];
  for (let from = 0; from < parts.length; ) {
    let to = parts.length;
    let value = cellOf(experiment, column, parts.slice(from, to).join(','));
    while (value === undefined && to > from + 1)
      value = cellOf(experiment, column, parts.slice(from, --to).join(','));
    if (value === undefined) {
      const known = valuesOf(experiment, column).join(' | ');
      const other =
        typeOf(experiment, column) === 'number' || experiment.columns[column]!.accepts !== undefined
          ? ', and takes others'
          : '';
      throw new ExperimentError(
        'EXPERIMENT_SET',
        `--set ${column}=${text}: ${JSON.stringify(parts[from])} is no ${typeOf(experiment, column)} that ${column} takes; it has ${known}${other}`,
        { id: experiment.id },
      );
    }
    values.push(value);
    from = to;
  }
  return values;
}

/** A text as a value of the column's type: a category is one that the grid has, or that the column accepts. */
function cellOf(experiment: Experiment, column: string, text: string): Cell | undefined {
  const { accepts } = experiment.columns[column]!;
  const known = valuesOf(experiment, column).find((value) => String(value) === text);
  if (known !== undefined) return known;
  const typed = typedOf(typeOf(experiment, column), text);
  if (typed === undefined || (accepts === undefined && typeof typed === 'string')) return undefined;
  return accepts === undefined || accepts(typed) ? typed : undefined;
}

function typedOf(type: 'string' | 'boolean' | 'number', text: string): Cell | undefined {
  if (type === 'string') return text;
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined;
  return /^-?\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : undefined;
}

/** Whether a change, from whatever file, is one that the experiment takes. */
export const isChangeOf = (experiment: Experiment, change: GridChange): boolean =>
  Object.entries(change).every(
    ([column, values]) =>
      Object.hasOwn(experiment.grid[0]!, column) &&
      values.length > 0 &&
      values.every((value) => cellOf(experiment, column, String(value)) === value),
  );

/**
 * The experiment with another grid: every point with each of the values that are given for its columns, once. Its hypotheses and charts
 * were written for the grid that it had: where one of them cannot cope with the other rows, it says nothing.
 */
export function withGrid(experiment: Experiment, change: GridChange): Experiment {
  if (!isChanged(change)) return experiment;
  const others = Object.entries(change).reduce<Row[]>(
    (rows, [column, values]) => rows.flatMap((row) => values.map((value) => ({ ...row, [column]: value }))),
    [{}],
  );
  const changed = (grid: readonly Row[]): Row[] => [
    ...new Map(
      grid
        .flatMap((point) => others.map((other): Row => ({ ...point, ...other })))
        .map((point) => [JSON.stringify(point), point]),
    ).values(),
  ];
  return {
    ...experiment,
    grid: changed(experiment.grid),
    quickGrid: changed(experiment.quickGrid),
    hypotheses: experiment.hypotheses.map((hypothesis): Experiment['hypotheses'][number] => {
      const held = (rows: Parameters<typeof hypothesis.held>[0]) => orNothing(() => hypothesis.held(rows));
      if (hypothesis.isControl !== true) return { ...hypothesis, held };
      const breaks = (rows: Parameters<typeof hypothesis.held>[0]) =>
        orNothing(() => hypothesis.breaks(rows)) ?? [];
      return { ...hypothesis, held, breaks };
    }),
    charts: (rows) => orNothing(() => experiment.charts(rows)) ?? [],
  };
}

function orNothing<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
