import { VelumError } from '../base/errors.ts';
import { Groth16Error } from '../groth16/errors.ts';
import type { ProvedStatement } from '../groth16/proved-statement.ts';
import type { FlatSignals } from '../groth16/witness.ts';
import type { CircuitName } from './circuits.ts';
import type { CircuitProver, ProverStage } from './prover.ts';

/** From the pool to a proving process. */
export interface ProofRequest {
  readonly id: number;
  readonly circuit: CircuitName;
  readonly signals: FlatSignals;
}

/** What a request is at. */
export interface ProofStage {
  readonly id: number;
  readonly stage: ProverStage;
}

/** The answer. An error crosses as its code and text, neither of which quotes a signal. */
export type ProofAnswer =
  | { readonly id: number; readonly proved: ProvedStatement }
  | {
      readonly id: number;
      readonly error: Pick<VelumError, 'code' | 'sentence' | 'message' | 'data'>;
    };

/**
 * What a proving process or worker does with a request: the keys of a circuit are loaded when it is first asked for.
 * @param say told as each stage begins
 * @returns never rejects
 */
export function proofAnswering(
  load: (circuit: CircuitName) => Promise<CircuitProver>,
  say: (stage: ProofStage) => void,
): (request: ProofRequest) => Promise<ProofAnswer> {
  const provers = new Map<CircuitName, Promise<CircuitProver>>();
  return async ({ id, circuit, signals }) => {
    const onStage = (stage: ProverStage): void => say({ id, stage });
    try {
      let prover = provers.get(circuit);
      if (prover === undefined) {
        onStage('keys');
        prover = load(circuit);
        provers.set(circuit, prover);
        prover.catch(() => provers.delete(circuit));
      }
      return { id, proved: await (await prover)(signals, onStage) };
    } catch (error) {
      const { code, sentence, message, data } =
        error instanceof VelumError
          ? error
          : new Groth16Error('PROVER_FAILED', `${circuit}: ${String(error)}`);
      return { id, error: { code, sentence, message, data } };
    }
  };
}
