import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { zKey } from 'snarkjs';
import type { Circuit } from '../registry.ts';

/**
 * A verifier contract as snarkjs writes it. It checks what the EVM's precompiles check, and that signals are below r;
 * a contract that uses it must never identify a statement by the proof's bytes.
 * @throws {ProofsError} KEYS_MISSING, KEYS_STALE
 */
export async function solidityVerifier(circuit: Circuit): Promise<string> {
  await circuit.read('zkey');
  // The package's entry is build/main.cjs; its templates lie beside that folder.
  const entry = createRequire(import.meta.url).resolve('snarkjs');
  const template = (name: string): Promise<string> =>
    readFile(join(entry, '../../templates', `verifier_${name}.sol.ejs`), 'utf8');
  return zKey.exportSolidityVerifier(circuit.path('zkey'), {
    groth16: await template('groth16'),
    plonk: await template('plonk'),
  });
}
