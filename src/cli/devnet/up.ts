import { closeSync, copyFileSync, fstatSync, openSync, readSync } from 'node:fs';
import { isUp } from '../../node/node-health.ts';
import { validatorIndex } from '../../params/ids.ts';
import { CliError } from '../errors.ts';
import { dealDevnet, devnetMarket, drawSeed } from '../node/devnet-genesis.ts';
import { makeNodeHome } from '../node/home.ts';
import { HEALTH } from '../node/node-answers.ts';
import { askNode } from '../node/rpc-client.ts';
import { addressText } from '../node/settings.ts';
import type { RunFiles } from '../run-files.ts';
import { DevnetHome, type DevnetNode } from './devnet-home.ts';

/** How long nodes may take until they are ready, ms. */
const READY_MS = 180_000;
const POLL_MS = 200;
const LOG_TAIL_BYTES = 2_000;

/** Makes the folder of a devnet whose market begins now. @param delayMs one-way delay between its nodes */
export async function makeDevnet(
  dir: string,
  validators: number,
  { market }: RunFiles,
  { marketPath, delayMs }: { readonly marketPath: string; readonly delayMs: number },
): Promise<DevnetHome> {
  const startS = Math.floor(Date.now() / 1000);
  const devnet = await DevnetHome.create(dir, validators, drawSeed(), startS);
  const { dealt } = dealDevnet(devnet.file.seed, validators, devnetMarket(market, BigInt(startS)));
  copyFileSync(marketPath, devnet.market);
  const peers = devnet.nodes.map(({ listen }) => addressText(listen));
  for (const { index, home, listen, rpc } of devnet.nodes)
    makeNodeHome(home, {
      genesis: dealt,
      self: validatorIndex(index),
      secrets: dealt.secrets[index]!,
      market: devnet.market,
      settings: {
        listen: addressText(listen),
        rpc: addressText(rpc),
        peers,
        ...(delayMs > 0 ? { delayMs } : {}),
      },
    });
  devnet.save();
  return devnet;
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
