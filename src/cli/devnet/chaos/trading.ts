import { toHex } from '../../../base/bytes.ts';
import { ITEM_STATUS, SUBMITTED } from '../../../client/ask-node.ts';
import { ClientError } from '../../../client/errors.ts';
import { proveBatch } from '../../../client/proving.ts';
import { LONG_PATIENCE } from '../../../client/terms.ts';
import type { Genesis } from '../../../formats/genesis-file.ts';
import { parseOrdersFile } from '../../../formats/orders-file.ts';
import { encodeItem } from '../../../ledger/items.ts';
import { height, type ItemId } from '../../../params/ids.ts';
import { quorumOf } from '../../../params/quorum.ts';
import { openProverPool } from '../../../proofs/pool.ts';
import { ORDERS_HEADER, readBenchMarket } from '../../bench/node-traders.ts';
import { Traders } from '../../epoch/traders.ts';
import { devnetMarket } from '../../node/devnet-genesis.ts';
import { askNode } from '../../node/rpc-client.ts';
import { ChainFollower } from '../chain-follower.ts';
import type { DevnetHome, DevnetNode } from '../devnet-home.ts';

/** Each trades with its neighbour. */
export const CHAOS_TRADERS = Array.from({ length: 8 }, (_, i) => `c${i}`);
const POLL_MS = 500;

/** What became of a batch. */
export interface WatchedBatch {
  readonly id: ItemId;
  readonly trader: string;
  readonly item: string;
  /** Last height that may order it. */
  readonly lastHeight: number;
  /** Nodes that took it when it was handed in. */
  readonly handedTo: Set<number>;
  /** Correct nodes that said that they hold it, and the height that was verified when so many did that all list it. */
  readonly heldBy: Set<number>;
  heldSince: number | undefined;
  /** Heights at which correct nodes said that it was ordered. */
  readonly saidAt: Set<number>;
  /** The height that ordered it, in the verified chain. */
  orderedAt: number | undefined;
}

/** Traders who go on trading in pairs whatever happens to the nodes, and follow the chain by its blocks. */
export class ChaosTrading {
  readonly batches: WatchedBatch[] = [];
  readonly #market: ReturnType<typeof devnetMarket>;
  readonly #traders: Traders;
  readonly #follower: ChainFollower;
  readonly #prover = openProverPool({ processes: 1 });
  /** Those that can be asked at all now. */
  readonly #reachable: () => readonly DevnetNode[];
  readonly #liar: number;
  readonly #enough: number;
  readonly #rounds = new Map<string, number>();
  #isOver = false;
  #making: Promise<void> | undefined;

  constructor(devnet: DevnetHome, genesis: Genesis, liar: number, reachable: () => readonly DevnetNode[]) {
    this.#liar = liar;
    this.#reachable = reachable;
    const { seed, startS, nodes, validators } = devnet.file;
    this.#enough = quorumOf(validators).sharesRequired;
    this.#market = devnetMarket(readBenchMarket(devnet.market), BigInt(startS));
    this.#traders = new Traders(seed, this.#market, nodes.length);
    this.#follower = new ChainFollower(genesis, this.#traders, (at, ids) => {
      for (const batch of this.batches) if (ids.includes(batch.id)) batch.orderedAt = at;
    });
  }

  /** The height up to which the chain was verified. */
  get height(): number {
    return this.#follower.replica.settlement.height;
  }

  /** Trades until `stop`. */
  async run(): Promise<void> {
    while (!this.#isOver) {
      await this.look();
      if (this.#making === undefined && !this.#isOver) {
        const making = this.#makePair().finally(() => {
          this.#making = undefined;
        });
        this.#making = making;
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    await this.#making;
  }

  /** Nothing more is made; what is on its way stays there. */
  stop(): void {
    this.#isOver = true;
  }

  close(): Promise<void> {
    return this.#prover.close();
  }

  /** Takes the chain on, and hands in what nodes have not got yet. @throws {CliError} DEVNET_FAILED if a correct node shows a false block */
  async look(): Promise<void> {
    const correct = this.#reachable().filter(({ index }) => index !== this.#liar);
    if (correct.length === 0) return;
    const follow = () => quietly(() => this.#follower.follow(correct.map(({ rpc }) => rpc)));
    await follow();
    for (const batch of this.batches.filter((each) => this.#isOpen(each))) {
      await Promise.all(this.#reachable().map((node) => this.#handIn(batch, node)));
      await Promise.all(correct.map((node) => this.#ask(batch, node)));
    }
    await follow();
    for (const batch of this.batches) if (batch.heldBy.size >= this.#enough) batch.heldSince ??= this.height;
  }

  #isOpen({ orderedAt, lastHeight }: WatchedBatch): boolean {
    return orderedAt === undefined && lastHeight > this.height;
  }

  async #handIn({ item, handedTo }: WatchedBatch, { index, rpc }: DevnetNode): Promise<void> {
    if (handedTo.has(index)) return;
    const taken = await quietly(() => askNode(rpc, 'submit', SUBMITTED, { item }));
    if (taken !== undefined) handedTo.add(index);
  }

  async #ask(batch: WatchedBatch, { index, rpc }: DevnetNode): Promise<void> {
    const said = await quietly(() => askNode(rpc, 'itemStatus', ITEM_STATUS, { id: batch.id }));
    if (said === undefined || said.status === 'waiting' || said.status === 'refused') return;
    if ('height' in said && said.height !== undefined) batch.saidAt.add(said.height);
    batch.heldBy.add(index);
  }

  /** Two traders whose last batches are decided make batches that trade with each other. */
  async #makePair(): Promise<void> {
    const pairs = CHAOS_TRADERS.map((one, i) => [one, CHAOS_TRADERS[i + 1]!] as const).filter(
      (_, i) => i % 2 === 0,
    );
    const busy = new Set(this.batches.filter((each) => this.#isOpen(each)).map(({ trader }) => trader));
    const rested = (pair: readonly [string, string]): number => this.#rounds.get(pair[0]) ?? 0;
    const [pair] = pairs
      .filter((each) => each.every((trader) => !busy.has(trader)))
      .sort((a, b) => rested(a) - rested(b));
    if (pair === undefined) return;
    const round = rested(pair) + 1;
    this.#rounds.set(pair[0], round);
    const rows = pair.map((trader, i) => {
      const side = (round + i) % 2 === 0 ? 'sell' : 'buy';
      const limit = side === 'sell' ? '61.90' : '62.10';
      return `1,${trader},desk,${trader}-${round},BTC-PERP,${side},1,${limit},false`;
    });
    const { replica } = this.#follower;
    const orders = parseOrdersFile([ORDERS_HEADER, ...rows].join('\n'), 'orders', this.#market);
    const made = this.#traders.seal(orders, height(this.height + 1), replica, LONG_PATIENCE);
    for (const { batch, sealed } of made) {
      const item = toHex(encodeItem(await proveBatch(this.#prover, sealed)));
      this.batches.push({
        id: sealed.id,
        trader: batch.trader,
        item,
        lastHeight: sealed.statement.toHeight,
        handedTo: new Set(),
        heldBy: new Set(),
        heldSince: undefined,
        saidAt: new Set(),
        orderedAt: undefined,
      });
    }
  }
}

/** @returns undefined if the node does not answer, or refuses */
export async function quietly<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (ClientError.is(error, 'NODE_UNREACHABLE') || ClientError.is(error, 'NODE_REFUSED')) return undefined;
    throw error;
  }
}
