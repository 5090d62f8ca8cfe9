import { availableParallelism } from 'node:os';
import type { Measured } from '../../experiments/define.ts';
import { type OneMachineModel, oneMachineModel } from '../../experiments/one-machine.ts';
import type { HeightPart } from '../../node/height-clock.ts';
import type { DevnetHome } from '../devnet/devnet-home.ts';
import { genesisOf } from '../devnet/up.ts';
import { CliError } from '../errors.ts';
import { addressText } from '../node/settings.ts';
import { withBenchNodes } from './bench-nodes.ts';
import {
  byPart,
  HeightLog,
  NODE_PROCESSES,
  type NodeProcess,
  type NodeSample,
  sampleNode,
} from './node-samples.ts';
import { type Interval, interval } from './node-statistics.ts';
import { BATCHES, BenchTraders, writeBenchMarket } from './node-traders.ts';

export interface NodeCase {
  readonly validators: number;
  /** One way, between any two nodes. */
  readonly delayMs: number;
}

export interface NodeBenchOptions extends NodeCase {
  /** Groups of batches that are submitted to an idle chain and measured. */
  readonly heights: number;
  /** e7's prices on this machine (`pricesFor`), for this number of validators and 10 batches. */
  readonly measured: Measured;
  readonly onProgress: (what: string) => void;
}

export interface Latency {
  readonly p50Ms: Interval;
  readonly p99Ms: Interval;
}

/** Turns of the nodes' event loops that worked for the protocol; on a busy machine a turn lasts longer than it works. */
export interface Turns {
  readonly count: number;
  readonly over50ms: number;
  readonly over100ms: number;
  /** By the processor time of the process. */
  readonly over50msOfCpu: number;
  readonly over100msOfCpu: number;
}

export interface NodeBenchmark extends NodeCase {
  readonly batches: number;
  /** From the first request to the last node’s settlement, of groups submitted together to an idle chain. */
  readonly groups: number;
  readonly settled: Latency;
  /** Each of them, in order, ms. */
  readonly settledMs: readonly number[];
  /** The same to the q-th node’s settlement is what a certificate needs. */
  readonly quorumSettled: Latency;
  /** Heights that a group took: more than one if its batches were not listed together. */
  readonly heightsPerGroup: number;
  /** From the start of the processes until all are ready, with warm provers, ms. */
  readonly startMs: number;
  /** The first groups after the start, in order, ms: they count for nothing else. */
  readonly coldMs: readonly number[];
  /** Means of all nodes, ms: they add up to the time from the first item at a node to its settlement. */
  readonly parts: Readonly<Record<HeightPart | 'client', number>>;
  readonly dominates: HeightPart | 'client';
  /** Of all nodes together, a group, processor ms; undefined where the system does not tell. */
  readonly cpuMs: Readonly<Record<NodeProcess, number>> | undefined;
  /** Sent by a node, a group. */
  readonly bytesOut: number;
  readonly turns: Turns;
  /** e7's model of a height for these nodes on the cores of this machine. */
  readonly model: OneMachineModel & {
    /** Measured p50 over the model's, and over the model with the protocols' measured work. */
    readonly ratio: number;
    readonly ratioWithProtocol: number | undefined;
  };
  /** A group every so many ms whether or not the one before is settled. */
  readonly steady: { readonly everyMs: number; readonly settled: Latency; readonly batchesPerS: number };
}

const GROUP_MS = 240_000;
const POLL_MS = 20;
/** Nothing was under way for this long: the chain is idle. */
const IDLE_MS = 300;
/** Groups that find cold code, and the fifth, at which provers were compiled anew once. */
const COLD_GROUPS = 5;
/** A node announces what it admitted after 10 ms, and votes 20 ms after it admitted the last item. */
const WAITS_MS = 30;
const STEADY_EVERY_MS = 1_500;

const nap = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const nowMs = (): number => performance.timeOrigin + performance.now();

/**
 * Validators as processes, with real proofs and disks and the delay on their streams: how long 10 batches take from submission to settlement.
 * Proofs of orders are made before the clock starts.
 * @throws {CliError} DEVNET_FAILED
 */
export function benchNode(options: NodeBenchOptions): Promise<NodeBenchmark> {
  return withBenchNodes(options, writeBenchMarket, async ({ devnet, prover, startMs }) => {
    const traders = new BenchTraders(devnet, await genesisOf(devnet), prover);
    return { ...(await new NodeRun(devnet, traders, options).run()), startMs };
  });
}

/** One group on its way. */
interface Group {
  readonly fromMs: number;
  /** By node: the heights that were settled before. */
  readonly before: readonly number[];
}

interface Settled {
  /** By node, ms after the submission, ascending. */
  readonly ms: readonly number[];
  readonly heights: number;
}

class NodeRun {
  readonly #devnet: DevnetHome;
  readonly #traders: BenchTraders;
  readonly #options: NodeBenchOptions;
  readonly #logs: readonly HeightLog[];

