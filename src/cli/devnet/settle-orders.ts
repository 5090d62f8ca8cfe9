import { toHex } from '../../base/bytes.ts';
import { ITEM_STATUS, STATUS, SUBMITTED } from '../../client/ask-node.ts';
import { ClientError } from '../../client/errors.ts';
import { proveAction, proveBatch } from '../../client/proving.ts';
import { LONG_PATIENCE } from '../../client/terms.ts';
import { bridgeSecretOf } from '../../committee/dealer.ts';
import type { Genesis } from '../../formats/genesis-file.ts';
import type { FileBatch, FileTransfer } from '../../formats/run-input.ts';
import { encodeItem, type Item } from '../../ledger/items.ts';
import type { RefusalCode } from '../../ledger/refusals.ts';
import type { Address } from '../../net/transport.ts';
import { type Height, height, type ItemId } from '../../params/ids.ts';
import { openProverPool } from '../../proofs/pool.ts';
import type { Prover } from '../../proofs/prover.ts';
import { type NamedBatch, type NamedTransfer, Traders } from '../epoch/traders.ts';
import { CliError } from '../errors.ts';
import type { DevnetMarket } from '../node/devnet-genesis.ts';
import { SETTLEMENT } from '../node/node-answers.ts';
import { askNode } from '../node/rpc-client.ts';
import { addressText } from '../node/settings.ts';
import { ChainFollower, type FollowedHeight } from './chain-follower.ts';

/** How long a group of orders, or a last certificate, may take, ms. */
const SETTLE_MS = 240_000;
const POLL_MS = 250;
/** So often an item is made at most, each time for a window that begins then. */
const MAX_TRIES = 8;

export interface SettleOptions {
  readonly seed: number;
  readonly genesis: Genesis;
  readonly market: DevnetMarket;
  readonly batches: readonly FileBatch[];
  /** Where the running nodes answer. */
  readonly rpcs: readonly Address[];
  readonly onProgress: (text: string) => void;
}

/** An item on its way, with what of a file it is. */
interface Sent {
  readonly id: ItemId;
  readonly item: Item;
  /** The last height that may order it; a deposit has none. */
  readonly lastHeight: Height | undefined;
  readonly wish: FileBatch | FileTransfer;
}

/**
 * Lets the traders of a devnet hand in their orders: those of one height of the file when those of the height before are ordered or refused.
 * The chain has heights of its own between, for instance when prices move; what no height ordered in its window is made anew.
 * @returns the heights of the chain that ordered something, once all nodes have certified them with one state root
 * @throws {CliError} DEVNET_FAILED, ORDERS_UNPAID, NODE_UNREACHABLE, NODE_REFUSED
 */
export async function settleOrders(options: SettleOptions): Promise<readonly FollowedHeight[]> {
  const { seed, genesis, market, batches, rpcs, onProgress } = options;
  const traders = new Traders(seed, market, genesis.chain.registry.length);
  const bridgeSecret = bridgeSecretOf(seed);
  const ordered = new Set<ItemId>();
  const follower = new ChainFollower(genesis, traders, (_, accepted, refused) => {
    for (const id of [...accepted, ...refused]) ordered.add(id);
  });
  const isLate = ({ id, lastHeight }: Sent): boolean =>
    lastHeight !== undefined && follower.replica.settlement.height >= lastHeight && !ordered.has(id);
  const prover = openProverPool();
  const heights: FollowedHeight[] = [];
  const follow = async (): Promise<void> => {
    const followed = await follower.follow(rpcs);
    heights.push(...followed.filter(({ accepted }) => accepted > 0));
  };
  const make = async (group: number, wanted: (wish: Sent['wish']) => boolean, tries: number) => {
    const at = height(follower.replica.settlement.height + 1);
    const ofGroup = batches.filter((batch) => batch.height === group && wanted(batch));
    const sealed = traders.seal(ofGroup, at, follower.replica, LONG_PATIENCE, tries);
    const transfers = traders
      .transfers(group, at, follower.replica, bridgeSecret, LONG_PATIENCE)
      .filter(({ transfer }) => wanted(transfer));
    onProgress(`proving ${sealed.length + transfers.length} items of height ${group} of the orders file`);
    return Promise.all([
      ...sealed.map((each) => provedBatch(prover, each)),
      ...transfers.map((each) => provedTransfer(prover, each)),
    ]);
  };
  try {
    const groups = [...new Set([...batches, ...market.transfers].map((each) => each.height))].sort(
      (a, b) => a - b,
    );
    for (const group of groups) {
      let open: readonly Sent[] | undefined;
      for (let tries = 0; open === undefined || open.length > 0; tries++) {
        const wanted = open?.map(({ wish }) => wish);
        if (tries === MAX_TRIES)
          throw new CliError(
            'DEVNET_FAILED',
            `no height ordered ${namesOf(wanted!)} in ${MAX_TRIES} windows`,
          );
        if (wanted !== undefined) onProgress(`made anew, for their window has passed: ${namesOf(wanted)}`);
        await follow();
        const sent = await make(group, (wish) => wanted?.includes(wish) ?? true, tries);
        await submitAll(sent, rpcs);
        onProgress(`submitted ${sent.length} items`);
        await until(`the items of height ${group} of the orders file`, async () => {
          await follow();
          const isDone = await Promise.all(
            sent.map((each) => ordered.has(each.id) || isLate(each) || isRefused(each, rpcs)),
          );
          return isDone.every(Boolean);
        });
        open = sent.filter(isLate);
      }
    }
    await until('the certificates of the last height at every node', () => isCertified(heights, rpcs));
    await requireOneRoot(heights, rpcs);
    return heights;
  } finally {
    await prover.close();
  }
}

const namesOf = (wishes: readonly Sent['wish'][]): string => wishes.map(({ name }) => name).join(', ');

async function provedBatch(prover: Prover, { batch, sealed }: NamedBatch): Promise<Sent> {
  const item = await proveBatch(prover, sealed);
  return { id: sealed.id, item, lastHeight: sealed.statement.toHeight, wish: batch };
}

async function provedTransfer(prover: Prover, { transfer, id, made }: NamedTransfer): Promise<Sent> {
  if (!('witness' in made)) return { id, item: made, lastHeight: undefined, wish: transfer };
  const item = await proveAction(prover, made);
  return { id, item, lastHeight: made.statement.lastHeight, wish: transfer };
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
      if (ClientError.is(error, 'NODE_REFUSED') && LATER.has(error.data.refusal)) return false;
      throw error;
    }
  });
}

const LATER = new Set(['RPC_NOT_READY', 'RPC_BUSY']);

/** By everybody who knows of it, for what no later height mends: who has no seat hands it on. */
async function isRefused({ id }: Sent, rpcs: readonly Address[]): Promise<boolean> {
  const states = await Promise.all(
    rpcs.map((rpc) => askNode(rpc, 'itemStatus', ITEM_STATUS, { id }).catch(() => undefined)),
  );
  const known = states.filter((state) => state !== undefined);
  return (
    known.length > 0 && known.every((state) => state.status === 'refused' && !OF_A_WINDOW.has(state.code))
  );
}

/** Refusals of what came too late: soon the window of the item is over. */
const OF_A_WINDOW: ReadonlySet<string> = new Set<RefusalCode>([
  'ITEM_WINDOW',
  'ITEM_ROOT_UNKNOWN',
  'ITEM_TABLE_STALE',
]);

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
