import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { signKeyFromSeed } from '../../crypto/signature.ts';
import { atExit } from '../../groth16/at-exit.ts';
import {
  type Extent,
  type Reading,
  SeenHeights,
  type Span,
  type Stretch,
  spanOf,
  stretchOf,
} from './measure.ts';
import type { LoadPoint } from './point.ts';
import { nowMs } from './validator.ts';
import type { Sample, ValidatorAnswer, ValidatorRequest } from './validator-process.ts';

/** The module of a validator's process. Tests run from src/, where Node cannot fork TypeScript: they fork the build's. */
const ENTRY = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts')
      ? '../../../dist/cli/load/validator-process.js'
      : './validator-process.js',
    import.meta.url,
  ),
);

/** What a committee is started with. */
export interface PointOptions {
  readonly point: LoadPoint;
  /** One-way latencies from row to column, ms. */
  readonly ms: readonly (readonly number[])[];
  readonly extent: Extent;
  /** For the measurement, after a committee has met: what is not done by then is told as such. */
  readonly limitMs: number;
}

/** What a committee did. */
export interface Observed {
  /** Nothing if it was not finished in time. */
  readonly stretch: Stretch | undefined;
  /** What no correct committee does; then there is nothing to measure. */
  readonly problem: string | undefined;
  /** Whether all streams were up in time. */
  readonly hasMet: boolean;
  /** By validator. */
  readonly samples: readonly (readonly Sample[])[];
  /** Processor time of the whole machine, whoever had it, ms. */
  readonly machine: readonly Reading[];
  readonly coins: number;
  readonly timeouts: number;
  /** Of the largest process. */
  readonly peakMB: number;
}

/** Who is asked for the last report and does not answer is ended without one, ms. */
const LAST_REPORT_MS = 5_000;
/** Processes have so long to start, and then to meet, ms. */
export const START_MS = 120_000;
const MACHINE_EVERY_MS = 200;

/** Milliseconds that the machine's cores have worked since it started. */
const machineMs = (): number =>
  cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);

/** Runs a committee of processes until enough is measured. */
export async function observeCommittee(options: PointOptions): Promise<Observed> {
  const committee = new Committee(options);
  try {
    return await committee.run();
  } finally {
    committee.kill();
  }
}

class Committee {
  readonly #options: PointOptions;
  readonly #children: readonly ChildProcess[];
  readonly #seen: SeenHeights;
  readonly #samples: Sample[][];
  readonly #machine: Reading[] = [];
  readonly #coins: number[] = [];
  readonly #timeouts: number[] = [];
  readonly #ports = new Map<number, number>();
  readonly #connected = new Set<number>();
  readonly #ended = new Set<number>();
  readonly #forget: () => void;
  #problem: string | undefined;
  #peakMB = 0;
  /** Looks again whether what is waited for is there. */
  #look: () => void = () => {};

  constructor(options: PointOptions) {
    const { n } = options.point;
    this.#options = options;
    this.#seen = new SeenHeights(options.point);
    this.#samples = Array.from({ length: n }, () => []);
    this.#forget = atExit(() => this.#killAll());
    this.#children = Array.from({ length: n }, () =>
      fork(ENTRY, [], {
        execArgv: [],
        serialization: 'advanced',
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      }),
    );
    this.#children.forEach((child, i) => {
      child.on('message', (message) => {
        this.#onAnswer(i, message as ValidatorAnswer);
        this.#look();
      });
      child.on('exit', (code, signal) => {
        this.#problem ??= `the process of validator ${i} ended (${signal ?? `exit code ${code}`})`;
        this.#look();
      });
      child.on('error', () => {});
    });
  }

  async run(): Promise<Observed> {
    const { point, ms, limitMs, extent } = this.#options;
    const { n } = point;
    const seeds = Array.from({ length: n }, () => randomBytes(32));
    const keys = seeds.map((seed) => signKeyFromSeed(seed).publicKey);
    for (let self = 0; self < n; self++)
      this.#ask(self, { type: 'listen', spec: { point, self, seed: seeds[self]!, keys, ms } });
    await this.#until(() => this.#ports.size === n, START_MS);
    const ports = seeds.map((_, i) => this.#ports.get(i) ?? 0);
    if (this.#ports.size === n) this.#askAll({ type: 'meet', ports });
    await this.#until(() => this.#connected.size === n, this.#ports.size === n ? START_MS : 0);
    const hasMet = this.#connected.size === n;
    const meter = setInterval(() => this.#readMachine(), MACHINE_EVERY_MS);
    let span: Span | undefined;
    try {
      this.#readMachine();
      const beganMs = nowMs();
      if (hasMet && this.#problem === undefined) {
        this.#askAll({ type: 'begin' });
        await this.#until(() => {
          span ??= spanOf(point, this.#seen.done(), beganMs, extent);
          return span !== undefined;
        }, limitMs);
      }
      if (hasMet && this.#problem === undefined) {
        this.#askAll({ type: 'end' });
        await this.#until(() => this.#ended.size === n, LAST_REPORT_MS);
      }
    } finally {
      clearInterval(meter);
      this.#readMachine();
    }
    const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);
    return {
      stretch:
        this.#problem === undefined && span !== undefined ? stretchOf(this.#seen.doneNow(), span) : undefined,
      problem: this.#problem,
      hasMet,
      samples: this.#samples,
      machine: this.#machine,
      coins: sum(this.#coins),
      timeouts: sum(this.#timeouts),
      peakMB: this.#peakMB,
    };
  }

  kill(): void {
    this.#forget();
    this.#killAll();
  }

  #killAll(): void {
    for (const child of this.#children) child.kill('SIGKILL');
  }

  #ask(i: number, request: ValidatorRequest): void {
    const child = this.#children[i]!;
    if (child.connected) child.send(request);
  }

  #askAll(request: ValidatorRequest): void {
    for (let i = 0; i < this.#children.length; i++) this.#ask(i, request);
  }

  #readMachine(): void {
    this.#machine.push({ atMs: nowMs(), value: machineMs() });
  }

  #onAnswer(i: number, answer: ValidatorAnswer): void {
    if (answer.type === 'listening') this.#ports.set(i, answer.port);
    else if (answer.type === 'connected') this.#connected.add(i);
    else {
      const { heights, coins, timeouts, problems } = answer.done;
      for (const seen of heights) this.#problem ??= this.#seen.add(i, seen);
      // A process that is ended takes its streams with it.
      if (this.#ended.size === 0) this.#problem ??= problems[0];
      this.#coins[i] = coins;
      this.#timeouts[i] = timeouts;
      this.#samples[i]!.push(answer.sample);
      this.#peakMB = Math.max(this.#peakMB, answer.peakMB);
      if (answer.isLast) this.#ended.add(i);
    }
  }

  /** Until something holds, a problem is there, or the time is up. */
  #until(holds: () => boolean, limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const stop = (): void => {
        this.#look = () => {};
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(stop, limitMs);
      this.#look = () => {
        if (this.#problem !== undefined || holds()) stop();
      };
      this.#look();
    });
  }
}
