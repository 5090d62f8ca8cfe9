import { createVerifier, type Verifier } from '../groth16/verifier.ts';
import type { CircuitName } from './circuits.ts';
import { type Circuit, checkKeyShape, loadCircuit, vkeyText } from './registry.ts';

/**
 * Loads the verifier of a circuit; the curve is built once a process.
 * @param keysDir keys folder; the package's own by default
 * @throws {ProofsError} CIRCUIT_UNKNOWN, KEYS_MISSING, KEYS_STALE, KEYS_FILE, KEYS_UNSAFE
 */
export async function loadVerifier(name: CircuitName, keysDir?: string): Promise<Verifier> {
  return circuitVerifier(await loadCircuit(name, keysDir));
}

/** The same for a circuit already looked up. @throws {ProofsError} KEYS_MISSING, KEYS_STALE, KEYS_FILE, KEYS_UNSAFE */
export async function circuitVerifier(circuit: Circuit): Promise<Verifier> {
  const verifier = await createVerifier(await vkeyText(circuit), circuit.path('vkey'));
  checkKeyShape(circuit, verifier);
  return verifier;
}
