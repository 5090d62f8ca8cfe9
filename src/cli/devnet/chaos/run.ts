import { join } from 'node:path';
import { makeFolders } from '../../../groth16/make-folders.ts';
import { quorumOf } from '../../../params/quorum.ts';
import { Prng } from '../../../sim/prng.ts';
import { writeQuietMarket } from '../../bench/node-traders.ts';
import { CliError } from '../../errors.ts';
import type { DevnetHome } from '../devnet-home.ts';
import { KilledAtExit, makeQuietDevnet } from '../quiet-devnet.ts';
import { genesisOf, startNodes } from '../up.ts';
import { LinkMesh } from './links.ts';
import { memoryOf } from './memory.ts';
import { ChaosNodes } from './nodes.ts';
import { longestGapMs, lostBatches } from './observed.ts';
import { type ChaosStep, type Disturbance, planChaos, ROUND_STEPS } from './plan.ts';
import { CHAOS_TRADERS, ChaosTrading } from './trading.ts';
import { judgeStores } from './verdict.ts';

export interface ChaosOptions {
  /** At least 4: one of them lies. */
  readonly validators: number;
  readonly minutes: number;
  readonly seed: number;
  /** Empty or missing. It holds the devnet afterwards, stopped. */
  readonly dir: string;
  readonly onProgress: (text: string) => void;
}

/** What a committee went through, and how it bore it. */
export interface ChaosReport {
  /** Index of the Byzantine node. */
  readonly liar: number;
  readonly seconds: number;
  /** How often each kind of disturbance was inflicted. */
  readonly disturbances: Readonly<Partial<Record<Disturbance['kind'], number>>>;
  /** Certified by all correct nodes, replayed from the store of each. */
  readonly heights: number;
  readonly heightsPerMinute: number;
  /** The longest time without a certified height while n − f correct nodes were up all the time. */
  readonly longestGapS: number;
  /** `passed`: no height of its window ordered it, which 2f + 1 correct nodes did not hold in time. */
  readonly batches: Readonly<Record<'made' | 'ordered' | 'passed' | 'lost', number>>;
  /** Pieces of evidence in the blocks. */
  readonly evidence: number;
  /** Most memory of all processes of all nodes together, MB; null where the system does not tell. */
  readonly memoryMB: number | null;
  /** How often the command itself stood still for seconds, on a machine that had no time for it: no links worked then, and nobody is blamed. */
  readonly standstills: number;
  /** What must not be. */
  readonly problems: readonly string[];
}

/** While n − f correct nodes are up, a height is certified within this. */
const MOST_GAP_MS = 60_000;
const CONVERGE_MS = 180_000;
const MEMORY_EVERY_MS = 5_000;
/** A step lasts longer than this. */
const LEAST_STEP_S = 4;

const nap = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Tortures a devnet of one Byzantine node for so long, heals it, and judges what became of its chain. @throws {CliError} DEVNET_FAILED if it does not start */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { validators, seed, dir, minutes } = options;
  const liar = new Prng(seed).below(validators);
  const links = new LinkMesh(validators);
  await links.open();
  try {
    const devnet = await makeLinkedDevnet(options, links);
    const nodes = new ChaosNodes(devnet, links, liar);
    const killed = new KilledAtExit(devnet);
    nodes.onProcesses = () => killed.refresh();
    for (const { index } of devnet.nodes) nodes.start(index);
    options.onProgress(`${validators} nodes in ${dir}; node ${liar} lies`);
    try {
      await startNodes(devnet, devnet.nodes);
      const steps = planChaos(seed, validators, liar, ROUND_STEPS + Math.ceil((60 * minutes) / LEAST_STEP_S));
      return await torture(devnet, nodes, liar, steps, options);
    } finally {
      await Promise.all(devnet.nodes.map((node) => devnet.stop(node)));
      killed.forget();
    }
  } finally {
    await links.close();
  }
}

async function makeLinkedDevnet({ dir, validators }: ChaosOptions, links: LinkMesh): Promise<DevnetHome> {
  const source = join(dir, 'source');
  makeFolders(source);
  const peersOf = (index: number) => links.peersOf(index);
  const market = writeQuietMarket(source, CHAOS_TRADERS);
  const devnet = await makeQuietDevnet(dir, market, { validators, delayMs: 0, peersOf });
  links.targets = devnet.nodes.map(({ listen }) => listen);
  return devnet;
}

