import { overSeeds } from './intervals.ts';
import type { Row } from './row.ts';
import { groupBy } from './statistics.ts';

/**
 * Points of a chart: one for each group of rows, with the mean over its seeds (`value`), the mean's 95 % interval (`low`, `high`) and how
 * many seeds it is of (`seeds`).
 * @param columns  whose values make the groups
 * @param labelsOf where a group's point goes, from its first row
 */
export const meanPoints = <R extends Row & { readonly seed: number }>(
  rows: readonly R[],
  columns: readonly (keyof R & string)[],
  measure: (row: R) => number | null,
  labelsOf: (row: R) => Row,
): Row[] =>
  groupBy(rows, columns).flatMap((group) => {
    const { mean, low, high, count } = overSeeds(group, measure);
    return count === 0 ? [] : [{ ...labelsOf(group[0]!), value: mean, low, high, seeds: count }];
  });
