import { join } from 'node:path';
import { STATUS } from '../../../client/ask-node.ts';
import { CliError } from '../../errors.ts';
import { HEALTH } from '../../node/node-answers.ts';
import { askNode } from '../../node/rpc-client.ts';
import { variableOf } from '../../node/settings.ts';
import { PACKAGE_ROOT } from '../../package-root.ts';
import type { DevnetHome, DevnetNode } from '../devnet-home.ts';
import { tailOf } from '../up.ts';
import type { LinkMesh, LinkState } from './links.ts';
import type { FirstCertified, UpSince } from './observed.ts';
import type { Disturbance } from './plan.ts';
import { quietly } from './trading.ts';

/** What an undone disturbance leaves has to be caught up within this, ms. */
const RECOVERY_MS = 180_000;
const POLL_MS = 500;
/** Whoever carries all links and is later than this has stood still itself, and blames nobody for it, ms. */
const STANDSTILL_MS = 3_000;
const LIAR = [join(PACKAGE_ROOT, 'dist/cli/devnet/chaos/byzantine-node.js')];
const CLOCK = variableOf('clockOffsetS');

const nap = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The processes of a tortured devnet, what is done to them, and what is seen of them. */
export class ChaosNodes {
  /** Ascending. */
  readonly up: UpSince[] = [];
  readonly heights: FirstCertified[] = [];
  readonly #devnet: DevnetHome;
  readonly #links: LinkMesh;
  readonly #liar: number;
  /** Nodes that do not run or stand still. */
  readonly #still = new Set<number>();
  /** Correct nodes that are away, or have not caught up since. */
  readonly #away = new Set<number>();
  /** Nodes to which something is being done that keeps them away. */
  readonly #suffering = new Set<number>();
  readonly #certified = new Map<number, number>();
  #isOver = false;
  /** How often this program itself stood still, and with it all links. */
  standstills = 0;
  /** Called when a process has begun. */
  onProcesses: () => void = () => {};

  constructor(devnet: DevnetHome, links: LinkMesh, liar: number) {
    this.#devnet = devnet;
    this.#links = links;
    this.#liar = liar;
  }

  /** Nodes that run. */
  get reachable(): readonly DevnetNode[] {
    return this.#devnet.nodes.filter(({ index }) => !this.#still.has(index));
  }

  get correct(): readonly DevnetNode[] {
    return this.#devnet.nodes.filter(({ index }) => index !== this.#liar);
  }

  /** The highest height that a correct node has certified. */
  get top(): number {
    return Math.max(0, ...this.#certified.values());
  }

  start(index: number, offsetS = 0): void {
    this.#devnet.start(this.#devnet.nodes[index]!, {
      ...(index === this.#liar ? { program: LIAR } : {}),
      environment: { [CLOCK]: `${offsetS}` },
    });
    this.#still.delete(index);
    this.onProcesses();
  }

