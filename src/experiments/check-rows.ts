import { type Experiment, type Job, jobCount, jobsOf } from './define.ts';
import type { Row } from './row.ts';

/** The columns of what a job finds: those of its point and the seed are not among them. */
const foundColumns = ({ columns, grid }: Experiment): string[] =>
  Object.keys(columns).filter((column) => !Object.hasOwn(grid[0]!, column));

/** Whether a row, from whatever file, is one that a job of the experiment finds: its columns and no other, of their types. */
export const isFound = (experiment: Experiment, row: Row): boolean => {
  const found = foundColumns(experiment);
  return (
    Object.keys(row).length === found.length &&
    found.every((column) => isOfType(experiment, column, row[column]))
  );
};

/**
 * Whether rows, from whatever file, are those of a finished run: each has the columns of the experiment, the seed and no other, with
 * values of their type; each is of one of the run's jobs, once; every job has one.
 * @param seeds which the run says it had, one after the other
 * @returns what is wrong with them, undefined if nothing
 */
export function problemOfRows(
  experiment: Experiment,
  quick: boolean,
  seeds: readonly number[],
  rows: readonly Row[],
): string | undefined {
  const { id, grid, per = [] } = experiment;
  const count = jobCount(experiment, quick, seeds.length);
  // Before anything of that size is made.
  if (rows.length < count) return `${id} with so many seeds has at least ${count} rows, not ${rows.length}`;
  const from = seeds[0]!;
  if (from < 1 || seeds.some((seed, i) => seed !== from + i))
    return 'its seeds do not follow each other from 1 or more';
  const found = foundColumns(experiment);
  const point = Object.keys(grid[0]!);
  const columns = [...point, 'seed', ...found];
  const keyOf = (row: Row, seed: Job['seed']): string =>
    JSON.stringify([seed, point.map((column) => row[column])]);
  const jobs = new Set(
    jobsOf(experiment, quick, { from, count: seeds.length }).map((job) => keyOf(job.point, job.seed)),
  );
  const [done, seen] = [new Set<string>(), new Set<string>()];
  for (const [i, row] of rows.entries()) {
    const where = `row ${i + 1}`;
    const lacking = columns.find((column) => !Object.hasOwn(row, column));
    if (lacking !== undefined) return `${where} has no ${lacking}, a column of ${id}`;
    const other = Object.keys(row).find((column) => !columns.includes(column));
    if (other !== undefined) return `${where} has ${JSON.stringify(other)}, no column of ${id}`;
    const odd = found.find((column) => !isOfType(experiment, column, row[column]));
    if (odd !== undefined) return `${where}: ${odd} is no ${typeOf(experiment, odd)}`;
    const key = keyOf(row, row['seed'] as number);
    if (!jobs.has(key)) return `${where} is of no point of the grid of ${id} and seed of the run`;
    const whole = JSON.stringify([key, per.map((column) => row[column])]);
    if (seen.has(whole)) return `${where} is there twice`;
    seen.add(whole);
    done.add(key);
  }
  const missing = jobs.size - done.size;
  return missing === 0 ? undefined : `no rows of ${missing} of its ${jobs.size} jobs`;
}

/** The type of a column's values. */
export const typeOf = (
  { columns }: Pick<Experiment, 'columns'>,
  column: string,
): 'string' | 'boolean' | 'number' => {
  const unit = columns[column]!.unit;
  return unit === 'category' ? 'string' : unit === 'truth value' ? 'boolean' : 'number';
};

/** Numbers are null where there is nothing to measure. */
const isOfType = (experiment: Experiment, column: string, value: Row[string] | undefined): boolean => {
  const type = typeOf(experiment, column);
  return typeof value === type || (type === 'number' && value === null);
};
