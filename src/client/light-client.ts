import { type Block, type Header, headerHash, settlementHash } from '../ledger/block.ts';
import type { CertifiedBlock } from '../ledger/certified-block.ts';
import type { ChainGenesis } from '../ledger/chain-genesis.ts';
import { checkSigned } from '../ledger/check-signed.ts';
import { type Claim, claimOf } from '../ledger/claims.ts';
import { type EpochChange, nextEpoch } from '../ledger/epoch-change.ts';
import { type EpochConfig, isCertified } from '../ledger/epoch-config.ts';
import type { Item } from '../ledger/items.ts';
import type { NamedItem } from '../ledger/ordering-state.ts';
import {
  isOfEpoch,
  openItems,
  piecesOf,
  REPLAY_PROBLEMS,
  type ReplayRules,
  replayRules,
} from '../ledger/replay.ts';
import { Replica } from '../ledger/replica.ts';
import { dealingItemId } from '../ledger/rotation/dealing-item.ts';
import { evidenceItemId } from '../ledger/rotation/evidence-item.ts';
import { firstRotation } from '../ledger/rotation/rotation.ts';
import { readShownState, type ShownChainState } from '../ledger/shown-state.ts';
import type { ReserveTable } from '../market/reserve.ts';
import type { Height, ItemId } from '../params/ids.ts';

/** Why a height is not verified. */
export const LIGHT_PROBLEMS = {
  ...REPLAY_PROBLEMS,
  LIGHT_EPOCH:
    'The header is of an epoch that nothing leads to: a certificate of each change of the committee since genesis is needed.',
  LIGHT_EPOCH_CHANGE: 'A change of the committee is not certified by the committee before it.',
  LIGHT_TABLES: 'The reserve tables shown are not those that the batches name.',
  LIGHT_STATE: 'The state before the height is no state, or of another height.',
  LIGHT_SETTLEMENT: 'The settlement file is not of this height, or not what its block settles to.',
  LIGHT_PROOF: 'The proof of an item does not hold.',
} as const;

export type LightProblem = keyof typeof LIGHT_PROBLEMS;

/** A certified height, and what it is said to settle to. Hostile. */
export interface ShownHeight extends CertifiedBlock {
  /** Roots after this height, 32 bytes each. */
  readonly stateRoot: Uint8Array;
  readonly receiptsRoot: Uint8Array;
  /** Reserve tables that its batches name. */
  readonly tables: ReadonlyMap<Height, ReserveTable>;
}

/** An item under the name that its header binds, with what its proofs must show. */
export interface ClaimedItem extends NamedItem<Item> {
  /** undefined for a dealing, and evidence against a dealer: the session that they are about stands in the state. */
  readonly claim: Claim | undefined;
}

/** A height whose certificates, items and openings hold. Its settlement was not replayed. */
export interface CheckedHeight {
  readonly epoch: EpochConfig;
  readonly items: readonly ClaimedItem[];
}

/**
 * Judges heights of a chain for somebody who has its genesis and trusts nobody: which committee is in office, what it ordered, that each
 * batch was opened with the right key, and what it settled to by its signatures. With the state before a height it replays the settlement.
 */
export class LightClient {
  readonly chain: ChainGenesis;
  /** By epoch, the first one first. */
  readonly #rules: ReplayRules[];
  readonly #changes: EpochChange[] = [];

  constructor(chain: ChainGenesis, epoch: EpochConfig) {
    this.chain = chain;
    this.#rules = [replayRules(chain, epoch)];
  }

  /** Learns the next epoch. @param change hostile. @returns whether the committee before certified it */
  changeEpoch(change: EpochChange): boolean {
    const next = nextEpoch(this.chain, this.#rules.at(-1)!.epoch, change);
    if (next === undefined) return false;
    this.#rules.push(replayRules(this.chain, next));
    this.#changes.push(change);
    return true;
  }

  /** Who may order a height: of the epoch that its header names, if the height can be of it. */
  #rulesOf(header: Header): ReplayRules | undefined {
    const at = this.#rules.findIndex((rules) => isOfEpoch(rules, header));
    const next = this.#rules[at + 1];
    return next !== undefined && header.height >= next.epoch.firstHeight ? undefined : this.#rules[at];
  }

  /**
   * Checks all of a height that can be checked without the state before it. What is left: that the items follow each other as the beacon
   * before says, that they spend what is there, what they settle to, and
   * of dealings and evidence against dealers all but their names.
   */
  check(shown: ShownHeight): CheckedHeight | LightProblem {
    const { block, settlementCertificate, stateRoot, receiptsRoot, tables } = shown;
    const { header } = block;
    const rules = this.#rulesOf(header);
    if (rules === undefined) return 'LIGHT_EPOCH';
    const { epoch, domain } = rules;
    if (!isCertified(epoch, headerHash(header), block.certificate)) return 'REPLAY_CERTIFICATE';
    if (piecesOf(header, block.evidence) === undefined) return 'REPLAY_EVIDENCE';
    const rotation = firstRotation(domain.chainHash, epoch);
    const items: ClaimedItem[] = [];
    for (const item of block.items) {
      const named = nameOf(item);
      const claim = named === undefined ? claimOf(rules.items, { tables, rotation }, item) : undefined;
      const id = named ?? claim?.id;
      if (id === undefined) return 'LIGHT_TABLES';
      const signedBy = { chain: this.chain, chainHash: domain.chainHash, rotation };
      if (named === undefined && checkSigned(signedBy, item) !== undefined) return 'REPLAY_ITEMS';
      items.push({ id, item, claim });
    }
    const used = block.items.flatMap((item) => (item.kind === 'batch' ? [item.tableHeight] : []));
    if (new Set(used).size !== tables.size) return 'LIGHT_TABLES';
    if (openItems(rules, block, items) === undefined) return 'REPLAY_ITEMS';
    const statement = settlementHash({ ...domain, height: header.height, stateRoot, receiptsRoot });
    if (!isCertified(epoch, statement, settlementCertificate)) return 'REPLAY_SETTLEMENT';
    return { epoch, items };
  }

  /**
   * Follows the chain on from the state before a height. The header's certificate comes first: what a state costs to read, only a
   * committee has anybody pay.
   * @param block of the height; hostile
   * @param shown hostile: refused unless the header binds it
   */
  replicaFrom(
    { header, certificate }: Pick<Block, 'header' | 'certificate'>,
    shown: ShownChainState,
  ): Replica | LightProblem {
    const rules = this.#rulesOf(header);
    if (rules === undefined) return 'LIGHT_EPOCH';
    if (!isCertified(rules.epoch, headerHash(header), certificate)) return 'REPLAY_CERTIFICATE';
    const state = readShownState(header, this.chain, shown);
    if (typeof state === 'string') return 'LIGHT_STATE';
    return new Replica(this.chain, rules.epoch, state, this.#changes.slice(0, rules.epoch.epoch - 1));
  }
}

/** Of what is about a session of dealings, which only the state knows: nothing but its name can be told without it. */
function nameOf(item: Item): ItemId | undefined {
  if (item.kind === 'dealing') return dealingItemId(item);
  return item.kind === 'evidence' ? evidenceItemId(item) : undefined;
}
