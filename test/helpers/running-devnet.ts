import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { fromHex } from '../../src/base/bytes.ts';
import { DevnetHome } from '../../src/cli/devnet/devnet-home.ts';
import { fundAccount } from '../../src/cli/devnet/fund.ts';
import { SETTLEMENT } from '../../src/cli/node/node-answers.ts';
import { askNode } from '../../src/cli/node/rpc-client.ts';
import { BLOCK, STATUS } from '../../src/client/ask-node.ts';
import type { Block } from '../../src/ledger/block.ts';
import { decodeCertifiedBlock } from '../../src/ledger/certified-block.ts';
import type { Address } from '../../src/net/transport.ts';
import { velum } from './cli.ts';

/** How a node of a devnet is. */
export interface SeenNode {
  readonly index: number;
  readonly pid: number | undefined;
  readonly rpc: Address;
  /** The last certified height; undefined if it does not answer. */
  readonly certified: number | undefined;
}

/** Nothing moved for so long: what is waited for does not come. */
const STANDSTILL_MS = 180_000;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A devnet in a folder of its own, as a person runs it by the command line, with what takes its processes away. */
export class RunningDevnet {
  readonly scratch = mkdtempSync(join(tmpdir(), 'velum-devnet-'));
  readonly home = join(this.scratch, 'net');
  #account = 0;

  /** @returns what the command printed with --json */
  async run(...args: string[]) {
    const { code, stdout, stderr } = await velum('devnet', ...args, '--home', this.home, '--json');
    expect([args, code, code === 0 ? '' : `${stdout} ${stderr}`]).toEqual([args, 0, '']);
    return JSON.parse(stdout);
  }

  /** Starts nodes, and waits longer where others keep the machine busy: `up` goes on from what is there. */
  async up(...args: string[]): Promise<void> {
    // What is said of a new devnet is said once.
    const start = args.includes('--start')
      ? args.slice(args.indexOf('--start'), args.indexOf('--start') + 2)
      : [];
    for (let patience = 4, now = args; ; patience--, now = start) {
      const { code, stdout, stderr } = await velum('devnet', 'up', ...now, '--home', this.home, '--json');
      if (code === 0) return;
      const isSlow = stdout.includes('is not ready after');
      expect([args, isSlow && patience > 0, stdout, stderr]).toEqual([args, true, stdout, stderr]);
    }
  }

  get devnet(): DevnetHome {
    return DevnetHome.required(this.home);
  }

  pidOf(index: number): number | undefined {
    return this.devnet.pidOf(this.devnet.nodes[index]!);
  }

  async nodes(): Promise<readonly SeenNode[]> {
    const { devnet } = this;
    return Promise.all(
      devnet.nodes.map(async (node) => {
        const { index, rpc } = node;
        const state = await askNode(rpc, 'status', STATUS).catch(() => undefined);
        return { index, pid: devnet.pidOf(node), rpc, certified: state?.certified };
      }),
    );
  }

  /** A deposit makes a height. @returns it, certified at one node at least */
  async fund(): Promise<number> {
    return fundAccount(this.devnet, (++this.#account).toString(16).padStart(64, '0'), 1_000_000n);
  }

  /** Takes nodes with their helpers away in the middle of whatever they do. */
  kill(...indices: number[]): void {
    for (const pid of indices.map((index) => this.pidOf(index)))
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  }

  /** Waits until a node has written to its log so many times, or has ended. */
  async writes(index: number, times: number): Promise<void> {
    let seen = this.#logOf(index);
    for (let k = 0; k < times && this.pidOf(index) !== undefined; ) {
      await sleep(2);
      const now = this.#logOf(index);
      if (now !== seen) k += 1;
      seen = now;
    }
  }

  #logOf(index: number): string {
    const dir = join(this.home, `node-${index}/validator`);
    const logs = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.log'),
    );
    return logs.map((name) => `${name} ${statSync(join(dir, name), { throwIfNoEntry: false })?.size}`).join();
  }

  /** Waits for as long as any node gets further. */
  async until(what: string, holds: (nodes: readonly SeenNode[]) => boolean): Promise<void> {
    let [furthest, moved] = ['', performance.now()];
    for (;;) {
      const nodes = await this.nodes();
      if (holds(nodes)) return;
      const heights = nodes.map(({ certified }) => certified ?? '-').join();
      if (heights !== furthest) [furthest, moved] = [heights, performance.now()];
      expect([what, nodes, performance.now() - moved < STANDSTILL_MS]).toEqual([what, nodes, true]);
      await sleep(500);
    }
  }

  /** Waits until so many nodes have certified a height, and compares their states there. */
  async expectAgreement(at: number, of: number): Promise<void> {
    let there: readonly SeenNode[] = [];
    await this.until(`${of} nodes have certified height ${at}`, (nodes) => {
      there = nodes.filter(({ certified }) => certified !== undefined && certified >= at);
      return there.length >= of;
    });
    const roots = await Promise.all(
      there.map(({ rpc }) => askNode(rpc, 'settlement', SETTLEMENT, { height: at })),
    );
    expect(new Set(roots.map(({ stateRoot }) => stateRoot)).size).toBe(1);
  }

  /** All blocks up to a height. None has blocks of epochs in which it had no seat. */
  async blocksUpTo(at: number): Promise<readonly Block[]> {
    const there = (await this.nodes()).filter(({ certified }) => certified !== undefined);
    const blocks: Block[] = [];
    for (let height = 1; height <= at; height++) {
      const { encoded } = await Promise.any(there.map(({ rpc }) => askNode(rpc, 'block', BLOCK, { height })));
      blocks.push(decodeCertifiedBlock(fromHex(encoded)!)!.block);
    }
    return blocks;
  }

  /** Pieces of evidence in all blocks: whoever votes twice gives its secret away there. */
  async evidenceUpTo(at: number): Promise<number> {
    return (await this.blocksUpTo(at)).reduce((sum, { evidence }) => sum + evidence.length, 0);
  }

  /** Lines that a node has logged, of all its lives. */
  logged(index: number): readonly string[] {
    try {
      return readFileSync(join(this.home, `node-${index}.log`), 'utf8').split('\n');
    } catch {
      return [];
    }
  }

  async end(): Promise<void> {
    await velum('devnet', 'down', '--home', this.home);
    rmSync(this.scratch, { recursive: true, force: true });
  }
}
