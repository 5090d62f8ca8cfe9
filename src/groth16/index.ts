/**
 * The public face of this folder: proofs of any circom circuit over BN254 from its snarkjs key, and their verification.
 * What is not here may change at any time. README.md has an example that a test runs.
 */
export { proofCoordinates, proofFromBytes, proofToBytes } from './encoding.ts';
export { Groth16Error } from './errors.ts';
export { parseGroth16Proof, parsePublicSignals, snarkjsJson } from './json-files.ts';
export type { ProvedStatement } from './proved-statement.ts';
export { createVerifier, type Verifier } from './verifier.ts';
export { loadWasmProver, type WasmProver, type WasmProverOptions } from './wasm-prover.ts';
export { createWitnessCalculator, type FlatSignals, type WitnessCalculator } from './witness.ts';