  constructor(devnet: DevnetHome, traders: BenchTraders, options: NodeBenchOptions) {
    this.#devnet = devnet;
    this.#traders = traders;
    this.#options = options;
    this.#logs = devnet.nodes.map(({ log }) => new HeightLog(log));
  }

  async run(): Promise<Omit<NodeBenchmark, 'startMs'>> {
    const { validators, delayMs, heights, onProgress } = this.#options;
    const cold: number[] = [];
    for (let round = 0; round < COLD_GROUPS; round++) {
      onProgress(`${validators} nodes, ${delayMs} ms: cold group ${round + 1} of ${COLD_GROUPS}`);
      cold.push(Math.round((await this.#group(await this.#traders.idleGroup(round))).ms.at(-1)!));
    }
    const before = await this.#samples();
    const rounds: Settled[] = [];
    for (let round = 0; round < heights; round++) {
      if (round % 10 === 0) onProgress(`${validators} nodes, ${delayMs} ms: group ${round} of ${heights}`);
      rounds.push(await this.#group(await this.#traders.idleGroup(COLD_GROUPS + round)));
    }
    const used = usedBetween(before, await this.#samples(), heights);
    const latencies = rounds.map(({ ms }) => ms.at(-1)!);
    const q = validators - Math.floor((validators - 1) / 3);
    const nodeMs = Object.values(used.parts).reduce((sum, ms) => sum + ms, 0);
    const meanMs = mean(rounds.map(({ ms }) => mean(ms)));
    const parts = { client: Math.max(0, Math.round(meanMs - nodeMs)), ...used.parts };
    const named = Object.entries(parts) as [HeightPart | 'client', number][];
    const settled = latencyOf(latencies);
    onProgress(`${validators} nodes, ${delayMs} ms: steady load`);
    return {
      validators,
      delayMs,
      batches: BATCHES,
      groups: heights,
      settled,
      settledMs: latencies.map(Math.round),
      quorumSettled: latencyOf(rounds.map(({ ms }) => ms[q - 1]!)),
      heightsPerGroup: mean(rounds.map((each) => each.heights)),
      coldMs: cold,
      ...used,
      model: this.#model(settled.p50Ms.value, used.cpuMs?.protocol),
      parts,
      dominates: named.reduce((top, each) => (each[1] > top[1] ? each : top))[0],
      steady: await this.#steady(),
    };
  }

  #model(p50Ms: number, protocolCpuMs: number | undefined): NodeBenchmark['model'] {
    const { validators, delayMs, measured } = this.#options;
    const cores = availableParallelism();
    const model = oneMachineModel(
      { n: validators, batches: BATCHES, delayMs, cores, waitsMs: WAITS_MS, protocolCpuMs },
      measured,
    );
    const { settledMs, withProtocolMs } = model;
    const over = (ms: number): number => Number((p50Ms / ms).toFixed(2));
    return {
      ...mapped(model),
      ratio: over(settledMs),
      ratioWithProtocol: withProtocolMs === undefined ? undefined : over(withProtocolMs),
    };
  }

  #samples(): Promise<NodeSample[]> {
    return Promise.all(this.#devnet.nodes.map((node) => sampleNode(this.#devnet, node)));
  }

  /** Submits a group to the idle chain. */
  async #group(items: readonly string[]): Promise<Settled> {
    await this.#idle();
    const group = await this.#submit(items);
    const settled = await this.#untilSettled([group], BATCHES);
    return settled[0]!;
  }

  async #submit(items: readonly string[]): Promise<Group> {
    this.#read();
    const before = this.#logs.map(({ settled }) => Math.max(0, ...settled.keys()));
    const fromMs = nowMs();
    await Promise.all(this.#devnet.nodes.map(({ rpc }) => submitAll(addressText(rpc), items)));
    return { fromMs, before };
  }

  #read(): void {
    for (const log of this.#logs) log.read();
  }

  async #idle(): Promise<void> {
    for (;;) {
      this.#read();
      const isIdle = this.#logs.every(
        ({ certified, settled, saidMs }) =>
          Math.max(0, ...settled.keys()) <= certified && nowMs() - saidMs >= IDLE_MS,
      );
      if (isIdle) return;
      await nap(POLL_MS);
    }
  }

  /** Until every node has settled as many items as these groups have, and certified them. @returns in the order of the groups */
  async #untilSettled(groups: readonly Group[], each: number): Promise<Settled[]> {
    const end = nowMs() + GROUP_MS * groups.length;
    for (;;) {
      this.#read();
      const all = this.#logs.map((log) => settledAfter(log, groups[0]!.before[this.#logs.indexOf(log)]!));
      const isDone = all.every(
        (heights, i) =>
          heights.reduce((sum, { accepted }) => sum + accepted, 0) >= each * groups.length &&
          this.#logs[i]!.certified >= heights.at(-1)!.height,
      );
      if (isDone)
        return groups.map((group, k) => {
          const reached = all.map((heights) => countOff(heights, each * (k + 1)));
          const ms = reached.map(({ atMs }) => atMs - group.fromMs).sort((a, b) => a - b);
          return { ms, heights: Math.max(...reached.map(({ heights }) => heights)) };
        });
      if (nowMs() > end) throw new CliError('DEVNET_FAILED', 'batches were not settled in time');
      await nap(POLL_MS);
    }
  }

