import { utf8 } from '../../base/bytes.ts';
import { VelumError } from '../../base/errors.ts';
import { hashBytes } from '../../crypto/hash.ts';
import type { Genesis } from '../../ledger/genesis.ts';
import type { BatchItem } from '../../ledger/items.ts';
import { tableHeightsAt } from '../../ledger/ordering-state.ts';
import type { Replica } from '../../ledger/replica.ts';
import { tableAt } from '../../ledger/settlement-state.ts';
import { type SealedBatch, Wallet } from '../../ledger/wallet.ts';
import { type Height, height } from '../../params/ids.ts';
import { runRandom } from './dealer.ts';
import type { FileBatch, MarketFile } from './types.ts';

/** Heights a sealed batch may still be ordered at after the one it was made for. */
const PATIENCE = 3;

export interface NamedBatch {
  readonly batch: FileBatch;
  readonly sealed: SealedBatch;
}

/** A batch with its proof: what is sent to the validators. */
export interface ProvedBatch extends NamedBatch {
  readonly item: BatchItem;
}

/**
 * The traders of a run, each with a wallet. A batch spends its trader's next unspent note; when a trader has none left that
 * holds deposit and fee, an old copy of the wallet spends a note again, which the validators must refuse.
 */
export class Traders {
  readonly #seed: number;
  readonly #market: MarketFile;
  readonly #wallets = new Map<string, Wallet>();
  /** Genesis notes of all traders, in the order of the market file. */
  readonly notes: readonly bigint[];
  readonly notesTotal: bigint;

  constructor(seed: number, market: MarketFile) {
    this.#seed = seed;
    this.#market = market;
    const notes: bigint[] = [];
    for (const trader of market.notes.keys()) {
      const { wallet, commitments } = this.#newWallet(trader);
      this.#wallets.set(trader, wallet);
      notes.push(...commitments);
    }
    this.notes = notes;
    this.notesTotal = [...market.notes.values()].flat().reduce((sum, value) => sum + value, 0n);
  }

  #newWallet(trader: string): { wallet: Wallet; commitments: bigint[] } {
    const wallet = new Wallet(hashBytes('run', utf8(JSON.stringify([this.#seed, 'wallet', trader]))));
    const commitments = this.#market.notes.get(trader)!.map((value) => wallet.genesisNote(value));
    return { wallet, commitments };
  }

  /**
   * Seals the batches of one height on what the chain says now.
   * @throws {VelumError} ORDERS_FILE if a batch needs more than any note of its trader ever held
   */
  seal(
    batches: readonly FileBatch[],
    at: Height,
    genesis: Genesis,
    genesisHash: Uint8Array,
    chain: Replica,
  ): NamedBatch[] {
    const tableHeight = tableHeightsAt(at).last;
    const table = tableAt(chain.settlement, tableHeight)!;
    const terms = {
      genesisHash,
      market: genesis.market.name,
      Y8: chain.Y8,
      fromHeight: at,
      toHeight: height(at + PATIENCE),
      tableHeight,
      table,
      fee: genesis.market.batchFee,
      notes: chain,
    };
    return batches.map((batch) => {
      const random = runRandom(this.#seed, `batch ${batch.name}`);
      const wish = { account: batch.account, orders: batch.orders };
      const sealed =
        this.#wallets.get(batch.trader)!.seal(wish, terms, random) ??
        this.#newWallet(batch.trader).wallet.seal(wish, terms, random);
      if (sealed === undefined) {
        const reason =
          'needs a deposit and fee that no note of its trader holds; lower it, or give a larger note';
        throw new VelumError('ORDERS_FILE', `batch ${batch.name} of ${batch.trader} ${reason}`, {
          batch: batch.name,
        });
      }
      return { batch, sealed };
    });
  }

  /** A height closed: wallets learn which notes are spent and which change is theirs. */
  heightClosed(...closed: Parameters<Wallet['heightClosed']>): void {
    for (const wallet of this.#wallets.values()) wallet.heightClosed(...closed);
  }
}
