/**
 * Experiments that can be repeated: a question, hypotheses that stand before the run, a grid, seeds, and verdicts that are computed from
 * the rows. The project's own are here, and what others are defined with.
 *
 * @example An experiment of one's own, run in this process
 * ```ts
 * import assert from 'node:assert/strict';
 * import { defineExperiment, lineSpec, runHere } from 'velum/experiments';
 * import { runScenario } from 'velum/sim';
 *
 * const delays = defineExperiment<{ validators: number }, { delays: number }>({
 *   id: 'x1-delays',
 *   title: 'Message delays of a height',
 *   question: 'Does a larger committee need more messages one after the other?',
 *   method: 'The common subset in virtual time, all validators correct, equal links.',
 *   grid: [{ validators: 4 }, { validators: 7 }],
 *   quickGrid: [{ validators: 4 }],
 *   seeds: 20,
 *   quickSeeds: 1,
 *   columns: {
 *     validators: { unit: 'count', meaning: 'n' },
 *     delays: { unit: 'count', meaning: 'messages, one after the other' },
 *   },
 *   hypotheses: [{ text: 'It needs as many.', held: (rows) => new Set(rows.map((row) => row.delays)).size === 1 }],
 *   run: ({ validators }, seed) => {
 *     const { heights } = runScenario({
 *       validators,
 *       seed,
 *       payloadBytes: 64,
 *       faulty: 0,
 *       fault: 'crash',
 *       delay: { kind: 'const', ms: 100 },
 *       rbc: 'digest',
 *       acs: 'first-hand',
 *       heights: 1,
 *     });
 *     return [{ delays: heights[0]!.delays }];
 *   },
 *   charts: (rows) => [
 *     {
 *       title: 'Delays',
 *       caption: 'Message delays of a height',
 *       spec: lineSpec({
 *         rows,
 *         x: { field: 'validators', title: 'validators' },
 *         y: { field: 'delays', title: 'message delays' },
 *         series: { field: 'seed', title: 'seed' },
 *       }),
 *     },
 *   ],
 * });
 * const { rows, hypotheses } = await runHere(delays);
 * assert.equal(rows.length, 2 * 20);
 * assert.deepEqual(hypotheses.map(({ verdict }) => verdict), ['held']);
 * ```
 * @packageDocumentation
 */
export { type Axis, barSpec, type Chart, chartSvg, lineSpec, type Series } from './charts.ts';
export {
  type Column,
  type Control,
  defineExperiment,
  type Experiment,
  everyRow,
  type Hypothesis,
  type Measured,
  type Prediction,
  planted,
  type Rival,
  type RunContext,
} from './define.ts';
export { ExperimentError } from './errors.ts';
export { failuresStillPossible, type MeanInterval, meanInterval, overSeeds } from './intervals.ts';
export { readLatencies } from './latency-file.ts';
export { meanPoints } from './mean-points.ts';
export { EXPERIMENTS, experimentOf } from './registry.ts';
export { columnsCsv, type Results, resultsCsv, resultsJson } from './results.ts';
export type { Cell, Row } from './row.ts';
export { type RunHereOptions, runHere } from './run-here.ts';
export { groupBy, mean, means, quantile } from './statistics.ts';
export { type HypothesisVerdict, type Ruling, verdictsOf } from './verdicts.ts';
