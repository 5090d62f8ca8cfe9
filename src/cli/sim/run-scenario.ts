import { quorumOf } from '../../params/quorum.ts';
import { commandOf, delayText, openScenario, type Scenario, type ScenarioRun } from '../../sim/scenario.ts';
import type { SimulationReport } from '../../sim/simulation.ts';
import type { Adversary } from '../../sim/world.ts';
import { CliError } from '../errors.ts';
import { endingAtOnce } from '../interrupt.ts';
import { table } from '../table.ts';

/** A run and how fast it was: protocol messages, votes counted singly, by the clock and by the processor. */
export interface MeasuredRun {
  readonly report: SimulationReport;
  readonly messagesPerSecond: number;
  readonly messagesPerCpuSecond: number;
}

/** Loads what a scenario needs, and opens it. @param own as in `openScenario` */
export async function loadScenario(scenario: Scenario, own?: Adversary<unknown>): Promise<ScenarioRun> {
  if (scenario.rbc !== 'avid') return openScenario(scenario, undefined, own);
  const { openErasureCode } = await import('../../node/erasure-code.ts');
  return openScenario(scenario, await openErasureCode(), own);
}

/** Takes the time of a run, or of as many parts of it as there are calls. */
export class Stopwatch {
  private ms = 0;
  private cpuUs = 0;

  time<T>(work: () => T): T {
    const startMs = performance.now();
    const startCpu = process.cpuUsage();
    const result = work();
    const { user, system } = process.cpuUsage(startCpu);
    this.ms += performance.now() - startMs;
    this.cpuUs += user + system;
    return result;
  }

  /** @returns the report with its messages by the time that was taken */
  measured(report: SimulationReport): MeasuredRun {
    return {
      report,
      messagesPerSecond: Math.round((report.messages * 1e3) / this.ms),
      messagesPerCpuSecond: Math.round((report.messages * 1e6) / this.cpuUs),
    };
  }
}

/**
 * Runs a scenario on the clock. A signal ends the program at once meanwhile.
 * @param own as in `openScenario`
 * @throws {CliError} SIM_VIOLATED if a property is broken, with the command that repeats it
 */
export async function runMeasured(scenario: Scenario, own?: Adversary<unknown>): Promise<MeasuredRun> {
  const run = await loadScenario(scenario, own);
  const watch = new Stopwatch();
  const report = await endingAtOnce(async () => watch.time(() => run.run()));
  requireSound(scenario, report);
  return watch.measured(report);
}

/** @throws {CliError} SIM_VIOLATED if a property is broken, with the command that repeats it */
export function requireSound(scenario: Scenario, { violations }: SimulationReport): void {
  if (violations.length === 0) return;
  const listed = violations
    .slice(0, 10)
    .map(
      ({ property, height, node, detail }) =>
        `  ${property} at height ${height}, validator ${node}: ${detail}`,
    );
  throw new CliError(
    'SIM_VIOLATED',
    `a property is broken:\n${listed.join('\n')}\nRepeat it with: ${commandOf(scenario)}`,
    { violations },
  );
}

/** A run for a person: a line a height. */
export function scenarioTable(scenario: Scenario, { report, messagesPerSecond }: MeasuredRun): string {
  const { validators, faulty, fault, adversary, acs, rbc, delay, seed } = scenario;
  const { f } = quorumOf(validators);
  const head = ['height', 'outputs', 'messages', 'frames', 'bytes', 'delays', 'ms', 'coins', 'faults'];
  const rows = report.heights.map((row) => [
    String(row.height),
    String(row.outputs),
    row.messagesPerNode.toFixed(1),
    row.framesPerNode.toFixed(1),
    row.bytesPerNode.toFixed(0),
    String(row.delays),
    row.ms.toFixed(0),
    String(row.coins),
    String(row.faults),
  ]);
  const what = acs === 'first-hand' || acs === 'bkr' ? `${acs} over ${rbc}` : acs;
  return [
    `${what}, ${validators} validators (f = ${f}), ${faulty} faulty${faulty > 0 ? ` (${adversary ?? fault})` : ''}, ${delayText(delay)}, SEED=${seed}`,
    'Messages, frames and bytes received from others, the mean over correct validators.',
    ...table(
      [head, ...rows],
      head.map(() => 'right'),
    ),
    `Agreement, validity, total order, convergence: hold. No fault against a correct validator.`,
    `trace ${report.traceHash}, ${report.messages} protocol messages, ${messagesPerSecond} a second`,
    '',
  ].join('\n');
}
