import { VelumError } from '../base/errors.ts';
import { Groth16Error } from '../groth16/errors.ts';
import type { ProvedStatement } from '../groth16/proved-statement.ts';
import type { FlatSignals } from '../groth16/witness.ts';
import { type CircuitProverOptions, loadCircuitProver } from './circuit-prover.ts';
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

// The entry of a proving process (see pool.ts): one request at a time, keys loaded when a circuit is first asked for.
const options = JSON.parse(process.argv[2]!) as CircuitProverOptions;
const provers = new Map<CircuitName, Promise<CircuitProver>>();

async function answer({ id, circuit, signals }: ProofRequest): Promise<ProofAnswer> {
  const onStage = (stage: ProverStage): void => {
    const report: ProofStage = { id, stage };
    process.send?.(report, undefined, undefined, () => {});
  };
  try {
    let prover = provers.get(circuit);
    if (prover === undefined) {
      onStage('keys');
      prover = loadCircuitProver(circuit, options);
      provers.set(circuit, prover);
      prover.catch(() => provers.delete(circuit));
    }
    return { id, proved: await (await prover)(signals, onStage) };
  } catch (error) {
    const { code, sentence, message, data } =
      error instanceof VelumError ? error : new Groth16Error('PROVER_FAILED', `${circuit}: ${String(error)}`);
    return { id, error: { code, sentence, message, data } };
  }
}

// The channel closes when the parent ends, however it ends.
process.on('disconnect', () => process.exit());
process.on('message', (request: ProofRequest) => {
  void answer(request).then((result) =>
    process.send?.(result, undefined, undefined, (error) => {
      if (error !== null) process.exit();
    }),
  );
});
