import { closeSync, copyFileSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Genesis } from '../../formats/genesis-file.ts';
import type { EpochConfig } from '../../ledger/epoch-config.ts';
import type { Address } from '../../net/transport.ts';
import { isUp } from '../../node/node-health.ts';
import { validatorIndex } from '../../params/ids.ts';
import { CliError } from '../errors.ts';
import { dealDevnet, devnetMarket, drawSeed, registerDevnet } from '../node/devnet-genesis.ts';
import { completeHome, homeFiles, makeDealtHome, readGenesisFile } from '../node/home.ts';
import { HEALTH } from '../node/node-answers.ts';
import { askNode } from '../node/rpc-client.ts';
import { addressText } from '../node/settings.ts';
import type { RunFiles } from '../run-files.ts';
import { DevnetHome, type DevnetKeys, type DevnetNode } from './devnet-home.ts';

/** How long nodes may take until they are ready, ms. */
const READY_MS = 180_000;
const POLL_MS = 200;
const LOG_TAIL_BYTES = 2_000;

/** What a new devnet is to be. */
export interface NewDevnet {
  readonly validators: number;
  /** Members of the registry: those beyond the validators follow until they are seated. */
  readonly registry: number;
  readonly keys: DevnetKeys;
  readonly times: Pick<EpochConfig, 'epochHeights' | 'dealingHeights'>;
  readonly marketPath: string;
  /** One-way delay between its nodes. */
  readonly delayMs: number;
  /** Whether its first node serves the page. */
  readonly page: boolean;
  /** Where a node reaches each of the others, by index, if not where they listen. */
  readonly peersOf?: (index: number) => readonly Address[];
}

/** Makes the folder of a devnet whose market begins now. */
export async function makeDevnet(
  dir: string,
  { market: file }: RunFiles,
  { validators, registry, keys, times, marketPath, delayMs, page, peersOf }: NewDevnet,
): Promise<DevnetHome> {
  const startS = Math.floor(Date.now() / 1000);
  const seed = drawSeed();
  const devnet = await DevnetHome.create(dir, registry, { seed, startS, keys, validators });
  const market = devnetMarket(file, BigInt(startS));
  copyFileSync(marketPath, devnet.market);
  const { nodes } = devnet;
  const addresses = nodes.map(({ listen }) => addressText(listen));
  const settingsOf = ({ index, listen, rpc }: DevnetNode) => ({
    listen: addressText(listen),
    rpc: addressText(rpc),
    ...(peersOf === undefined ? {} : { peers: peersOf(index).map(addressText) }),
    ...(delayMs > 0 ? { delayMs } : {}),
    ...(page && index === 0 ? { page } : {}),
  });
  if (keys === 'dealer') {
    const { chain, epoch, secrets, rootSecrets } = dealDevnet(seed, validators, market);
    for (const node of nodes) {
      const self = validatorIndex(node.index);
      makeDealtHome(node.home, {
        genesis: { chain, epoch: { ...epoch, ...times } },
        self,
        secrets: secrets[self]!,
        rootSecret: rootSecrets[self]!,
        market: devnet.market,
        settings: { peers: addresses, ...settingsOf(node) },
      });
    }
  } else {
    const homeOf = (i: number): string => nodes[i]!.home;
    const genesis = await registerDevnet({ seed, validators, registry, market, addresses, homeOf, times });
    for (const node of nodes) completeHome(node.home, genesis, node.index, devnet.market, settingsOf(node));
  }
  devnet.save();
  return devnet;
}

/** Chain and first epoch as a running node knows them, once its keys are there. @throws {CliError} DEVNET_FAILED */
export async function genesisOf(devnet: DevnetHome): Promise<Genesis> {
  const paths = devnet.nodes.map(({ home }) => homeFiles(home).genesis);
  const known = paths.find((path) => existsSync(path));
  if (known === undefined)
    throw new CliError('DEVNET_FAILED', 'no node of this devnet has its keys yet: start it with up');
  return readGenesisFile(known, devnet.dir);
}

/**
 * Starts nodes that do not run, and waits until all of these answer that they are ready.
 * @throws {CliError} DEVNET_FAILED with the end of the log of a node that ended, or of one that takes too long
 */
export async function startNodes(devnet: DevnetHome, nodes: readonly DevnetNode[]): Promise<void> {
  for (const node of nodes) if (devnet.pidOf(node) === undefined) devnet.start(node);
  const end = performance.now() + READY_MS;
  for (const node of nodes)
    while (!(await isReady(node))) {
      const hasEnded = devnet.pidOf(node) === undefined;
      if (hasEnded || performance.now() > end) {
        const what = hasEnded ? 'ended' : `is not ready after ${READY_MS / 1000} s`;
        throw new CliError(
          'DEVNET_FAILED',
          `node ${node.index} ${what}; the end of ${node.log}:\n${tailOf(node.log)}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
}

const isReady = ({ rpc }: DevnetNode): Promise<boolean> =>
  askNode(rpc, 'health', HEALTH).then(
    ({ state }) => isUp(state),
    () => false,
  );

/** The end of a node's log, which may be long. */
export function tailOf(log: string): string {
  let file: number;
  try {
    file = openSync(log, 'r');
  } catch {
    return '(there is none)';
  }
  try {
    const bytes = Buffer.alloc(LOG_TAIL_BYTES);
    const from = Math.max(0, fstatSync(file).size - LOG_TAIL_BYTES);
    return bytes.subarray(0, readSync(file, bytes, 0, LOG_TAIL_BYTES, from)).toString('utf8');
  } finally {
    closeSync(file);
  }
}
