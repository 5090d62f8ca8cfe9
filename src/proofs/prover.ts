import type { ProvedStatement } from '../groth16/proved-statement.ts';
import type { FlatSignals } from '../groth16/witness.ts';
import type { CircuitName } from './circuits.ts';
import type { Signals } from './signals.ts';

/** What is being done for a proof; `keys` only where they are not loaded yet. */
export type ProverStage = 'keys' | 'witness' | 'prove' | 'verify';

/** Proves one circuit in the calling process. */
export type CircuitProver = (
  signals: FlatSignals,
  onStage?: (stage: ProverStage) => void,
) => Promise<ProvedStatement>;

export interface ProveOptions {
  /** Gives the proof up: it leaves the queue, or the process that makes it ends. */
  readonly signal?: AbortSignal;
  /** Called as each stage begins. */
  readonly onStage?: (stage: ProverStage) => void;
}

/** Makes zero-knowledge proofs. Where and with what is the implementation's business. */
export interface Prover {
  /**
   * @param signals every input of the circuit; secret, never logged
   * @returns       a proof that has passed the verifier, and the statement it proves
   * @throws {ProofsError} CIRCUIT_UNKNOWN; CIRCUIT_INPUT naming the signal; CIRCUIT_UNSATISFIED naming the template;
   *                      KEYS_MISSING, KEYS_STALE, KEYS_UNSAFE; PROVER_BUSY; PROVER_FAILED; PROVER_CLOSED;
   *                      PROVER_CANCELLED
   */
  prove(circuit: CircuitName, signals: Signals, options?: ProveOptions): Promise<ProvedStatement>;
  /** Ends the prover; proofs not yet made are rejected with PROVER_CLOSED. May be called again. */
  close(): Promise<void>;
}
