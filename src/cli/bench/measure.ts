import { readFileSync } from 'node:fs';

/** One line of a benchmark report. Times are wall milliseconds of one call on this machine, in this run. */
export interface Timing {
  readonly name: string;
  readonly medianMs: number;
  readonly runs: number;
  /** What does the same work in the same run, and how many times as long it takes. */
  readonly peer?: { readonly name: string; readonly medianMs: number; readonly ratio: number };
}

const timed = async (run: () => unknown): Promise<number> => {
  const start = performance.now();
  await run();
  return performance.now() - start;
};
const middle = (times: readonly number[]): number =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)]!;

/** Median over `runs` calls after one to warm up. */
export async function medianMs(run: () => unknown, runs: number): Promise<number> {
  await run();
  const times: number[] = [];
  for (let i = 0; i < runs; i++) times.push(await timed(run));
  return middle(times);
}

const rounded = (ms: number): number => Number(ms.toPrecision(3));

/** Measures one thing; with a peer by turns, so that whatever else the machine does falls on both. */
export async function measure(
  name: string,
  run: () => unknown,
  { runs = 15, peer }: { runs?: number; peer?: { name: string; run: () => unknown } } = {},
): Promise<Timing> {
  if (peer === undefined) return { name, medianMs: rounded(await medianMs(run, runs)), runs };
  await run();
  await peer.run();
  const [own, others]: [number[], number[]] = [[], []];
  for (let i = 0; i < runs; i++) {
    own.push(await timed(run));
    others.push(await timed(peer.run));
  }
  const [ours, theirs] = [middle(own), middle(others)];
  const beside = { name: peer.name, medianMs: rounded(theirs), ratio: rounded(theirs / ours) };
  return { name, medianMs: rounded(ours), runs, peer: beside };
}

/** One line about work that this process does alone. */
export interface CpuTiming {
  readonly name: string;
  /** Wall milliseconds of one call. */
  readonly medianMs: number;
  /** Processor milliseconds of one call, the collector's threads included: what compares on a machine that others use too. */
  readonly cpuMs: number;
  readonly runs: number;
  /** The ratio is of processor time. */
  readonly peer?: {
    readonly name: string;
    readonly medianMs: number;
    readonly cpuMs: number;
    readonly ratio: number;
  };
}

const ownCpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

/**
 * Measures work of this process by the clock and by the processor, with a peer by turns.
 * @param run   gets the number of its call, 0 … calls − 1; may answer with a promise
 * @param calls of one run, when one call is too short to be measured
 * @param usedMs tells the processor time that the work has used so far; that of this process if it is left out
 */
export async function measureCpu(
  name: string,
  run: (call: number) => unknown,
  {
    runs,
    calls = 1,
    usedMs,
    peer,
  }: {
    runs: number;
    calls?: number;
    usedMs?: () => number;
    peer?: { name: string; run: (call: number) => unknown; usedMs?: () => number } | undefined;
  },
): Promise<CpuTiming> {
  const cost = async (
    work: (call: number) => unknown,
    usedMs = ownCpuMs,
  ): Promise<{ ms: number; cpuMs: number }> => {
    const [start, used] = [performance.now(), usedMs()];
    for (let i = 0; i < calls; i++) {
      const answer = work(i);
      if (answer instanceof Promise) await answer;
    }
    return { ms: (performance.now() - start) / calls, cpuMs: (usedMs() - used) / calls };
  };
  const [own, others]: { ms: number; cpuMs: number }[][] = [[], []];
  for (let i = 0; i <= runs; i++) {
    // The first call of each warms up.
    const ours = await cost(run, usedMs);
    const theirs = peer === undefined ? undefined : await cost(peer.run, peer.usedMs);
    if (i === 0) continue;
    own!.push(ours);
    if (theirs !== undefined) others!.push(theirs);
  }
  const median = (rows: readonly { ms: number; cpuMs: number }[]) => ({
    medianMs: rounded(middle(rows.map(({ ms }) => ms))),
    cpuMs: rounded(middle(rows.map(({ cpuMs }) => cpuMs))),
  });
  const ours = { name, ...median(own!), runs };
  if (peer === undefined) return ours;
  const theirs = median(others!);
  return { ...ours, peer: { name: peer.name, ...theirs, ratio: rounded(theirs.cpuMs / ours.cpuMs) } };
}

/** Processor milliseconds of the programs that this process has started and that have ended; known on Linux only. */
export function childrenCpuMs(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  // Fields 16 and 17, in hundredths of a second; the second field is a name in brackets.
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(13, 15)
    .map(Number);
  return 10 * (user! + system!);
}