  /** Waits until all correct nodes have certified a height that none has yet. @throws {CliError} DEVNET_FAILED */
  async converge(withinMs: number): Promise<void> {
    const target = this.top + 1;
    const missing = (): number[] =>
      this.correct.map(({ index }) => index).filter((index) => (this.#certified.get(index) ?? 0) < target);
    for (let waitedMs = 0; missing().length > 0; waitedMs += POLL_MS) {
      if (waitedMs > withinMs)
        throw new CliError('DEVNET_FAILED', `nodes ${missing().join(', ')} do not come to height ${target}`);
      await nap(POLL_MS);
    }
  }

  /** Looks how far the correct nodes are, until `close`. */
  async watch(): Promise<void> {
    this.#count();
    const ticking = this.#tick();
    // Each by itself: one that stands still does not answer for long.
    await Promise.all(
      this.correct.map(async (node) => {
        while (!this.#isOver) {
          await this.#look(node);
          await nap(POLL_MS);
        }
      }),
    );
    await ticking;
  }

  /** Notices when nothing was carried between the nodes because this program did not run. */
  async #tick(): Promise<void> {
    for (let lastMs = performance.now(); !this.#isOver; lastMs = performance.now()) {
      await nap(POLL_MS);
      if (performance.now() - lastMs < STANDSTILL_MS) continue;
      this.standstills += 1;
      this.up.push({ atMs: lastMs, correctUp: 0 });
      for (const { index } of this.correct) {
        if (this.#away.has(index)) continue;
        this.#leave(index);
        void this.#recovered(index).catch(() => {});
      }
    }
  }

  close(): void {
    this.#isOver = true;
  }

  /** Does something to a node, undoes it, and waits until the node has caught up. @throws {CliError} DEVNET_FAILED if it does not */
  async suffer(disturbance: Disturbance): Promise<void> {
    const { victim } = disturbance;
    const isAway = disturbance.kind !== 'slow';
    if (isAway) this.#take(victim);
    await this.#inflict(disturbance);
    this.#suffering.delete(victim);
    await this.#recovered(victim);
  }

  async #inflict(disturbance: Disturbance): Promise<void> {
    const { victim, forS } = disturbance;
    switch (disturbance.kind) {
      case 'kill':
        await this.#kill(victim);
        await nap(1000 * forS);
        return this.start(victim);
      case 'stop':
        this.#still.add(victim);
        this.#signal(victim, 'SIGSTOP');
        await nap(1000 * forS);
        this.#signal(victim, 'SIGCONT');
        this.#still.delete(victim);
        return;
      case 'clock':
        await this.#kill(victim);
        this.start(victim, disturbance.offsetS);
        this.#suffering.delete(victim);
        await this.#recovered(victim);
        await nap(1000 * forS);
        this.#take(victim);
        await this.#kill(victim);
        return this.start(victim);
      case 'slow':
        return this.#link(disturbance, { kind: 'slow', delayMs: disturbance.delayMs });
      default:
        return this.#link(disturbance, { kind: disturbance.kind });
    }
  }

  async #link(
    { victim, peers, forS }: Extract<Disturbance, { readonly peers: readonly number[] }>,
    state: LinkState,
  ): Promise<void> {
    for (const peer of peers) this.#links.set(victim, peer, state);
    await nap(1000 * forS);
    for (const peer of peers) this.#links.set(victim, peer, { kind: 'open' });
  }

  #take(victim: number): void {
    this.#suffering.add(victim);
    this.#leave(victim);
  }

  #leave(victim: number): void {
    if (victim === this.#liar) return;
    this.#away.add(victim);
    this.#count();
  }

  /** Everything of a node is gone, in the middle of whatever it did. */
  async #kill(victim: number): Promise<void> {
    const node = this.#devnet.nodes[victim]!;
    this.#still.add(victim);
    this.#signal(victim, 'SIGKILL');
    while (this.#devnet.pidOf(node) !== undefined) await nap(20);
  }

  #signal(victim: number, name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    const pid = this.#devnet.pidOf(this.#devnet.nodes[victim]!);
    if (pid !== undefined) process.kill(-pid, name);
  }

  async #recovered(victim: number): Promise<void> {
    if (victim === this.#liar) return;
    const { rpc, log } = this.#devnet.nodes[victim]!;
    const target = this.top;
    for (let waitedMs = 0; ; waitedMs += POLL_MS) {
      const health = await quietly(() => askNode(rpc, 'health', HEALTH));
      if (health?.ok === true && (this.#certified.get(victim) ?? 0) >= target) break;
      if (waitedMs > RECOVERY_MS)
        throw new CliError(
          'DEVNET_FAILED',
          `node ${victim} is ${health?.state ?? 'silent'} and does not come to height ${target}; the end of ${log}:\n${tailOf(log)}`,
        );
      await nap(POLL_MS);
    }
    if (this.#suffering.has(victim)) return;
    this.#away.delete(victim);
    this.#count();
  }

  #count(): void {
    this.up.push({ atMs: performance.now(), correctUp: this.correct.length - this.#away.size });
  }

  async #look({ index, rpc }: DevnetNode): Promise<void> {
    if (this.#still.has(index)) return;
    const status = await quietly(() => askNode(rpc, 'status', STATUS));
    if (status === undefined) return;
    if (status.certified > this.top) this.heights.push({ height: status.certified, atMs: performance.now() });
    this.#certified.set(index, Math.max(status.certified, this.#certified.get(index) ?? 0));
  }
}
