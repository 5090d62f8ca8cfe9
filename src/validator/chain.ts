import type { OrderingState } from '../ledger/ordering-state.ts';
import type { SettlementState } from '../ledger/settlement-state.ts';
import type { OracleReport } from './bundle.ts';

/** What a validator carries from height to height. The height in progress advances it. */
export interface Chain {
  readonly ordering: OrderingState;
  /** Replaced at settlement, never changed in place. */
  settlement: SettlementState;
  /** Roots of the last settlement, 32 bytes each. */
  stateRoot: Uint8Array;
  receiptsRoot: Uint8Array;
  /** Hash of the last header; the chain's own before height 1. */
  parent: Uint8Array;
  /** Identity secrets that equivocations revealed: their ballots are void. */
  readonly revealed: Set<bigint>;
  /** What one's own feed said last. */
  report: OracleReport;
}
