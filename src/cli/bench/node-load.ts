import { cpus } from 'node:os';
import { z } from 'zod';
import { CODE } from '../../client/ask-node.ts';
import { LONG_PATIENCE } from '../../client/terms.ts';
import type { HeightPart } from '../../node/height-clock.ts';
import type { DevnetHome } from '../devnet/devnet-home.ts';
import { genesisOf } from '../devnet/up.ts';
import { CliError } from '../errors.ts';
import { addressText } from '../node/settings.ts';
import { withBenchNodes } from './bench-nodes.ts';
import { LoadTraders, type ReadyBatch, writeLoadMarket } from './load-traders.ts';
import type { Latency } from './node.ts';
import {
  byPart,
  HeightLog,
  NODE_PROCESSES,
  type NodeProcess,
  type NodeSample,
  sampleNode,
} from './node-samples.ts';
import { interval } from './node-statistics.ts';

export interface LoadOptions {
  readonly validators: number;
  readonly delayMs: number;
  /** Submitted at once. */
  readonly batches: number;
  /** How long it may take. */
  readonly minutes: number;
  readonly onProgress: (what: string) => void;
}

/** Batches that were handed in together, and what a window of heights made of them. */
export interface LoadRound {
  readonly submitted: number;
  /** Until the last node had admitted all of them, s. */
  readonly admittedS: number;
  readonly settled: number;
  /** Until the last node had settled those, s. */
  readonly settledS: number;
  readonly heights: number;
}

export interface LoadBenchmark {
  readonly validators: number;
  readonly delayMs: number;
  readonly batches: number;
  /** Each but the first has what the window of the one before left, made anew. */
  readonly rounds: readonly LoadRound[];
  /** Heights until all were settled; null if time was up before. */
  readonly heights: number | null;
  /** Of the first round: what the nodes can do. */
  readonly admittedPerS: number;
  readonly settledPerS: number;
  /** Of the first round: the share of the machine's cores that the nodes had, and for what, ms a batch; undefined where it is not told. */
  readonly coresUsed: number | undefined;
  readonly cpuMs: Readonly<Record<NodeProcess, number>> | undefined;
  /** Means of heights of the first round, ms. */
  readonly parts: Readonly<Record<HeightPart, number>>;
  /** At half of what the nodes can do. */
  readonly half: {
    readonly batchesPerS: number;
    readonly batches: number;
    /** To the settlement of the last node. */
    readonly settled: Latency | null;
    /** Not ordered in their window. */
    readonly passed: number;
  };
  readonly seconds: number;
}

const POLL_MS = 50;
const METRICS_EVERY_MS = 500;
/** Nothing of a group was settled for this long: the rest was not ordered in its window. */
const QUIET_MS = 4_000;
/** Nothing was settled for this long: nothing will be. */
const STALL_MS = 30_000;
/** Before the end nothing more is proved: for all at once, and for half of the load, ms. */
const LAST_PROOF_MS = 140_000;
const LAST_HALF_MS = 60_000;
/** Calls of one request. */
const CALLS = 16;
const AGAIN_MS = 50;
const HALF_MS = 4_000;
const HALF_ROUNDS = 3;
/** Submitted together at half load. */
const GROUP = 4;
/** What the first height finds cold. */
const WARM = 10;

const nap = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
/** Unix ms: what logs tell. */
const nowMs = (): number => performance.timeOrigin + performance.now();
const rounded = (value: number): number => Number(value.toPrecision(3));

/**
 * Validators as processes under more load than they bear: batches handed in at once as fast as the nodes take them, until all are settled;
 * then the time to settlement at half of the rate that was reached. Proofs are made while the chain is idle.
 * @throws {CliError} DEVNET_FAILED
 */
export function benchLoad(options: LoadOptions): Promise<LoadBenchmark> {
  const begunMs = performance.now();
  const writeMarket = (dir: string): string => writeLoadMarket(dir, options.batches);
  return withBenchNodes(options, writeMarket, async ({ devnet, prover }) => {
    const traders = new LoadTraders(devnet, await genesisOf(devnet), prover);
    return new LoadRun(devnet, traders, options, begunMs).run();
  });
}

class LoadRun {
  readonly #devnet: DevnetHome;
  readonly #traders: LoadTraders;
  readonly #options: LoadOptions;
  readonly #begunMs: number;
  readonly #endMs: number;
  readonly #logs: readonly HeightLog[];

  constructor(devnet: DevnetHome, traders: LoadTraders, options: LoadOptions, begunMs: number) {
    this.#devnet = devnet;
    this.#traders = traders;
    this.#options = options;
    this.#begunMs = begunMs;
    this.#endMs = begunMs + 60_000 * options.minutes;
    this.#logs = devnet.nodes.map(({ log }) => new HeightLog(log));
  }

