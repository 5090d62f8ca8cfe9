/** One line of a benchmark report. Times are wall milliseconds of one call on this machine, in this run. */
export interface Measured {
  readonly name: string;
  readonly medianMs: number;
  readonly runs: number;
  /** What does the same work in the same run, and how many times as long it takes. */
  readonly peer?: { readonly name: string; readonly medianMs: number; readonly ratio: number };
}

/** Median over `runs` calls after one to warm up. */
export async function medianMs(run: () => unknown, runs: number): Promise<number> {
  await run();
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    await run();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[Math.floor(runs / 2)]!;
}

const rounded = (ms: number): number => Number(ms.toPrecision(3));

/** Measures one thing, beside its peer if it has one. */
export async function measure(
  name: string,
  run: () => unknown,
  { runs = 15, peer }: { runs?: number; peer?: { name: string; run: () => unknown } } = {},
): Promise<Measured> {
  const ours = await medianMs(run, runs);
  if (peer === undefined) return { name, medianMs: rounded(ours), runs };
  const theirs = await medianMs(peer.run, runs);
  const beside = { name: peer.name, medianMs: rounded(theirs), ratio: rounded(theirs / ours) };
  return { name, medianMs: rounded(ours), runs, peer: beside };
}
