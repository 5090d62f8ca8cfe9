import type { Row } from './row.ts';

/** Closer than this share of the range two points are one to the eye. */
const SAME = 0.01;
/** More layers than this would hide all else. */
const MOST = 3;

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
  // Curves that only cross, or begin or end together, can be told apart.
  const areOne = (a: ReadonlyMap<Row[string] | undefined, number>, b: typeof a): boolean => {
    const shared = [...a].filter(([where]) => b.has(where));
    const same = shared.filter(([where, value]) => Math.abs(b.get(where)! - value) <= tolerance);
    return same.length > 0 && same.length >= shared.length / 2;
  };
  const above = new Array<number>(order.length).fill(0);
  for (let i = order.length - 1; i >= 0; i--)
    for (let j = i + 1; j < order.length; j++)
      if (areOne(curves[i]!, curves[j]!)) above[i] = Math.min(MOST, Math.max(above[i]!, above[j]! + 1));
  return above;
}
