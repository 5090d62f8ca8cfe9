import type { Row } from './row.ts';

/** Closer than this share of the range two points are one to the eye. */
const SAME = 0.01;

export interface Overlapping {
  readonly x: string;
  readonly y: string;
  readonly series: string;
  /** The series in the order in which they are drawn. */
  readonly order: readonly Row[string][];
  readonly isLog: boolean;
}

/**
 * How many series lie on top of each other above each one: 0 for a series whose points nobody covers. What is below is drawn wider, so
 * that equal curves are all seen.
 */
export function layersAbove(rows: readonly Row[], { x, y, series, order, isLog }: Overlapping): number[] {
  const at = (row: Row): number => (isLog ? Math.log(row[y] as number) : (row[y] as number));
  const values = rows.map(at).filter(Number.isFinite);
  const tolerance = SAME * (Math.max(...values) - Math.min(...values));
  const curves = order.map(
    (name) => new Map(rows.filter((row) => row[series] === name).map((row) => [row[x], at(row)])),
  );
  const meet = (a: ReadonlyMap<Row[string] | undefined, number>, b: typeof a): boolean =>
    [...a].some(([where, value]) => Math.abs((b.get(where) ?? Number.NaN) - value) <= tolerance);
  const above = new Array<number>(order.length).fill(0);
  for (let i = order.length - 1; i >= 0; i--)
    for (let j = i + 1; j < order.length; j++)
      if (meet(curves[i]!, curves[j]!)) above[i] = Math.max(above[i]!, above[j]! + 1);
  return above;
}
