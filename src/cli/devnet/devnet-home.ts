import { spawn } from 'node:child_process';
import { chmodSync, closeSync, openSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { readVersioned, versionedText } from '../../formats/versioned.ts';
import { makeFolders } from '../../groth16/make-folders.ts';
import type { Address } from '../../net/transport.ts';
import { OWN_DIRECTORY, OWN_FILE, putFile, readOwnFile, withPath } from '../../node/durable-files.ts';
import { isProcess, startOfProcess } from '../../node/folder-lock.ts';
import { CliError } from '../errors.ts';
import { PACKAGE_ROOT } from '../package-root.ts';

/** Where the nodes of a devnet listen, all on this machine. */
const LOOPBACK = '127.0.0.1';
const MAX_FILE_BYTES = 1 << 20;
/** After this, ms, a node that was asked to stop is killed. */
const STOP_MS = 10_000;
const POLL_MS = 100;

/** Who makes the threshold keys of a devnet: its validators together, or one dealer. */
export const DEVNET_KEYS = ['dkg', 'dealer'] as const;
export type DevnetKeys = (typeof DEVNET_KEYS)[number];

const port = z.int().min(1).max(65_535);
const devnetFile = z.strictObject({
  /** The keys of the bridge and of the registry follow from it, and the traders' wallets; where a dealer made them, all keys. Secret. */
  seed: z.int().min(0),
  keys: z.enum(DEVNET_KEYS),
  /** Members 0 to n − 1 of the registry are the first committee. */
  validators: z.int().min(1),
  /** Time of the genesis and of the feed's first prices, unix seconds. */
  startS: z.int().min(0),
  nodes: z.array(z.strictObject({ index: z.int(), listen: port, rpc: port })).min(1),
});
const processFile = z.strictObject({ pid: z.int().min(1), started: z.string().nullable() });

export type DevnetFile = z.output<typeof devnetFile>;

/** One node of a devnet as its files say. */
export interface DevnetNode {
  readonly index: number;
  readonly home: string;
  readonly log: string;
  readonly listen: Address;
  readonly rpc: Address;
}

/** The arguments that start a node, but its home. */
const NODE_START = [join(PACKAGE_ROOT, 'dist/cli/main.js'), 'node', 'start', '--home'];

/** How a node is started. */
export interface StartOptions {
  /** Arguments of Node before the home. */
  readonly program?: readonly string[];
  /** Variables beside those of this program. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A devnet is a folder: what it began with, and a home, a log and a process file for each node. Who only has the folder can stop it. */
export class DevnetHome {
  readonly dir: string;
  readonly file: DevnetFile;

  private constructor(dir: string, file: DevnetFile) {
    this.dir = dir;
    this.file = file;
  }

  /** @returns undefined if there is none */
  static open(dir: string): DevnetHome | undefined {
    const path = join(dir, 'devnet.json');
    const found = readOwnFile(path, MAX_FILE_BYTES);
    if (found === undefined) return undefined;
    return new DevnetHome(dir, readVersioned(devnetFile, Buffer.from(found.bytes).toString('utf8'), path));
  }

  /** @throws {CliError} DEVNET_MISSING */
  static required(dir: string): DevnetHome {
    const devnet = DevnetHome.open(dir);
    if (devnet !== undefined) return devnet;
    throw new CliError('DEVNET_MISSING', `${dir} holds no devnet: start one with velum devnet up --home DIR`);
  }

  /** Makes the folder and finds two free ports for each node. */
  static async create(dir: string, registry: number, begun: Omit<DevnetFile, 'nodes'>): Promise<DevnetHome> {
    withPath('FILE_UNWRITABLE', dir, () => {
      makeFolders(dir, OWN_DIRECTORY);
      chmodSync(dir, OWN_DIRECTORY);
    });
    const ports = await freePorts(2 * registry);
    const nodes = Array.from({ length: registry }, (_, index) => ({
      index,
      listen: ports[2 * index]!,
      rpc: ports[2 * index + 1]!,
    }));
    return new DevnetHome(dir, { ...begun, nodes });
  }

  /** The last step of making it: a folder with this file is complete. */
  save(): void {
    putFile(join(this.dir, 'devnet.json'), Buffer.from(versionedText(this.file)));
  }

  get market(): string {
    return join(this.dir, 'market.json');
  }

  get nodes(): readonly DevnetNode[] {
    return this.file.nodes.map(({ index, listen, rpc }) => ({
      index,
      home: join(this.dir, `node-${index}`),
      log: join(this.dir, `node-${index}.log`),
      listen: { host: LOOPBACK, port: listen },
      rpc: { host: LOOPBACK, port: rpc },
    }));
  }

  /** The process of a node, if it lives. */
  pidOf(node: DevnetNode): number | undefined {
    const found = readOwnFile(this.#processFile(node), MAX_FILE_BYTES);
    if (found === undefined) return undefined;
    const text = Buffer.from(found.bytes).toString('utf8');
    const { pid, started } = readVersioned(processFile, text, this.#processFile(node));
    if (!isProcess(pid)) return undefined;
    const now = startOfProcess(pid);
    return now === undefined || started === null || now === started ? pid : undefined;
  }

  /**
   * Starts a node that outlives this program; its process file is written before anything is awaited.
   * By default it is `velum node start` in the environment of this program.
   */
  start(node: DevnetNode, { program = NODE_START, environment = {} }: StartOptions = {}): void {
    const log = openSync(node.log, 'a', OWN_FILE);
    try {
      const child = spawn(process.execPath, [...program, node.home], {
        detached: true,
        stdio: ['ignore', log, log],
        env: { ...process.env, ...environment },
      });
      child.on('error', () => {});
      const { pid } = child;
      if (pid === undefined) throw new CliError('DEVNET_FAILED', `node ${node.index} cannot be started`);
      putFile(
        this.#processFile(node),
        Buffer.from(versionedText({ pid, started: startOfProcess(pid) ?? null })),
      );
      child.unref();
    } finally {
      closeSync(log);
    }
  }

  /** Stops a node with all that works for it. @returns whether it was running */
  async stop(node: DevnetNode): Promise<boolean> {
    const pid = this.pidOf(node);
    if (pid !== undefined) {
      signal(pid, 'SIGTERM');
      const end = performance.now() + STOP_MS;
      while (this.pidOf(node) !== undefined && performance.now() < end)
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      // The node leads a group of processes: what it left goes with it.
      signal(-pid, 'SIGKILL');
      while (this.pidOf(node) !== undefined) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    rmSync(this.#processFile(node), { force: true });
    return pid !== undefined;
  }

  #processFile({ index }: DevnetNode): string {
    return join(this.dir, `node-${index}.process.json`);
  }
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Ports that are free now; they stay the devnet's. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer();
          server.once('error', reject);
          server.listen(0, LOOPBACK, () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
