import type { ChainGenesis } from '../ledger/chain-genesis.ts';
import { type ChainState, genesisState } from '../ledger/chain-state.ts';
import type { EpochDomain } from '../ledger/epoch-config.ts';
import type { ValidatorIndex } from '../params/ids.ts';
import type { OracleReport } from './bundle.ts';

/** What a validator carries from height to height. The height in progress advances it. */
export interface Carried extends ChainState {
  /** Identity secrets that equivocations revealed: their ballots are void. */
  readonly revealed: Set<bigint>;
  /** Peers that sent what no correct one does: their ballots are verified, and they are asked for items, after all others. */
  readonly distrusted: Set<ValidatorIndex>;
  /** What one's own feed said last. */
  report: OracleReport;
}

/** A validator that begins with its chain. */
export const genesisCarried = (chain: ChainGenesis, domain: EpochDomain): Carried => ({
  ...genesisState(chain, domain),
  revealed: new Set(),
  distrusted: new Set(),
  report: { prices: chain.medians, observedS: chain.timeS, clockS: chain.timeS },
});
