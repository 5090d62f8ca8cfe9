import { equalBytes } from '../base/bytes.ts';
import { decodePoint } from '../crypto/babyjub.ts';
import { type Certificate, verifyCertificate } from '../crypto/certificate.ts';
import type { MerklePath } from '../crypto/merkle.ts';
import { openWords } from '../crypto/seal.ts';
import { height, type ItemId } from '../params/ids.ts';
import { quorumOf } from '../params/quorum.ts';
import { unpackBatch } from './batch-words.ts';
import { acceptedRoot, type Block, evidenceRoot, type Header, headerHash, settlementHash } from './block.ts';
import type { ChainGenesis } from './chain-genesis.ts';
import { batchContext, claimOf, type ItemDomain, itemDomain } from './claims.ts';
import { isSignedDeposit } from './deposits.ts';
import { type EpochConfig, type EpochDomain, epochDomain } from './epoch-config.ts';
import type { Item } from './items.ts';
import { type NamedItem, OrderingState } from './ordering-state.ts';
import { noReceipts, receiptsRoot } from './receipts.ts';
import { genesisSettlement, type SettlementState, stateRoot } from './settlement-state.ts';
import { shieldedNotes } from './transfers.ts';
import { type OpenedItem, type Settlement, settle } from './transition.ts';

/** Why a replica refuses a block. */
export const REPLAY_PROBLEMS = {
  REPLAY_HEADER: 'The header is not of the next height of this chain.',
  REPLAY_CERTIFICATE: 'No quorum signed the header.',
  REPLAY_STATE_ROOT: 'The header names another state or other receipts of the height before.',
  REPLAY_EVIDENCE: 'The pieces of evidence are not those of the header.',
  REPLAY_ITEMS:
    'The items are not those of the header, break a rule of the re-check, a key does not open its batch, or the bridge did ' +
    'not sign a deposit.',
  REPLAY_SETTLEMENT: 'No quorum signed the state and receipts that this block settles to.',
} as const;

export type ReplayProblem = keyof typeof REPLAY_PROBLEMS;

/** Items of a block, named and opened. */
interface Opened {
  readonly named: readonly NamedItem<Item>[];
  readonly items: readonly OpenedItem[];
}

/**
 * What anybody keeps who follows the chain from its blocks alone: no key shares, no proofs, no peers. The header's certificate
 * says which items were accepted, each K is checked by its batch's tag, each deposit by the bridge's signature, and the settlement certificate vouches for what
 * the header does not bind: the beacon and the receipts of refused items.
 */
export class Replica {
  readonly chain: ChainGenesis;
  readonly #epoch: EpochConfig;
  readonly #domain: EpochDomain;
  /** What batches are sealed for. */
  readonly items: ItemDomain;
  readonly #ordering: OrderingState;
  #settlement: SettlementState;
  #stateRoot: Uint8Array;
  #receiptsRoot: Uint8Array;
  #parent: Uint8Array;

