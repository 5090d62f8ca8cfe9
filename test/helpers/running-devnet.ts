import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { fromHex } from '../../src/base/bytes.ts';
import { DevnetHome } from '../../src/cli/devnet/devnet-home.ts';
import { BLOCK, SETTLEMENT } from '../../src/cli/node/node-answers.ts';
import { askNode } from '../../src/cli/node/rpc-client.ts';
import { parseAddress } from '../../src/cli/node/settings.ts';
import { decodeCertifiedBlock } from '../../src/ledger/certified-block.ts';
import type { Address } from '../../src/net/transport.ts';
import { velum } from './cli.ts';

/** A node as `velum devnet status` shows it. */
export interface ShownNode {
  readonly index: number;
  readonly pid: number | null;
  readonly rpc: string;
  readonly height: number | null;
  readonly stateRoot: string | null;
}

const AGREEMENT_S = 120;
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

  async nodes(): Promise<readonly ShownNode[]> {
    return (await this.run('status')).nodes;
  }

  /** A deposit makes a height. @returns it, certified at one node at least */
  async fund(): Promise<number> {
    const account = (++this.#account).toString(16).padStart(64, '0');
    return (await this.run('fund', account, '1')).height;
  }

  /** Takes nodes with their helpers away in the middle of whatever they do. */
  kill(...indices: number[]): void {
    const devnet = DevnetHome.required(this.home);
    for (const index of indices) {
      const pid = devnet.pidOf(devnet.nodes[index]!);
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    }
  }

  /** Waits until so many nodes have certified a height, and compares their states there. */
  async expectAgreement(at: number, of: number): Promise<void> {
    let there: readonly ShownNode[] = [];
    for (let wait = 0; there.length < of; wait++) {
      const states = await this.nodes();
      there = states.filter(({ height }) => height !== null && height >= at);
      expect([wait < AGREEMENT_S, states]).toEqual([true, states]);
      if (there.length < of) await sleep(1_000);
    }
    const roots = await Promise.all(
      there.map(({ rpc }) => askNode(addressOf(rpc), 'settlement', SETTLEMENT, { height: at })),
    );
    expect(new Set(roots.map(({ stateRoot }) => stateRoot)).size).toBe(1);
  }

  /** Pieces of evidence in all blocks: whoever votes twice gives its secret away there. */
  async evidenceUpTo(at: number): Promise<number> {
    const rpcs = (await this.nodes()).filter(({ pid }) => pid !== null).map(({ rpc }) => addressOf(rpc));
    let found = 0;
    for (let height = 1; height <= at; height++) {
      // None has blocks of epochs in which it had no seat.
      const { encoded } = await Promise.any(rpcs.map((rpc) => askNode(rpc, 'block', BLOCK, { height })));
      found += decodeCertifiedBlock(fromHex(encoded)!)!.block.evidence.length;
    }
    return found;
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

export const addressOf = (rpc: string): Address => parseAddress(rpc)!;
