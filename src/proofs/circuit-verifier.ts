import { createVerifier, type Verifier } from '../groth16/verifier.ts';
import { openVerifierPool, type VerifierPool } from '../groth16/verifier-pool.ts';
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

/**
 * A verifier of a circuit whose work is done by processes of its own.
 * @param processes one a core by default
 * @throws {ProofsError} CIRCUIT_UNKNOWN, KEYS_MISSING, KEYS_STALE, KEYS_FILE, KEYS_UNSAFE
 */
export async function loadVerifierPool(
  name: CircuitName,
  { processes, keysDir }: { readonly processes?: number; readonly keysDir?: string } = {},
): Promise<VerifierPool> {
  const circuit = await loadCircuit(name, keysDir);
  const pool = await openVerifierPool(await vkeyText(circuit), circuit.path('vkey'), processes);
  try {
    checkKeyShape(circuit, pool);
    return pool;
  } catch (error) {
    await pool.close();
    throw error;
  }
}
