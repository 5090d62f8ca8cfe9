import { openVerifierPool, type VerifierPool } from '../groth16/verifier-pool.ts';
import type { CircuitName } from './circuits.ts';
import { checkKeyShape, loadCircuit, vkeyText } from './registry.ts';

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