  async run(): Promise<LoadBenchmark> {
    const { validators, delayMs, batches, onProgress } = this.#options;
    const lastMs = this.#endMs - LAST_PROOF_MS;
    await this.#round(await this.#traders.make(WARM, lastMs));
    const rounds: LoadRound[] = [];
    let left = batches;
    let first: { before: NodeSample[]; after: NodeSample[] } | undefined;
    while (left > 0 && (first === undefined || performance.now() < lastMs)) {
      onProgress(`proving ${left} batches`);
      const ready = await this.#traders.make(left, lastMs);
      onProgress(`submitting ${ready.length} batches at once`);
      const before = await this.#samples();
      const round = await this.#round(ready);
      first ??= { before, after: await this.#samples() };
      rounds.push(round);
      left -= round.settled;
      if (round.settled === 0) break;
    }
    const top = rounds[0]!;
    const settledPerS = top.settled / top.settledS;
    return {
      validators,
      delayMs,
      batches,
      rounds,
      heights: left > 0 ? null : rounds.reduce((sum, { heights }) => sum + heights, 0),
      admittedPerS: rounded(top.submitted / top.admittedS),
      settledPerS: rounded(settledPerS),
      ...usedIn(first!.before, first!.after, top),
      half: await this.#half(settledPerS / 2),
      seconds: Math.round((performance.now() - this.#begunMs) / 1000),
    };
  }

  #samples(): Promise<NodeSample[]> {
    return Promise.all(this.#devnet.nodes.map((node) => sampleNode(this.#devnet, node)));
  }

  /** Hands everything in as fast as each node takes it, and waits until all is settled or no height may order it any more. */
  async #round(ready: readonly ReadyBatch[]): Promise<LoadRound> {
    const begunMs = nowMs();
    const before = this.#settledHeight();
    const lastHeight = before + 1 + LONG_PATIENCE;
    const admitted = await this.#admitted();
    let admittedMs: number | undefined;
    let lookedMs = begunMs;
    const taking = Promise.all(this.#devnet.nodes.map(({ rpc }) => submitAll(addressText(rpc), ready)));
    const settled = (): number[] => this.#logs.map((log) => itemsAfter(log, before));
    let changedMs = begunMs;
    for (let last = ''; ; ) {
      this.#read();
      const now = settled();
      if (now.join() !== last) changedMs = nowMs();
      last = now.join();
      if (admittedMs === undefined && nowMs() - lookedMs >= METRICS_EVERY_MS) {
        lookedMs = nowMs();
        const by = await this.#admitted();
        if (by.every((count, i) => count - admitted[i]! >= ready.length)) admittedMs = nowMs();
      }
      const isDone = now.every((count) => count >= ready.length);
      const isOver = this.#logs.every(({ settled }) => settled.has(lastHeight));
      if (isDone || isOver || nowMs() - changedMs > STALL_MS) break;
      await nap(POLL_MS);
    }
    await taking;
    await this.#follow();
    const heights = ready.flatMap(({ id }) => this.#traders.orderedAt.get(id) ?? []);
    const lastMs = Math.max(begunMs, ...heights.map((at) => this.#settledMs(at)));
    return {
      submitted: ready.length,
      admittedS: rounded(((admittedMs ?? lastMs) - begunMs) / 1000),
      settled: heights.length,
      settledS: rounded((lastMs - begunMs) / 1000),
      heights: new Set(heights).size,
    };
  }

  /** Groups at a steady pace, for as long as the windows of what was proved before last. */
  async #half(perS: number): Promise<LoadBenchmark['half']> {
    const everyMs = (1000 * GROUP) / perS;
    const groups = Math.max(1, Math.floor(HALF_MS / everyMs));
    const times: number[] = [];
    let passed = 0;
    for (let round = 0; round < HALF_ROUNDS; round++) {
      this.#options.onProgress(`half of the load, round ${round + 1} of ${HALF_ROUNDS}`);
      const ready = await this.#traders.make(GROUP * groups, this.#endMs - LAST_HALF_MS);
      const begunMs = nowMs();
      const sent: Promise<unknown>[] = [];
      for (let k = 0; k * GROUP < ready.length; k++) {
        await nap(Math.max(0, begunMs + k * everyMs - nowMs()));
        const group = ready.slice(k * GROUP, (k + 1) * GROUP);
        sent.push(Promise.all(this.#devnet.nodes.map(({ rpc }) => submitAll(addressText(rpc), group))));
      }
      await Promise.all(sent);
      for (let quietMs = 0, last = -1; quietMs < QUIET_MS; quietMs += POLL_MS) {
        this.#read();
        const top = this.#settledHeight();
        if (top !== last) quietMs = 0;
        last = top;
        await nap(POLL_MS);
      }
      await this.#follow();
      for (const [i, { id }] of ready.entries()) {
        const at = this.#traders.orderedAt.get(id);
        if (at === undefined) passed += 1;
        else times.push(this.#settledMs(at) - (begunMs + Math.floor(i / GROUP) * everyMs));
      }
    }
    return {
      batchesPerS: rounded(perS),
      batches: times.length + passed,
      settled: times.length === 0 ? null : { p50Ms: interval(times, 0.5), p99Ms: interval(times, 0.99) },
      passed,
    };
  }

  /** What is settled has a certificate a little later, and traders follow certified heights alone. */
  async #follow(): Promise<void> {
    const last = this.#settledHeight();
    for (const untilMs = nowMs() + STALL_MS; this.#logs[0]!.certified < last && nowMs() < untilMs; ) {
      await nap(POLL_MS);
      this.#read();
    }
    await this.#traders.follow();
  }

  #read(): void {
    for (const log of this.#logs) log.read();
  }

  #settledHeight(): number {
    return Math.max(0, ...this.#logs.flatMap(({ settled }) => [...settled.keys()]));
  }

  /** When the last node had settled a height; a node that took its block does not say so. */
  #settledMs(at: number): number {
    return Math.max(...this.#logs.map(({ settled }) => settled.get(at)?.atMs ?? 0));
  }

  #admitted(): Promise<number[]> {
    return Promise.all(
      this.#devnet.nodes.map(async ({ rpc }) => {
        const text = await (await fetch(`http://${addressText(rpc)}/metrics`)).text();
        return Number(/^velum_items_total\{answer="admitted"\} (\d+)$/m.exec(text)?.[1] ?? 0);
      }),
    );
  }
}

const itemsAfter = ({ settled }: HeightLog, before: number): number =>
  [...settled].reduce((sum, [height, { accepted }]) => (height > before ? sum + accepted : sum), 0);

function usedIn(before: readonly NodeSample[], after: readonly NodeSample[], round: LoadRound) {
  const total = (value: (sample: NodeSample) => number): number =>
    after.reduce((sum, each, i) => sum + value(each) - value(before[i]!), 0);
  const isTold = [...before, ...after].every(({ cpuMs }) => cpuMs !== undefined);
  const heights = Math.max(
    1,
    total((sample) => sample.heights),
  );
  const ofProcess = (name: NodeProcess): number => total(({ cpuMs }) => cpuMs![name]);
  const parts = byPart((part) => Math.round(total(({ partMs }) => partMs[part]) / heights));
  if (!isTold) return { parts, cpuMs: undefined, coresUsed: undefined };
  const all = NODE_PROCESSES.reduce((sum, name) => sum + ofProcess(name), 0);
  const perBatch = NODE_PROCESSES.map((name) => [
    name,
    rounded(ofProcess(name) / Math.max(1, round.settled)),
  ]);
  return {
    parts,
    cpuMs: Object.fromEntries(perBatch) as Record<NodeProcess, number>,
    coresUsed: rounded(all / (1000 * round.settledS * cpus().length)),
  };
}

/** Hands everything to one node, again where it says that it has too much to do. @throws {CliError} DEVNET_FAILED if it refuses */
async function submitAll(where: string, batches: readonly ReadyBatch[]): Promise<void> {
  for (let at = 0; at < batches.length; at += CALLS) {
    let left = batches.slice(at, at + CALLS);
    while (left.length > 0) {
      const response = await fetch(`http://${where}/`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(
          left.map(({ item }, id) => ({ jsonrpc: '2.0', id, method: 'submit', params: { item } })),
        ),
      });
      const said = ANSWERS.parse(await response.json());
      const codes = (Array.isArray(said) ? said : left.map((_, id) => ({ ...said, id }))).filter(
        ({ error }) => error !== undefined,
      );
      const other = codes.find(({ error }) => !LATER.has(error!.data.code));
      if (other !== undefined)
        throw new CliError('DEVNET_FAILED', `${where} refused a batch: ${other.error!.data.code}`);
      const again = new Set(codes.map(({ id }) => id));
      left = left.filter((_, id) => again.has(id));
      if (left.length > 0) await nap(AGAIN_MS);
    }
  }
}

const ANSWER = z.object({
  id: z.int().nullable(),
  error: z.object({ data: z.object({ code: CODE }) }).optional(),
});
/** One refusal stands for all calls of a request. */
const ANSWERS = z.union([z.array(ANSWER), ANSWER]);
const LATER = new Set(['RPC_BUSY', 'RPC_RATE', 'RPC_NOT_READY']);
