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
 *   seeds: 2,
 *   quickSeeds: 1,
 *   columns: { validators: 'n', delays: 'messages, one after the other' },
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
 * assert.equal(rows.length, 4);
 * assert.deepEqual(hypotheses.map(({ held }) => held), [true]);
 * ```
 * @packageDocumentation
 */
export { type Axis, barSpec, type Chart, chartSvg, lineSpec, type Series } from './charts.ts';
export {
  defineExperiment,
  type Experiment,
  type Hypothesis,
  type Measured,
  type RunContext,
} from './define.ts';
export { ExperimentError } from './errors.ts';
export { EXPERIMENTS, experimentOf } from './registry.ts';
export { type HypothesisVerdict, type Results, resultsCsv, resultsJson } from './results.ts';
export type { Cell, Row } from './row.ts';
export { type RunHereOptions, runHere } from './run-here.ts';
export { groupBy, halfWidth95, mean, means, quantile } from './statistics.ts';
