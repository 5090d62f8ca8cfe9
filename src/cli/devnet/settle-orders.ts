import type { z } from 'zod';
import { toHex } from '../../base/bytes.ts';
import { proveAction, proveBatch } from '../../client/proving.ts';
import { LONG_PATIENCE } from '../../client/terms.ts';
import { bridgeSecretOf } from '../../committee/dealer.ts';
import type { Genesis } from '../../formats/genesis-file.ts';
import type { FileBatch } from '../../formats/run-input.ts';
import { encodeItem, type Item } from '../../ledger/items.ts';
import type { Address } from '../../net/transport.ts';
import { height, type ItemId } from '../../params/ids.ts';
import { openProverPool } from '../../proofs/pool.ts';
import type { Prover } from '../../proofs/prover.ts';
import { Traders } from '../epoch/traders.ts';
import { CliError } from '../errors.ts';
import type { DevnetMarket } from '../node/devnet-genesis.ts';
import { ITEM_STATUS, SETTLEMENT, STATUS, SUBMITTED } from '../node/node-answers.ts';
import { askNode } from '../node/rpc-client.ts';
import { addressText } from '../node/settings.ts';
import { ChainFollower, type FollowedHeight } from './chain-follower.ts';

/** How long a group of orders, or a last certificate, may take, ms. */
const SETTLE_MS = 240_000;
const POLL_MS = 250;

export interface SettleOptions {
  readonly seed: number;
  readonly genesis: Genesis;
  readonly market: DevnetMarket;
  readonly batches: readonly FileBatch[];
  /** Where the running nodes answer. */
  readonly rpcs: readonly Address[];
  readonly onProgress: (text: string) => void;
}

interface Sent {
  readonly name: string;
  readonly id: ItemId;
  readonly item: Item;
}

/**
 * Lets the traders of a devnet hand in their orders: those of one height of the file when those of the height before are ordered or refused.
 * The chain has heights of its own between, for instance when prices move.
 * @returns the heights of the chain that ordered something, once all nodes have certified them with one state root
 * @throws {CliError} DEVNET_FAILED, ORDERS_UNPAID, NODE_UNREACHABLE, NODE_REFUSED
 */
export async function settleOrders(options: SettleOptions): Promise<readonly FollowedHeight[]> {
  const { seed, genesis, market, batches, rpcs, onProgress } = options;
  const traders = new Traders(seed, market, genesis.chain.registry.length);
  const bridgeSecret = bridgeSecretOf(seed);
  const follower = new ChainFollower(genesis, traders);
  const prover = openProverPool();
  const heights: FollowedHeight[] = [];
  const follow = async (): Promise<void> => {
    const followed = await follower.follow(rpcs);
    heights.push(...followed.filter(({ accepted }) => accepted > 0));
  };
  try {
    const groups = [...new Set([...batches, ...market.transfers].map((each) => each.height))].sort(
      (a, b) => a - b,
    );
    for (const group of groups) {
      await follow();
      const at = height(follower.replica.settlement.height + 1);
      const sealed = traders.seal(
        batches.filter((batch) => batch.height === group),
        at,
        follower.replica,
        LONG_PATIENCE,
      );
      const transfers = traders.transfers(group, at, follower.replica, bridgeSecret, LONG_PATIENCE);
      onProgress(`proving ${sealed.length + transfers.length} items of height ${group} of the orders file`);
      const sent = await Promise.all([
        ...sealed.map((batch) => proveNamed(prover, batch)),
        ...transfers.map(({ transfer, id, made }) =>
          'witness' in made
            ? proveAction(prover, made).then((item) => ({ name: transfer.name, id, item }))
            : { name: transfer.name, id, item: made },
        ),
      ]);
      await submitAll(sent, rpcs);
      onProgress(`submitted ${sent.length} items`);
      await until(`the items of height ${group} of the orders file`, async () => {
        await follow();
        const states = await Promise.all(sent.map(({ id }) => isDecided(id, rpcs)));
        return states.every(Boolean);
      });
      await follow();
    }
    await until('the certificates of the last height at every node', () => isCertified(heights, rpcs));
    await requireOneRoot(heights, rpcs);
    return heights;
  } finally {
    await prover.close();
  }
}

async function proveNamed(
  prover: Prover,
  { batch, sealed }: ReturnType<Traders['seal']>[number],
): Promise<Sent> {
  return { name: batch.name, id: sealed.id, item: await proveBatch(prover, sealed) };
}

/** Everybody gets everything, so an item is listable after one announcement. */
async function submitAll(sent: readonly Sent[], rpcs: readonly Address[]): Promise<void> {
  for (const { item } of sent) {
    const hex = toHex(encodeItem(item));
    await Promise.all(rpcs.map((rpc) => submit(rpc, hex)));
  }
}

/** A node that crosses a border, or has much to verify, takes items a moment later. */
async function submit(rpc: Address, item: string): Promise<void> {
  await until(`${addressText(rpc)} to take an item`, async () => {
    try {
      await askNode(rpc, 'submit', SUBMITTED, { item });
      return true;
    } catch (error) {
      if (CliError.is(error, 'NODE_REFUSED') && LATER.has(error.data.refusal)) return false;
      throw error;
    }
  });
}

const LATER = new Set(['RPC_NOT_READY', 'RPC_BUSY']);

/** Whether an item is certified at one node, or refused by all. */
async function isDecided(id: ItemId, rpcs: readonly Address[]): Promise<boolean> {
  const states = await Promise.all(
    rpcs.map((rpc) => askNode(rpc, 'itemStatus', ITEM_STATUS, { id }).catch(() => undefined)),
  );
  return (
    states.some(
      (state) => state?.status === 'certified' || (state?.status === 'refused' && 'height' in state),
    ) || isRefused(states)
  );
}

/** By everybody who knows of it: who has no seat hands it on. */
function isRefused(states: readonly (z.output<typeof ITEM_STATUS> | undefined)[]): boolean {
  const known = states.filter((state) => state !== undefined);
  return known.length > 0 && known.every(({ status }) => status === 'refused');
}

async function isCertified(heights: readonly FollowedHeight[], rpcs: readonly Address[]): Promise<boolean> {
  const last = heights.at(-1)?.height ?? 0;
  const states = await Promise.all(rpcs.map((rpc) => askNode(rpc, 'status', STATUS)));
  return states.every(({ certified }) => certified >= last);
}

async function requireOneRoot(heights: readonly FollowedHeight[], rpcs: readonly Address[]): Promise<void> {
  for (const { height: at, stateRoot } of heights)
    for (const rpc of rpcs) {
      const said = await askNode(rpc, 'settlement', SETTLEMENT, { height: at });
      if (said.stateRoot !== stateRoot)
        throw new CliError(
          'DEVNET_FAILED',
          `a node came to another state at height ${at}: ${said.stateRoot}`,
        );
    }
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + SETTLE_MS;
  while (!(await holds())) {
    if (performance.now() > end)
      throw new CliError('DEVNET_FAILED', `waited ${SETTLE_MS / 1000} s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
