import type { Logger } from 'snarkjs';

/** How far work on keys is. */
export interface KeyProgress {
  /** What is being done, for a person. */
  readonly step: string;
  /** Share of the whole that is done, 0 to 1. */
  readonly done: number;
  /** Estimated from the share; undefined while nothing is done. */
  readonly leftMs: number | undefined;
}

/** Steps of a job with their share of the time. */
export type Steps = readonly (readonly [step: string, weight: number])[];

/** A step's reporter, which snarkjs may be given as its logger: it counts "what: i/n". */
export interface StepTracker {
  /** The next of the steps begins. */
  next(): Logger;
}

/** @param report called at the start of each step and as snarkjs counts */
export function trackSteps(steps: Steps, report?: (progress: KeyProgress) => void): StepTracker {
  const whole = steps.reduce((sum, [, weight]) => sum + weight, 0);
  const since = performance.now();
  let current = -1;
  const tell = (share: number): void => {
    const before = steps.slice(0, current).reduce((sum, [, weight]) => sum + weight, 0);
    const [step, weight] = steps[current]!;
    const done = (before + share * weight) / whole;
    const spent = performance.now() - since;
    report?.({ step, done, leftMs: done === 0 ? undefined : (spent * (1 - done)) / done });
  };
  const count = (message: string): void => {
    const match = /: +(\d+)\/(\d+)$/.exec(message);
    if (match !== null && Number(match[2]) > 0) tell(Number(match[1]) / Number(match[2]));
  };
  return {
    next() {
      current++;
      tell(0);
      return { debug: count, info() {}, warn() {}, error() {} };
    },
  };
}
