import { type CircuitProverOptions, loadCircuitProver } from './circuit-prover.ts';
import { type ProofRequest, proofAnswering } from './proof-answering.ts';

// The entry of a proving process (see pool.ts): one request at a time.
const options = JSON.parse(process.argv[2]!) as CircuitProverOptions;
const answer = proofAnswering(
  (circuit) => loadCircuitProver(circuit, options),
  (stage) => void process.send?.(stage, undefined, undefined, () => {}),
);

// The channel closes when the parent ends, however it ends.
process.on('disconnect', () => process.exit());
process.on('message', (request: ProofRequest) => {
  void answer(request).then((result) =>
    process.send?.(result, undefined, undefined, (error) => {
      if (error !== null) process.exit();
    }),
  );
});
