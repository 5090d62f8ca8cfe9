import { chartSvg } from './charts.ts';
import type { ExperimentProblem } from './check-experiment.ts';
import { problemOfRows } from './check-rows.ts';
import { type Experiment, jobsOf, type RunContext } from './define.ts';
import type { Row } from './row.ts';

const TRIAL_SEEDS = 20;

/**
 * Runs the first point of the quick grid twice with one seed, with another seed between, and gives rows of that kind for the whole grid to
 * hypotheses and charts: what would end a long run, or make its rows worthless, is said before it begins.
 */
export async function tryExperiment(
  experiment: Experiment,
  context: RunContext,
): Promise<ExperimentProblem[]> {
  const point = experiment.quickGrid[0]!;
  const run = async (seed: number): Promise<readonly Row[]> => await experiment.run(point, seed, context);
  let found: readonly Row[];
  let again: readonly Row[];
  try {
    found = structuredClone(await run(1));
    await run(2);
    again = await run(1);
  } catch (cause) {
    return [{ field: 'run', message: `it fails at ${JSON.stringify(point)}: ${reasonOf(cause)}` }];
  }
  const problem = rowsProblem(experiment, point, found);
  if (problem !== undefined) return [{ field: 'run', message: problem }];
  if (JSON.stringify(untimed(experiment, found)) !== JSON.stringify(untimed(experiment, again)))
    return [
      {
        field: 'run',
        message:
          'the same point and seed gave two different results, so nobody could repeat it: draw everything from the seed (Prng of velum/sim), ' +
          'keep nothing between runs, and name what a clock measures in `timed`',
      },
    ];
  return judged(experiment, found);
}

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

const untimed = ({ timed = [] }: Experiment, rows: readonly Row[]): Row[] =>
  rows.map((row) =>
    Object.fromEntries(Object.entries(row).filter(([name]) => !timed.includes(name as never))),
  );

function rowsProblem(experiment: Experiment, point: Row, found: readonly Row[]): string | undefined {
  if (!Array.isArray(found) || found.length === 0) return 'it gives no list of rows';
  for (const [i, row] of found.entries()) {
    if (typeof row !== 'object' || row === null) return `row ${i + 1} is no object`;
    const odd = Object.entries(row).find(([, value]) => typeof value === 'number' && !Number.isFinite(value));
    if (odd !== undefined)
      return `row ${i + 1}: ${odd[0]} is ${odd[1]}; null stands where nothing is measured`;
    const doubled = Object.keys(row).find((name) => name === 'seed' || Object.hasOwn(point, name));
    if (doubled !== undefined) return `row ${i + 1} has ${doubled}, which every row gets from its point`;
  }
  const one = { ...experiment, grid: [point], quickGrid: [point] };
  return problemOfRows(
    one,
    false,
    [1],
    found.map((row) => ({ ...point, seed: 1, ...row })),
  );
}

/** Hypotheses and charts, with the rows of one job at every point and seed. */
async function judged(experiment: Experiment, found: readonly Row[]): Promise<ExperimentProblem[]> {
  const rows = jobsOf(experiment, false, { count: Math.min(TRIAL_SEEDS, experiment.seeds) }).flatMap(
    ({ point, seed }) => found.map((row) => ({ ...point, seed, ...row })),
  );
  const problems: ExperimentProblem[] = [];
  const attempt = (field: string, work: () => string | undefined): void => {
    let message: string | undefined;
    try {
      message = work();
    } catch (cause) {
      message = `it fails with rows of the whole grid: ${reasonOf(cause)}`;
    }
    if (message !== undefined) problems.push({ field, message });
  };
  for (const [i, hypothesis] of experiment.hypotheses.entries()) {
    attempt(`hypotheses[${i}].held`, () =>
      [true, false, 'open', undefined].includes(hypothesis.held(rows))
        ? undefined
        : 'true, false, or undefined where no row is about it is expected',
    );
    if (hypothesis.isControl === true)
      attempt(`hypotheses[${i}].breaks`, () =>
        Array.isArray(hypothesis.breaks(rows)) ? undefined : 'a list of rows is expected',
      );
  }
  let charts: readonly unknown[] = [];
  attempt('charts', () => {
    charts = experiment.charts(rows);
    return Array.isArray(charts) && charts.length > 0 ? undefined : 'a list of one chart or more is expected';
  });
  for (const [i, chart] of (Array.isArray(charts) ? charts : []).entries()) {
    const failed = await chartSvg(chart).then(() => undefined, reasonOf);
    if (failed !== undefined)
      problems.push({ field: `charts[${i}]`, message: `it cannot be drawn: ${failed}` });
  }
  return problems;
}
