import type { Experiment } from './define.ts';
import { liveness } from './e1-liveness.ts';
import { flp } from './e2-flp.ts';
import { frontRunning } from './e3-front-running.ts';
import { ballotAnonymity } from './e4-ballot-anonymity.ts';
import { accountLinkability } from './e5-account-linkability.ts';
import { cost } from './e6-cost.ts';
import { settlement } from './e7-settlement.ts';
import { proofCost } from './e8-proof-cost.ts';
import { censorship } from './e9-censorship.ts';
import { rotationCost } from './e10-rotation.ts';
import { wideAreaField } from './e11-wide-area.ts';
import { ExperimentError } from './errors.ts';

/** All experiments, in the order of their numbers. */
export const EXPERIMENTS: readonly Experiment[] = [
  liveness,
  flp,
  frontRunning,
  ballotAnonymity,
  accountLinkability,
  cost,
  settlement,
  proofCost,
  censorship,
  rotationCost,
  wideAreaField,
];

/**
 * @param name an id, or the short name before its first hyphen
 * @throws {ExperimentError} EXPERIMENT_UNKNOWN
 */
export function experimentOf(name: string): Experiment {
  const found = EXPERIMENTS.find(({ id }) => id === name || id.split('-')[0] === name);
  if (found !== undefined) return found;
  const ids = EXPERIMENTS.map(({ id }) => id).join(', ');
  throw new ExperimentError('EXPERIMENT_UNKNOWN', `there is no experiment "${name}"; there are ${ids}`);
}
