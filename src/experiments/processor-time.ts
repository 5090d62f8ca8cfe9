import { quartilesOf } from './statistics.ts';

/** What this process has had of the processor, all its threads together, ms. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** What one call takes: the middle of some timings, and between which values half of them lie, ms. */
export interface Price {
  readonly q1: number;
  readonly median: number;
  readonly q3: number;
  readonly timings: number;
}

/** A timing takes at least so long, so that the clock's steps do not count: what is shorter is called again and again in it. */
const SHORTEST_MS = 1;

const rounded = (ms: number): number => Number(ms.toPrecision(3));

/** The price of what was timed. */
export function priceOfTimes(times: readonly number[]): Price {
  const [q1, median, q3] = quartilesOf(times);
  return { q1: rounded(q1), median: rounded(median), q3: rounded(q3), timings: times.length };
}

/**
 * The price of a call by processor time, all threads of this process together: time on the clock would measure the machine's other work
 * as well. One call warms up, and tells how often a timing calls.
 */
export async function measurePrice(timings: number, call: () => unknown): Promise<Price> {
  await call();
  const first = processorMs();
  await call();
  const calls = Math.max(1, Math.ceil(SHORTEST_MS / Math.max(processorMs() - first, SHORTEST_MS / 100)));
  const times: number[] = [];
  for (let i = 0; i < timings; i++) {
    const start = processorMs();
    for (let k = 0; k < calls; k++) await call();
    times.push((processorMs() - start) / calls);
  }
  return priceOfTimes(times);
}
