import type { ChainState } from '../ledger/chain-state.ts';
import type { OracleReport } from './bundle.ts';

/** What a validator carries from height to height. The height in progress advances it. */
export interface Carried extends ChainState {
  /** Identity secrets that equivocations revealed: their ballots are void. */
  readonly revealed: Set<bigint>;
  /** What one's own feed said last. */
  report: OracleReport;
}
