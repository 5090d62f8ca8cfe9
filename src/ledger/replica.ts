import type { Certificate } from '../crypto/certificate.ts';
import type { MerklePath } from '../crypto/merkle.ts';
import type { Block } from './block.ts';
import type { ChainGenesis } from './chain-genesis.ts';
import { type ChainState, genesisState } from './chain-state.ts';
import type { ItemDomain } from './claims.ts';
import type { EpochConfig } from './epoch-config.ts';
import { applyReplayed, type ReplayProblem, type ReplayRules, replayBlock, replayRules } from './replay.ts';
import type { SettlementState } from './settlement-state.ts';
import type { Settlement } from './transition.ts';

/** What anybody keeps who follows the chain from its blocks alone. */
export class Replica {
  #rules: ReplayRules;
  readonly #state: ChainState;

  constructor(chain: ChainGenesis, epoch: EpochConfig) {
    this.#rules = replayRules(chain, epoch);
    this.#state = genesisState(chain, this.#rules.domain);
  }

  /** The blocks that come next are of another epoch, whose configuration the epoch before certified. */
  enter(epoch: EpochConfig): void {
    this.#rules = replayRules(this.chain, epoch);
  }

  get chain(): ChainGenesis {
    return this.#rules.chain;
  }

  /** What batches are sealed for. */
  get items(): ItemDomain {
    return this.#rules.items;
  }

  get settlement(): SettlementState {
    return this.#state.settlement;
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
    applyReplayed(this.#state, replayed);
    return replayed.settlement;
  }
}
