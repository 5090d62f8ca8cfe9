import { toHex } from '../../base/bytes.ts';
import { proveBatch } from '../../client/proving.ts';
import { LONG_PATIENCE } from '../../client/terms.ts';
import type { Genesis } from '../../formats/genesis-file.ts';
import { parseOrdersFile } from '../../formats/orders-file.ts';
import { encodeItem } from '../../ledger/items.ts';
import { height, type ItemId } from '../../params/ids.ts';
import { MAX_BALLOT_ITEMS } from '../../params/sizes.ts';
import type { Prover } from '../../proofs/prover.ts';
import { ChainFollower } from '../devnet/chain-follower.ts';
import type { DevnetHome } from '../devnet/devnet-home.ts';
import { Traders } from '../epoch/traders.ts';
import { devnetMarket } from '../node/devnet-genesis.ts';
import { ORDERS_HEADER, readBenchMarket, writeQuietMarket } from './node-traders.ts';

/** A sealed batch with its proof, ready to be handed in. */
export interface ReadyBatch {
  readonly id: ItemId;
  /** Hex. */
  readonly item: string;
}

const TRADERS = 10;
/** Proofs asked for together. */
const TOGETHER = 16;
const traderOf = (i: number): string => `l${i % TRADERS}`;

/** Traders with enough notes for so many batches at once, and what is not ordered comes back to them. */
export const writeLoadMarket = (dir: string, batches: number): string =>
  writeQuietMarket(
    dir,
    Array.from({ length: TRADERS }, (_, i) => traderOf(i)),
    Array.from({ length: Math.ceil(batches / TRADERS) }, () => '2000'),
  );

/** Traders who follow the chain, and know which height ordered which of their batches. */
export class LoadTraders {
  /** Heights by the batches that they ordered. */
  readonly orderedAt = new Map<ItemId, number>();
  readonly #devnet: DevnetHome;
  readonly #market: ReturnType<typeof devnetMarket>;
  readonly #traders: Traders;
  readonly #follower: ChainFollower;
  readonly #prover: Prover;
  #made = 0;

  constructor(devnet: DevnetHome, genesis: Genesis, prover: Prover) {
    const { seed, startS } = devnet.file;
    this.#devnet = devnet;
    this.#market = devnetMarket(readBenchMarket(devnet.market), BigInt(startS));
    this.#traders = new Traders(seed, this.#market, devnet.nodes.length);
    this.#follower = new ChainFollower(genesis, this.#traders, (at, ids) => {
      for (const id of ids) this.orderedAt.set(id, at);
    });
    this.#prover = prover;
  }

  /** Takes the chain on. */
  async follow(): Promise<void> {
    await this.#follower.follow([this.#devnet.nodes[0]!.rpc]);
  }

  /**
   * Seals batches that trade with each other, for as many of the next heights as a window may have, and proves them.
   * @param untilMs of `performance.now()`: what is not proved by then is left out
   */
  async make(count: number, untilMs: number): Promise<ReadyBatch[]> {
    await this.follow();
    const { replica } = this.#follower;
    const rows = Array.from({ length: count }, (_, i) => {
      const name = `${traderOf(i)}-${++this.#made}`;
      const isSale = Math.floor(i / TRADERS) % 2 === i % 2;
      const fileHeight = 1 + Math.floor(i / MAX_BALLOT_ITEMS);
      return `${fileHeight},${traderOf(i)},fresh,${name},BTC-PERP,${isSale ? 'sell' : 'buy'},1,${isSale ? '61.90' : '62.10'},false`;
    });
    const orders = parseOrdersFile([ORDERS_HEADER, ...rows].join('\n'), 'orders', this.#market);
    const at = height(replica.settlement.height + 1);
    const sealed = this.#traders.seal(orders, at, replica, LONG_PATIENCE);
    const ready: ReadyBatch[] = [];
    for (let first = 0; first < sealed.length && performance.now() < untilMs; first += TOGETHER)
      ready.push(
        ...(await Promise.all(
          sealed.slice(first, first + TOGETHER).map(async (each) => ({
            id: each.sealed.id,
            item: toHex(encodeItem(await proveBatch(this.#prover, each.sealed))),
          })),
        )),
      );
    return ready;
  }
}
