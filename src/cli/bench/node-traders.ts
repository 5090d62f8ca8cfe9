import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toHex } from '../../base/bytes.ts';
import { proveBatch } from '../../client/proving.ts';
import { LONG_PATIENCE } from '../../client/terms.ts';
import type { Genesis } from '../../formats/genesis-file.ts';
import { parseMarketFile } from '../../formats/market-file.ts';
import { parseOrdersFile } from '../../formats/orders-file.ts';
import type { MarketFile } from '../../formats/run-input.ts';
import { encodeItem } from '../../ledger/items.ts';
import type { Address } from '../../net/transport.ts';
import { height } from '../../params/ids.ts';
import type { Prover } from '../../proofs/prover.ts';
import { ChainFollower } from '../devnet/chain-follower.ts';
import type { DevnetHome } from '../devnet/devnet-home.ts';
import { Traders } from '../epoch/traders.ts';
import { devnetMarket } from '../node/devnet-genesis.ts';
import { PACKAGE_ROOT } from '../package-root.ts';

/** Batches that are submitted together. */
export const BATCHES = 10;
/** Groups of the steady load, each of traders of its own: their proofs are made before any is ordered. */
export const STEADY_GROUPS = 6;

/** First row of an orders file. */
export const ORDERS_HEADER = 'height,trader,account,batch,instrument,side,lots,limit,reduceOnly';
const idleTrader = (i: number): string => `t${i}`;
const steadyTrader = (group: number, i: number): string => `s${group}-${i}`;

export const writeBenchMarket = (dir: string): string =>
  writeQuietMarket(dir, [
    ...Array.from({ length: BATCHES }, (_, i) => idleTrader(i)),
    ...Array.from({ length: STEADY_GROUPS * BATCHES }, (_, k) =>
      steadyTrader(Math.floor(k / BATCHES), k % BATCHES),
    ),
  ]);

/** The example's market with these traders and one price, which stays fresh: nothing happens but what is submitted. */
export function writeQuietMarket(
  dir: string,
  names: readonly string[],
  notes: readonly string[] = ['100000'],
): string {
  const market = JSON.parse(readFileSync(join(PACKAGE_ROOT, 'examples/market.json'), 'utf8'));
  const traders = Object.fromEntries(names.map((name) => [name, notes]));
  const [first, second] = market.oracle;
  const oracle = [first, { ...first, time: second.time }];
  const rules = { ...market.market, oracle: { ...market.market.oracle, staleAfterS: 86_400 } };
  const path = join(dir, 'market.json');
  writeFileSync(path, JSON.stringify({ ...market, market: rules, traders, oracle, transfers: [] }));
  return path;
}

export const readBenchMarket = (path: string): MarketFile =>
  parseMarketFile(readFileSync(path, 'utf8'), path);

/** Half of a group buys what the other half sells, and the next time the other way round: every batch trades. */
function row(round: number, trader: string, i: number): string {
  const side = (round + i) % 2 === 0 ? 'sell' : 'buy';
  const limit = side === 'sell' ? '61.90' : '62.10';
  return `1,${trader},desk,${trader}-${round},BTC-PERP,${side},10,${limit},false`;
}

/** Traders of a devnet under measurement; they follow the chain by its blocks. */
export class BenchTraders {
  readonly #traders: Traders;
  readonly #follower: ChainFollower;
  readonly #market: MarketFile;
  readonly #prover: Prover;
  readonly #rpc: Address;

  constructor(devnet: DevnetHome, genesis: Genesis, prover: Prover) {
    const { seed, startS } = devnet.file;
    const market = devnetMarket(readBenchMarket(devnet.market), BigInt(startS));
    this.#market = market;
    this.#prover = prover;
    this.#rpc = devnet.nodes[0]!.rpc;
    this.#traders = new Traders(seed, market, devnet.nodes.length);
    this.#follower = new ChainFollower(genesis, this.#traders);
  }

  /** Batches of one group with their proofs, as hex. */
  idleGroup(round: number): Promise<string[]> {
    return this.#prove(Array.from({ length: BATCHES }, (_, i) => row(round, idleTrader(i), i)));
  }

  async steadyGroups(): Promise<string[][]> {
    const all = Array.from({ length: STEADY_GROUPS }, (_, group) =>
      Array.from({ length: BATCHES }, (_, i) => row(0, steadyTrader(group, i), i)),
    );
    const items = await this.#prove(all.flat());
    return all.map((_, group) => items.slice(group * BATCHES, (group + 1) * BATCHES));
  }

  async #prove(rows: readonly string[]): Promise<string[]> {
    await this.#follower.follow([this.#rpc]);
    const { replica } = this.#follower;
    const batches = parseOrdersFile([ORDERS_HEADER, ...rows].join('\n'), 'orders', this.#market);
    // Groups at a pace come into one height each: all of them must still be in their window.
    const at = height(replica.settlement.height + 1);
    const sealed = this.#traders.seal(batches, at, replica, LONG_PATIENCE);
    return Promise.all(
      sealed.map(async (each) => toHex(encodeItem(await proveBatch(this.#prover, each.sealed)))),
    );
  }
}