  /** Groups at a steady pace. Those of one height are told apart by their number only: the first that were submitted count first. */
  async #steady(): Promise<NodeBenchmark['steady']> {
    const groups = await this.#traders.steadyGroups();
    await this.#idle();
    const sent: Group[] = [];
    const begunMs = nowMs();
    for (const [k, items] of groups.entries()) {
      await nap(Math.max(0, begunMs + k * STEADY_EVERY_MS - nowMs()));
      sent.push(await this.#submit(items));
    }
    const settled = await this.#untilSettled(sent, BATCHES);
    const lastMs = Math.max(...settled.map(({ ms }, k) => sent[k]!.fromMs + ms.at(-1)!));
    return {
      everyMs: STEADY_EVERY_MS,
      settled: latencyOf(settled.map(({ ms }) => ms.at(-1)!)),
      batchesPerS: Number(((1000 * BATCHES * groups.length) / (lastMs - begunMs)).toPrecision(3)),
    };
  }
}

const mapped = (model: OneMachineModel): OneMachineModel => ({
  networkMs: Math.round(model.networkMs),
  waitsMs: model.waitsMs,
  workMs: Math.round(model.workMs),
  settledMs: Math.round(model.settledMs),
  withProtocolMs: model.withProtocolMs === undefined ? undefined : Math.round(model.withProtocolMs),
});

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const latencyOf = (ms: readonly number[]): Latency => ({
  p50Ms: interval(ms, 0.5),
  p99Ms: interval(ms, 0.99),
});

interface SettledLine {
  readonly height: number;
  readonly atMs: number;
  readonly accepted: number;
}

const settledAfter = (log: HeightLog, before: number): SettledLine[] =>
  [...log.settled]
    .filter(([height]) => height > before)
    .map(([height, said]) => ({ height, ...said }))
    .sort((a, b) => a.height - b.height);

/** When so many items were settled, and in how many heights with items. */
function countOff(
  heights: readonly SettledLine[],
  items: number,
): { readonly atMs: number; readonly heights: number } {
  let left = items;
  let count = 0;
  for (const { atMs, accepted } of heights) {
    left -= accepted;
    if (accepted > 0) count += 1;
    if (left <= 0) return { atMs, heights: count };
  }
  return { atMs: Number.NaN, heights: count };
}

/** What all nodes used between two samples, a group. */
function usedBetween(before: readonly NodeSample[], after: readonly NodeSample[], groups: number) {
  const heights = after.reduce((sum, each, i) => sum + each.heights - before[i]!.heights, 0);
  const total = (value: (sample: NodeSample) => number): number =>
    after.reduce((sum, each, i) => sum + value(each) - value(before[i]!), 0);
  const isTold = [...before, ...after].every(({ cpuMs }) => cpuMs !== undefined);
  const turns = total((sample) => sample.turns);
  const over = (ms: number): number => turns - total((sample) => sample.turnsWithin.get(ms) ?? 0);
  const overCpu = (ms: number): number => turns - total((sample) => sample.turnsWithinCpu.get(ms) ?? 0);
  return {
    parts: byPart((part) => Math.round(total(({ partMs }) => partMs[part]) / Math.max(1, heights))),
    cpuMs: isTold
      ? (Object.fromEntries(
          NODE_PROCESSES.map((name) => [name, Math.round(total(({ cpuMs }) => cpuMs![name]) / groups)]),
        ) as Record<NodeProcess, number>)
      : undefined,
    bytesOut: Math.round(total(({ bytesOut }) => bytesOut) / groups / after.length),
    turns: {
      count: turns,
      over50ms: over(50),
      over100ms: over(100),
      over50msOfCpu: overCpu(50),
      over100msOfCpu: overCpu(100),
    },
  };
}

/** All in one request. */
async function submitAll(where: string, items: readonly string[]): Promise<void> {
  const calls = items.map((item, id) => ({ jsonrpc: '2.0', id, method: 'submit', params: { item } }));
  const response = await fetch(`http://${where}/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(calls),
  });
  const answers: unknown = await response.json();
  const refused = Array.isArray(answers) ? answers.find((answer) => 'error' in answer) : answers;
  if (refused !== undefined)
    throw new CliError('DEVNET_FAILED', `${where} refused a batch: ${JSON.stringify(refused).slice(0, 300)}`);
}
