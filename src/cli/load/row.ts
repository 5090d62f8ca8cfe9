import { cpus } from 'node:os';
import { type Observed, observeCommittee, type PointOptions, START_MS } from './committee.ts';
import { figuresOf, growth, type Stretch } from './measure.ts';
import { heightsAtOnce, type LoadPoint } from './point.ts';

/** What became of a point: `timed out`: too little came out in time; `failed`: something that no correct committee does. */
export const OUTCOMES = ['measured', 'timed out', 'failed'] as const;

/** A point as it stands in the results. */
export interface LoadRow {
  readonly [column: string]: string | number | null;
  readonly protocol: string;
  readonly n: number;
  readonly batch: number;
  readonly heightsAtOnce: number;
  readonly outcome: (typeof OUTCOMES)[number];
  /** Why there are no figures. */
  readonly note: string | null;
  readonly transactionsPerS: number | null;
  readonly latencyMs: number | null;
  readonly latencyP95Ms: number | null;
  readonly orderedShare: number | null;
  readonly heights: number | null;
  readonly seconds: number | null;
  readonly coresUsed: number | null;
  readonly coresBusy: number | null;
  readonly limit: 'processor' | 'links' | 'others' | null;
  readonly bytesPerTransaction: number | null;
  readonly coins: number;
  readonly timeouts: number;
  readonly peakMB: number;
}

/** Of all cores: where less is left it is the processor that a committee waits for. */
const SATURATED = 0.85;

/** What a committee waited for. `others`: for cores that other programs had. */
function limitOf(coresUsed: number, coresBusy: number, cores: number): NonNullable<LoadRow['limit']> {
  if (coresUsed >= SATURATED * cores) return 'processor';
  return coresBusy >= SATURATED * cores ? 'others' : 'links';
}

/** Measures one point, with processes that are gone afterwards. */
export async function measurePoint(options: PointOptions): Promise<LoadRow> {
  return rowOf(options, await observeCommittee(options), cpus().length);
}

/** @param cores of the machine */
export function rowOf(
  { point, limitMs }: Pick<PointOptions, 'point' | 'limitMs'>,
  observed: Observed,
  cores: number,
): LoadRow {
  const { stretch, problem, coins, timeouts, peakMB } = observed;
  const outcome = stretch !== undefined ? 'measured' : problem !== undefined ? 'failed' : 'timed out';
  return {
    ...point,
    heightsAtOnce: heightsAtOnce(point),
    outcome,
    note: stretch !== undefined ? null : (problem ?? lateness(observed, limitMs)),
    ...(stretch === undefined ? NO_FIGURES : measured(point, observed, stretch, cores)),
    coins,
    timeouts,
    peakMB,
  };
}

const lateness = ({ hasMet }: Observed, limitMs: number): string =>
  hasMet
    ? `too few heights came out within ${limitMs / 1000} s`
    : `its processes had not all met within ${START_MS / 1000} s`;

const NO_FIGURES = {
  transactionsPerS: null,
  latencyMs: null,
  latencyP95Ms: null,
  orderedShare: null,
  heights: null,
  seconds: null,
  coresUsed: null,
  coresBusy: null,
  limit: null,
  bytesPerTransaction: null,
} as const;

function measured(point: LoadPoint, { samples, machine }: Observed, stretch: Stretch, cores: number) {
  const { fromMs, toMs } = stretch;
  const figures = figuresOf(point, stretch);
  const used = (what: 'cpuMs' | 'bytesOut'): number =>
    samples.reduce(
      (sum, each) =>
        sum +
        growth(
          each.map((sample) => ({ atMs: sample.atMs, value: sample[what] })),
          fromMs,
          toMs,
        ),
      0,
    );
  const coresUsed = used('cpuMs') / (toMs - fromMs);
  const coresBusy = growth(machine, fromMs, toMs) / (toMs - fromMs);
  const transactions = figures.transactionsPerS * figures.seconds;
  return {
    transactionsPerS: rounded(figures.transactionsPerS),
    latencyMs: rounded(figures.latencyMs),
    latencyP95Ms: rounded(figures.latencyP95Ms),
    orderedShare: rounded(figures.orderedShare),
    heights: figures.heights,
    seconds: rounded(figures.seconds),
    coresUsed: rounded(coresUsed),
    coresBusy: rounded(coresBusy),
    limit: limitOf(coresUsed, coresBusy, cores),
    bytesPerTransaction: rounded(used('bytesOut') / transactions),
  } as const;
}

const rounded = (value: number): number => Number(value.toPrecision(4));
