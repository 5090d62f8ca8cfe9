import type { Row } from './row.ts';

export const mean = (values: readonly number[]): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
};

/** The q-quantile, nearest rank. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

/** Rows by the values of some columns, in order of appearance. */
export function groupBy<R extends Row>(rows: readonly R[], columns: readonly (keyof R & string)[]): R[][] {
  const groups = new Map<string, R[]>();
  for (const row of rows) {
    const key = JSON.stringify(columns.map((column) => row[column]));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

/**
 * One row a group: the group's columns, the mean of every other number, the share of every true; what is not a number in all rows
 * is left out.
 */
export function means<R extends Row>(rows: readonly R[], columns: readonly (keyof R & string)[]): Row[] {
  return groupBy(rows, columns).map((group) => {
    const first = group[0]!;
    const out: Record<string, Row[string]> = {};
    for (const column of Object.keys(first)) {
      if (columns.includes(column)) out[column] = first[column]!;
      else {
        const cells = group
          .map((row) => row[column])
          .map((cell) => (typeof cell === 'boolean' ? Number(cell) : cell));
        const numbers = cells.filter((cell) => typeof cell === 'number');
        if (numbers.length > 0 && cells.every((cell) => cell === null || typeof cell === 'number'))
          out[column] = mean(numbers);
      }
    }
    return out;
  });
}

/** Quartiles of values, linear between neighbours: a quarter, half and three quarters of the way through them in order. */
export function quartilesOf(values: readonly number[]): readonly [q1: number, median: number, q3: number] {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (q: number): number => {
    const place = q * (sorted.length - 1);
    const low = sorted[Math.floor(place)]!;
    return low + (place - Math.floor(place)) * (sorted[Math.ceil(place)]! - low);
  };
  return [at(0.25), at(0.5), at(0.75)];
}
