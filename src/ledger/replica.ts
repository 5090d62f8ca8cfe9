import { equalBytes } from '../base/bytes.ts';
import { clearCofactor, decodePoint, type Point } from '../crypto/babyjub.ts';
import { verifyCertificate } from '../crypto/certificate.ts';
import type { MerklePath } from '../crypto/merkle.ts';
import { openWords } from '../crypto/seal.ts';
import { encryptionKey } from '../crypto/threshold-key.ts';
import type { ItemId } from '../params/ids.ts';
import { quorumOf } from '../params/quorum.ts';
import { unpackBatch } from './batch-words.ts';
import { acceptedRoot, type Block, headerHash } from './block.ts';
import { type Genesis, genesisHash } from './genesis.ts';
import { batchSignals, contextOf, type Item, itemIdOf } from './items.ts';
import { OrderingState } from './ordering-state.ts';
import { genesisSettlement, type SettlementState, tableAt } from './settlement-state.ts';
import { type OpenedItem, type Settlement, settle } from './transition.ts';

/** Why a replica refuses a block. */
export type ReplayProblem = 'REPLAY_HEADER' | 'REPLAY_CERTIFICATE' | 'REPLAY_ITEMS' | 'REPLAY_STATE_ROOT';

/**
 * What anybody keeps who follows the chain from its blocks alone: no key shares, no proofs, no peers. Each K in a block is
 * checked by its batch's tag; the header's state root is checked against what the replica computed for the height before.
 */
export class Replica {
  readonly #genesis: Genesis;
  readonly #genesisHash: Uint8Array;
  readonly #ordering: OrderingState;
  readonly #Y8: Point;
  #settlement: SettlementState;
  #last: Settlement | undefined;
  #parent: Uint8Array;

  constructor(genesis: Genesis) {
    this.#genesis = genesis;
    this.#genesisHash = genesisHash(genesis);
    this.#ordering = new OrderingState(genesis.notes, genesis.market.batchFee);
    this.#Y8 = clearCofactor(encryptionKey(genesis.decryptionKey));
    this.#settlement = genesisSettlement(genesis);
    this.#parent = this.#genesisHash;
  }

  /** What batches are sealed to: 8·Y. */
  get Y8(): Point {
    return this.#Y8;
  }

  get settlement(): SettlementState {
    return this.#settlement;
  }

  get noteRoot(): bigint {
    return this.#ordering.noteRoot;
  }

  notePath(commitment: bigint): MerklePath | undefined {
    return this.#ordering.notePath(commitment);
  }

  /**
   * Applies the next block.
   * @param block form checked (decodeBlock), otherwise hostile
   * @returns what settling it gave, or why it is not the next block of this chain; then nothing changed. Never throws.
   */
  apply(block: Block): Settlement | ReplayProblem {
    const { header } = block;
    const hash = headerHash(header);
    const { n, q } = quorumOf(this.#genesis.validators.length);
    if (
      header.height !== this.#settlement.height + 1 ||
      header.epoch !== this.#genesis.epoch ||
      !equalBytes(header.genesisHash, this.#genesisHash) ||
      !equalBytes(header.parent, this.#parent) ||
      header.medians.length !== this.#settlement.market.medians.length
    ) {
      return 'REPLAY_HEADER';
    }
    const keys = this.#genesis.validators.map(({ blsKey }) => blsKey);
    if (block.certificate.signers.length !== n || !verifyCertificate(keys, hash, block.certificate, q)) {
      return 'REPLAY_CERTIFICATE';
    }
    if (
      this.#last !== undefined &&
      !(
        equalBytes(header.stateRoot, this.#last.stateRoot) &&
        equalBytes(header.receiptsRoot, this.#last.receiptsRoot)
      )
    ) {
      return 'REPLAY_STATE_ROOT';
    }
    const opened = this.#open(block);
    if (opened === undefined) return 'REPLAY_ITEMS';
    for (const item of block.items) this.#ordering.apply(item);
    this.#ordering.closeHeight(header.height);
    const { height, timeS, medians } = header;
    const { beacon, refused } = block;
    this.#last = settle(this.#genesis.market, this.#settlement, {
      height,
      timeS,
      medians,
      beacon,
      items: opened,
      refused,
    });
    this.#settlement = this.#last.state;
    this.#parent = hash;
    return this.#last;
  }

  /** Opens every batch with its K. The certified accepted root says that these items, in this order, were accepted. */
  #open(block: Block): OpenedItem[] | undefined {
    const opened: OpenedItem[] = [];
    for (const [i, item] of block.items.entries()) {
      const id = this.#idOf(item);
      const K = decodePoint(block.keys[i]!);
      if (id === undefined || K === undefined) return undefined;
      const words = openWords(K, item, this.#contextOf(item));
      if (words === undefined) return undefined;
      opened.push({ id, fee: item.fee, content: unpackBatch(words) });
    }
    const root = acceptedRoot(opened.map(({ id }) => id));
    return equalBytes(root, block.header.acceptedRoot) ? opened : undefined;
  }

  #contextOf({ fromHeight, toHeight, tableHeight }: Item): bigint {
    const market = this.#genesis.market.name;
    return contextOf({ genesisHash: this.#genesisHash, market, fromHeight, toHeight, tableHeight });
  }

  #idOf(item: Item): ItemId | undefined {
    const table = tableAt(this.#settlement, item.tableHeight);
    if (table === undefined) return undefined;
    return itemIdOf(batchSignals(item, { context: this.#contextOf(item), Y8: this.#Y8, table }));
  }
}
