/**
 * How much of a campaign runs, the only place that reads it from the environment; `npm run campaign` sets it.
 * SEEDS=2000 or SEEDS=2001-4000: how many seeds of each cell, or which. SIZES=4,7: the committees of these sizes alone.
 */
const { SEEDS, SIZES } = process.env;

/** @param usual how many of them `npm run test:long` takes */
export function seedsOf(usual: number): readonly number[] {
  const [, one, two] = /^(\d+)(?:-(\d+))?$/.exec(SEEDS ?? String(usual)) ?? [];
  if (one === undefined) throw new Error(`SEEDS=${SEEDS} is neither a number of seeds nor FROM-TO`);
  const [from, to] = two === undefined ? [1, Number(one)] : [Number(one), Number(two)];
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

/** Those sizes of a committee that are wanted. */
export const sizesOf = <N extends number>(sizes: readonly N[]): readonly N[] =>
  SIZES === undefined ? sizes : sizes.filter((n) => SIZES.split(',').includes(String(n)));
