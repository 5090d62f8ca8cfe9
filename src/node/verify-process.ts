import type { Verifier } from '../groth16/verifier.ts';
import { loadVerifier } from '../proofs/circuit-verifier.ts';
import type { ProofQuestion } from '../validator/types.ts';

/** Circuits whose proofs validators verify. */
export type VerifiedCircuit = ProofQuestion['circuit'];

/** Proofs of one circuit. */
export interface VerifyBatch {
  readonly circuit: VerifiedCircuit;
  readonly publics: readonly (readonly bigint[])[];
  readonly proofs: readonly Uint8Array[];
}

/** Indices of the bad ones, ascending. */
export type VerifiedBatch = readonly number[];

// The entry of the verifying process (see proof-service.ts): one batch at a time. If it fails it ends: that says nothing of the proofs.
const verifiers = new Map<VerifiedCircuit, Promise<Verifier>>();
const verifierOf = (circuit: VerifiedCircuit): Promise<Verifier> => {
  const known = verifiers.get(circuit) ?? loadVerifier(circuit);
  verifiers.set(circuit, known);
  return known;
};

// The channel closes when the parent ends, however it ends.
process.on('disconnect', () => process.exit());
process.on('message', async ({ circuit, publics, proofs }: VerifyBatch) => {
  const bad: VerifiedBatch = await (await verifierOf(circuit)).verifyBatch(publics, proofs);
  process.send?.(bad, undefined, undefined, (error) => {
    if (error !== null) process.exit();
  });
});