  constructor(chain: ChainGenesis, epoch: EpochConfig) {
    this.chain = chain;
    this.#epoch = epoch;
    this.#domain = epochDomain(chain, epoch);
    this.items = itemDomain(chain, epoch);
    this.#ordering = new OrderingState(chain.notes, chain.market.batchFee);
    this.#settlement = genesisSettlement(chain);
    this.#stateRoot = stateRoot(this.#settlement);
    this.#receiptsRoot = receiptsRoot(noReceipts(height(0)));
    this.#parent = this.#domain.chainHash;
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
   * @param block       form checked (decodeBlock), otherwise hostile
   * @param certificate of its settlement, hostile
   * @returns what settling it gave, or why it is not the next block of this chain; then nothing changed. Never throws.
   */
  apply(block: Block, certificate: Certificate): Settlement | ReplayProblem {
    const { header, evidence, beacon, refused } = block;
    const hash = headerHash(header);
    if (!this.#isNext(header)) return 'REPLAY_HEADER';
    if (!this.#isCertified(hash, block.certificate)) return 'REPLAY_CERTIFICATE';
    const isSettled =
      equalBytes(header.stateRoot, this.#stateRoot) && equalBytes(header.receiptsRoot, this.#receiptsRoot);
    if (!isSettled) return 'REPLAY_STATE_ROOT';
    if (!equalBytes(header.evidenceRoot, evidenceRoot(evidence))) return 'REPLAY_EVIDENCE';
    const opened = this.#open(block);
    if (opened === undefined) return 'REPLAY_ITEMS';

    const { height, timeS, oracleTimeS, medians } = header;
    const { items } = opened;
    const input = { height, timeS, oracleTimeS, medians, beacon, items, refused };
    const settlement = settle(this.chain.market, this.#settlement, input);
    const { stateRoot, receiptsRoot } = settlement;
    const statement = settlementHash({ ...this.#domain, height, stateRoot, receiptsRoot });
    if (!this.#isCertified(statement, certificate)) return 'REPLAY_SETTLEMENT';

    for (const { item } of opened.named) this.#ordering.apply(item);
    this.#ordering.closeHeight(height);
    this.#ordering.settled(height, shieldedNotes(settlement.transfers));
    this.#settlement = settlement.state;
    this.#stateRoot = stateRoot;
    this.#receiptsRoot = receiptsRoot;
    this.#parent = hash;
    return settlement;
  }

  #isNext(header: Header): boolean {
    return (
      header.height === this.#settlement.height + 1 &&
      equalBytes(header.chainHash, this.#domain.chainHash) &&
      equalBytes(header.epochHash, this.#domain.epochHash) &&
      equalBytes(header.parent, this.#parent) &&
      header.medians.length === this.#settlement.market.medians.length
    );
  }

  #isCertified(message: Uint8Array, certificate: Certificate): boolean {
    const { validators } = this.#epoch;
    const keys = validators.map(({ blsKey }) => blsKey);
    return verifyCertificate(keys, message, certificate, quorumOf(validators.length).q);
  }

  /** Names and opens every item; they must be the certified ones and pass the re-check in their order. */
  #open({ header, items, keys }: Block): Opened | undefined {
    const named: NamedItem<Item>[] = [];
    const opened: OpenedItem[] = [];
    const unused = [...keys];
    for (const item of items) {
      const id = claimOf(this.items, this.#settlement.tables, item)?.id;
      if (id === undefined) return undefined;
      const whole = this.#openItem(id, item, unused);
      if (whole === undefined) return undefined;
      named.push({ id, item });
      opened.push(whole);
    }
    const ids = named.map(({ id }) => id);
    if (unused.length > 0 || new Set(ids).size < ids.length) return undefined;
    if (!equalBytes(acceptedRoot(ids), header.acceptedRoot)) return undefined;
    const { accepted } = this.#ordering.recheck(named, this.#settlement.beacon, header.height);
    const holds = accepted.length === ids.length && accepted.every(({ id }, i) => id === ids[i]);
    return holds ? { named, items: opened } : undefined;
  }

  /** @param keys of the batches that are still to be opened; a batch takes the first */
  #openItem(id: ItemId, item: Item, keys: Uint8Array[]): OpenedItem | undefined {
    switch (item.kind) {
      case 'batch': {
        const key = keys.shift();
        const K = key === undefined ? undefined : decodePoint(key);
        const words = K === undefined ? undefined : openWords(K, item, batchContext(this.items, item));
        if (words === undefined) return undefined;
        return { kind: 'batch', id, fee: item.fee, content: unpackBatch(words) };
      }
      case 'action':
        return { ...item, id };
      case 'deposit':
        return isSignedDeposit(this.chain.bridgeKey, this.#domain.chainHash, item)
          ? { ...item, id }
          : undefined;
    }
  }
}
