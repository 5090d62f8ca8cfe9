/**
 * Groth16 over BN254 for any circom circuit: witnesses, proofs from snarkjs' keys, and their verification.
 *
 * Files are those of circom and snarkjs. Importing this loads no key and starts no thread.
 *
 * @example The proof of a statement, and what a verifier says of it
 * ```ts
 * import assert from 'node:assert/strict';
 * import { readFile } from 'node:fs/promises';
 * import { createVerifier, createWitnessCalculator, loadWasmProver } from 'velum/groth16';
 *
 * const calculator = await createWitnessCalculator('circuit', await readFile('circuit.wasm'));
 * const prover = await loadWasmProver(await readFile('circuit.zkey'));
 * const { proof, publicSignals } = await prover.prove(calculator.calculate({ value: [3n], path: [1n, 0n, 1n] }));
 *
 * const verifier = await createVerifier(await readFile('vkey.json', 'utf8'), 'vkey.json');
 * assert.equal(await verifier.verify(publicSignals, proof), true);
 * assert.equal(await verifier.verify([5n], proof), false);
 * ```
 * @packageDocumentation
 */
export {
  type ProofCoordinates,
  proofCoordinates,
  proofFromBytes,
  proofToBytes,
  type SnarkjsProof,
} from './encoding.ts';
export { Groth16Error } from './errors.ts';
export { parseGroth16Proof, parsePublicSignals, snarkjsJson } from './json-files.ts';
export type { ProvedStatement } from './proved-statement.ts';
export {
  brokenConstraints,
  type Constraint,
  type LinearCombination,
  parseR1cs,
  parseWitness,
  type R1cs,
  type Witness,
} from './r1cs.ts';
export { createVerifier, type Verifier } from './verifier.ts';
export { loadWasmProver, type WasmProver, type WasmProverOptions } from './wasm-prover.ts';
export { createWitnessCalculator, type FlatSignals, type WitnessCalculator } from './witness.ts';
