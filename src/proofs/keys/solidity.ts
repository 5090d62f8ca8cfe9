import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Groth16Proof, groth16, zKey } from 'snarkjs';
import { proofFromBytes } from '../../groth16/encoding.ts';

/**
 * A verifier contract as snarkjs writes it. It checks what the EVM's precompiles check, and that signals are below r;
 * a contract that uses it must never identify a statement by the proof's bytes.
 * @param zkey proving key, checked by the caller
 */
export async function solidityVerifier(zkey: Uint8Array): Promise<string> {
  // The package's entry is build/main.cjs; its templates lie beside that folder.
  const entry = createRequire(import.meta.url).resolve('snarkjs');
  const template = (name: string): Promise<string> =>
    readFile(join(entry, '../../templates', `verifier_${name}.sol.ejs`), 'utf8');
  return zKey.exportSolidityVerifier(zkey, {
    groth16: await template('groth16'),
    plonk: await template('plonk'),
  });
}

/** The arguments of the contract's `verifyProof`, as snarkjs prints them. @param proof 256 bytes, verified by the caller */
export const solidityCalldata = (proof: Uint8Array, publicSignals: readonly bigint[]): Promise<string> =>
  groth16.exportSolidityCallData(
    texts(proofFromBytes(proof)) as Groth16Proof,
    texts(publicSignals) as string[],
  );

/** With numbers as decimal strings, as snarkjs reads them. */
const texts = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? part.toString() : part)));
