/** One line of a benchmark report. Times are wall milliseconds of one call on this machine, in this run. */
export interface Measured {
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
): Promise<Measured> {
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
