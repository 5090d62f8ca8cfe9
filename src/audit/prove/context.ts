import type { ConstraintSystem, IsOver } from '../system/system.ts';
import type { FactStore } from './fact-store.ts';

/** What a rule works with. */
export interface ProofContext {
  readonly system: ConstraintSystem;
  readonly store: FactStore;
  /** Whether the time for the proof is over: asked in loops that may be long. */
  readonly isOver: IsOver;
}