async function torture(
  devnet: DevnetHome,
  nodes: ChaosNodes,
  liar: number,
  steps: readonly ChaosStep[],
  { minutes, onProgress }: ChaosOptions,
): Promise<ChaosReport> {
  const genesis = await genesisOf(devnet);
  const trading = new ChaosTrading(devnet, genesis, liar, () => nodes.reachable);
  const problems: string[] = [];
  const note = (error: unknown): void => {
    if (!CliError.is(error, 'DEVNET_FAILED')) throw error;
    problems.push(error.message);
  };
  let memory: number | undefined;
  const sampling = setInterval(() => {
    const pids = devnet.nodes.flatMap((node) => devnet.pidOf(node) ?? []);
    memory = Math.max(memory ?? 0, memoryOf(pids) ?? 0) || undefined;
  }, MEMORY_EVERY_MS);
  const watching = nodes.watch();
  const work = trading.run().catch(note);
  const begunMs = performance.now();
  const endMs = begunMs + 60_000 * minutes;
  const disturbances: Partial<Record<Disturbance['kind'], number>> = {};
  try {
    for (const [k, step] of steps.entries()) {
      if ((performance.now() > endMs && k >= ROUND_STEPS) || problems.length > 0) break;
      onProgress(`height ${nodes.top}: ${step.disturbances.map(textOf).join(', ')}`);
      for (const { kind } of step.disturbances) disturbances[kind] = (disturbances[kind] ?? 0) + 1;
      await Promise.all(step.disturbances.map((disturbance) => nodes.suffer(disturbance).catch(note)));
      await nap(1000 * step.calmS);
    }
    onProgress(`height ${nodes.top}: healed`);
    if (problems.length === 0) await nodes.converge(CONVERGE_MS).catch(note);
    const overMs = performance.now();
    trading.stop();
    await work;
    await trading.look().catch(note);
    await Promise.all(devnet.nodes.map((node) => devnet.stop(node)));
    const { q } = quorumOf(devnet.file.validators);
    const gapMs = longestGapMs(nodes.up, nodes.heights, q, overMs);
    if (gapMs > MOST_GAP_MS)
      problems.push(`no height for ${Math.round(gapMs / 1000)} s while ${q} correct nodes were up`);
    const lost = lostBatches(trading.batches, trading.height);
    for (const { id } of lost) problems.push(`batch ${id} was lost`);
    const stored = judgeStores(genesis, nodes.correct);
    problems.push(...stored.problems, ...wrongTimes(stored.timesS, devnet.file.startS));
    const ordered = trading.batches.filter(({ orderedAt }) => orderedAt !== undefined).length;
    const passed = trading.batches.filter(
      ({ orderedAt, lastHeight }) => orderedAt === undefined && lastHeight <= trading.height,
    ).length;
    return {
      liar,
      seconds: Math.round((overMs - begunMs) / 1000),
      disturbances,
      heights: stored.heights,
      heightsPerMinute: Number(((60_000 * nodes.top) / (overMs - begunMs)).toFixed(1)),
      longestGapS: Number((gapMs / 1000).toFixed(1)),
      batches: { made: trading.batches.length, ordered, passed: passed - lost.length, lost: lost.length },
      evidence: stored.evidence,
      memoryMB: memory === undefined ? null : Math.round(memory / 1e6),
      standstills: nodes.standstills,
      problems,
    };
  } finally {
    clearInterval(sampling);
    nodes.close();
    trading.stop();
    await Promise.all([watching, work]);
    await trading.close();
  }
}

/** Up to f clocks were wrong: the time of a block is a median that they do not move. */
function wrongTimes(timesS: readonly number[], startS: number): string[] {
  const nowS = Date.now() / 1000;
  return timesS.flatMap((timeS, i) =>
    timeS < startS || timeS > nowS + 1 ? [`height ${i + 1} is of a time that was not: ${timeS}`] : [],
  );
}

function textOf(disturbance: Disturbance): string {
  const { kind, victim, forS } = disturbance;
  const more =
    kind === 'clock'
      ? ` by ${disturbance.offsetS} s`
      : kind === 'slow'
        ? ` by ${disturbance.delayMs} ms`
        : '';
  const from = 'peers' in disturbance ? ` from ${disturbance.peers.join(' ')}` : '';
  return `${kind} ${victim}${from}${more} for ${forS} s`;
}
