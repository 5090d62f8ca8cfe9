import { mean, quantile } from '../../experiments/statistics.ts';
import { heightsAtOnce, type LoadPoint, quorumSize } from './point.ts';

/** A height as one validator has seen it. Times are of a clock that all share. */
export interface HeightSeen {
  readonly height: number;
  /** Null if it took the output from others before it proposed anything. */
  readonly proposedMs: number | null;
  readonly outputMs: number;
  /** That came out. */
  readonly transactions: number;
  /** Of what came out. */
  readonly digest: string;
}

/** A height of a committee. */
export interface HeightDone {
  /** From the first proposal until n − f validators had put it out. */
  readonly beganMs: number;
  readonly doneMs: number;
  readonly transactions: number;
}

/** What a measurement is of: the clock between two heights, and the heights after the first up to the second. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
  readonly heights: readonly HeightDone[];
}

/** Two places in a list of heights: what counts begins when the first is done, and ends with the second. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** When enough is measured: after so many heights, or so many seconds. */
export type Extent =
  | { readonly heights: number; readonly seconds?: never }
  | { readonly seconds: number; readonly heights?: never };

/** Before it is measured for seconds a committee runs for so long: code is compiled, streams find their size. */
export const WARM_UP_MS = 2_000;

/** What all validators of a committee have seen, height by height. */
export class SeenHeights {
  readonly #point: LoadPoint;
  readonly #byHeight = new Map<number, Map<number, HeightSeen>>();
  readonly #done: HeightDone[] = [];

  constructor(point: LoadPoint) {
    this.#point = point;
  }

  /** @returns who put out something else than others at this height, if anybody did: then nothing is measured */
  add(validator: number, seen: HeightSeen): string | undefined {
    const all = this.#byHeight.get(seen.height) ?? new Map<number, HeightSeen>();
    this.#byHeight.set(seen.height, all.set(validator, seen));
    const other = [...all].find(([, { digest }]) => digest !== seen.digest);
    if (other === undefined) return undefined;
    return `validators ${other[0]} and ${validator} put out different transactions at height ${seen.height}`;
  }

  /** The heights from 1 on that n − f validators have told of, as far as they are known by now. */
  done(): readonly HeightDone[] {
    const q = quorumSize(this.#point);
    for (let height = this.#done.length + 1; ; height++) {
      const all = [...(this.#byHeight.get(height)?.values() ?? [])];
      if (all.length < q) return this.#done;
      this.#done.push(heightDone(all, q));
    }
  }

  /** The same with all that was told since: who reports late may have been early. */
  doneNow(): readonly HeightDone[] {
    this.#done.length = 0;
    return this.done();
  }
}

function heightDone(all: readonly HeightSeen[], q: number): HeightDone {
  const proposed = all.map(({ proposedMs }) => proposedMs).filter((ms) => ms !== null);
  const outputs = all.map(({ outputMs }) => outputMs).sort((a, b) => a - b);
  const doneMs = outputs[q - 1]!;
  return {
    beganMs: proposed.length === 0 ? doneMs : Math.min(...proposed),
    doneMs,
    transactions: all[0]!.transactions,
  };
}

/**
 * Which heights of a run count. They begin and end when a height is done, and are whole rounds of the heights that are under way at once: these
 * come together, so that a part of them would tell another rate.
 * @param beganMs when the committee began
 * @returns undefined while there is not enough
 */
export function spanOf(
  point: LoadPoint,
  done: readonly HeightDone[],
  beganMs: number,
  extent: Extent,
): Span | undefined {
  const round = heightsAtOnce(point);
  if (extent.heights !== undefined) {
    const wanted = round * Math.ceil(extent.heights / round);
    return done.length < round + wanted ? undefined : { from: round - 1, to: round - 1 + wanted };
  }
  const from = done.findIndex(({ doneMs }) => doneMs >= beganMs + WARM_UP_MS);
  if (from < 0) return undefined;
  const untilMs = done[from]!.doneMs + extent.seconds * 1000;
  for (let to = from + round; to < done.length; to += round)
    if (done[to]!.doneMs >= untilMs) return { from, to };
  return undefined;
}

/** The heights of a span with the times that are known by now: who reports late may have been early, and a span that was enough stays it. */
export const stretchOf = (done: readonly HeightDone[], { from, to }: Span): Stretch => ({
  fromMs: done[from]!.doneMs,
  toMs: done[to]!.doneMs,
  heights: done.slice(from + 1, to + 1),
});

/** A quantity that grows, at times. */
export interface Reading {
  readonly atMs: number;
  readonly value: number;
}

/** How much a quantity grew in a stretch of time, linear between its readings; readings outside count as the first or last one. */
export function growth(readings: readonly Reading[], fromMs: number, toMs: number): number {
  const at = (ms: number): number => {
    const after = readings.findIndex(({ atMs }) => atMs >= ms);
    if (after < 0) return readings.at(-1)?.value ?? 0;
    const [a, b] = [readings[Math.max(0, after - 1)]!, readings[after]!];
    return b.atMs === a.atMs ? b.value : a.value + ((b.value - a.value) * (ms - a.atMs)) / (b.atMs - a.atMs);
  };
  return at(toMs) - at(fromMs);
}

export interface Figures {
  readonly transactionsPerS: number;
  readonly latencyMs: number;
  readonly latencyP95Ms: number;
  /** Of the transactions that were proposed. */
  readonly orderedShare: number;
  readonly heights: number;
  readonly seconds: number;
}

/** Throughput and latency of a stretch. */
export function figuresOf(point: LoadPoint, { fromMs, toMs, heights }: Stretch): Figures {
  const seconds = (toMs - fromMs) / 1000;
  const transactions = heights.reduce((sum, height) => sum + height.transactions, 0);
  const latencies = heights.map(({ beganMs, doneMs }) => doneMs - beganMs);
  return {
    transactionsPerS: transactions / seconds,
    latencyMs: mean(latencies),
    latencyP95Ms: quantile(latencies, 0.95),
    orderedShare: transactions / (point.batch * (heights.length / heightsAtOnce(point))),
    heights: heights.length,
    seconds,
  };
}
