import type { ChainState } from '../ledger/chain-state.ts';
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
