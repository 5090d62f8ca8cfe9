/**
 * Consensus in virtual time: n validators, links or a hostile scheduler, Byzantine validators, and checks of what must hold.
 * One seed drives a run, so equal options give equal runs, byte for byte.
 *
 * @example Four validators, one of which tells everybody something else
 * ```ts
 * import assert from 'node:assert/strict';
 * import { commandOf, runScenario, type Scenario } from 'velum/sim';
 *
 * const scenario: Scenario = {
 *   validators: 4,
 *   payloadBytes: 256,
 *   faulty: 1,
 *   fault: 'equivocate',
 *   delay: { kind: 'exp', meanMs: 100 },
 *   rbc: 'digest',
 *   acs: 'first-hand',
 *   heights: 3,
 *   seed: 1,
 * };
 * const report = runScenario(scenario);
 * assert.deepEqual(report.violations, [], commandOf(scenario));
 * assert.equal(report.heights.length, 3);
 * assert.equal(runScenario(scenario).traceHash, report.traceHash);
 * ```
 * @packageDocumentation
 */
export { type Quorum, quorumOf } from '../params/quorum.ts';
export {
  badShares,
  crash,
  fakeNetwork,
  invalidProposal,
  mute,
  twins,
  twisted,
} from './adversaries/adversaries.ts';
export { flood } from './adversaries/flood.ts';
export { ACS_TWISTS, type Twist } from './adversaries/twists.ts';
export { type CpuCosts, MEASURED_CPU } from './cpu.ts';
export { SimError } from './errors.ts';
export { LATENCY_FILE_BYTES, type LatencyTable, parseLatencies } from './latencies.ts';
export type { Delay, LinkDelay, LinkOptions, Partition } from './links.ts';
export type { Packet } from './packet.ts';
export { Prng } from './prng.ts';
export type { HeightReport, Violation } from './report.ts';
export {
  commandOf,
  type FaultName,
  type FileDelay,
  openScenario,
  parseDelay,
  runScenario,
  type Scenario,
  type ScenarioRun,
} from './scenario.ts';
export type { ScheduleOptions } from './schedule.ts';
export { Simulation, type SimulationOptions, type SimulationReport } from './simulation.ts';
export type { Actor, Adversary, World } from './world.ts';
