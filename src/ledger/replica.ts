import type { Certificate } from '../crypto/certificate.ts';
import type { MerklePath } from '../crypto/merkle.ts';
import type { Block } from './block.ts';
import type { ChainGenesis } from './chain-genesis.ts';
import { type ChainState, claimState, genesisState } from './chain-state.ts';
import type { ClaimState, ItemDomain } from './claims.ts';
import { type EpochChange, epochChangeOf } from './epoch-change.ts';
import type { EpochConfig } from './epoch-config.ts';
import type { NoteView } from './ordering-state.ts';
import { applyReplayed, type ReplayProblem, type ReplayRules, replayBlock, replayRules } from './replay.ts';
import type { SettlementState } from './settlement-state.ts';
import { type ShownChainState, showState, type Tip } from './shown-state.ts';
import type { Settlement } from './transition.ts';

/** What anybody keeps who follows the chain from its blocks alone. */
export class Replica {
  readonly chain: ChainGenesis;
  /** What batches are sealed for, in every epoch. */
  readonly items: ItemDomain;
  /** What convinces others of the epochs up to the one in office, who know the first. */
  readonly changes: EpochChange[];
  readonly #state: ChainState;
  #rules: ReplayRules;

  /**
   * @param epoch   the chain's first; with a state, the one that orders the next height
   * @param state   where the chain's blocks have led; changed in place. Genesis if nothing is said.
   * @param changes that led to the epoch
   */
  constructor(
    chain: ChainGenesis,
    epoch: EpochConfig,
    state: ChainState = genesisState(chain, epoch),
    changes: readonly EpochChange[] = [],
  ) {
    this.chain = chain;
    this.#rules = replayRules(chain, epoch);
    this.items = this.#rules.items;
    this.#state = state;
    this.changes = [...changes];
  }

  /** Who orders the next height: its certificates are of this committee. */
  get epoch(): EpochConfig {
    return this.#rules.epoch;
  }

  /** What the words of the next height's items depend on. */
  get claims(): ClaimState {
    return claimState(this.#state);
  }

  get settlement(): SettlementState {
    return this.#state.settlement;
  }

  /** The state for whoever does not know it. */
  shown(): ShownChainState {
    return showState(this.#state);
  }

  /** What the next header says of the state. */
  get tip(): Tip {
    const { receiptsRoot, parent, stateRoot, ordering } = this.#state;
    return { receiptsRoot, parent, stateRoot, orderingRoot: ordering.root };
  }

  get notes(): NoteView {
    return this.#state.ordering;
  }

  get noteRoot(): bigint {
    return this.#state.ordering.noteRoot;
  }

  notePath(commitment: bigint): MerklePath | undefined {
    return this.#state.ordering.notePath(commitment);
  }

  /**
   * Applies the next block.
   * @param block                 form checked (decodeBlock), otherwise hostile
   * @param settlementCertificate hostile
   * @returns what settling it gave, or why it is not the next block of this chain; then nothing changed. Never throws.
   */
  apply(block: Block, settlementCertificate: Certificate): Settlement | ReplayProblem {
    const replayed = replayBlock(this.#rules, this.#state, { block, settlementCertificate });
    if (typeof replayed === 'string') return replayed;
    const before = this.#state.ordering.rotation.epoch;
    const change = epochChangeOf(this.#state.ordering, block);
    if (change !== undefined) this.changes.push(change);
    applyReplayed(this.#state, replayed);
    const { epoch } = this.#state.ordering.rotation;
    if (epoch !== before) this.#rules = replayRules(this.chain, epoch);
    return replayed.settlement;
  }
}
