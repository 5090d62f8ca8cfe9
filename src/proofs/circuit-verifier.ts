import { Groth16Error } from '../groth16/errors.ts';
import { createVerifier, type Verifier } from '../groth16/verifier.ts';
import { openVerifierPool, type VerifierPool } from '../groth16/verifier-pool.ts';
import type { CircuitName } from './circuits.ts';
import { type Circuit, loadCircuit } from './registry.ts';

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
  checkShape(circuit, verifier);
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
    checkShape(circuit, pool);
    return pool;
  } catch (error) {
    await pool.close();
    throw error;
  }
}

const vkeyText = async (circuit: Circuit): Promise<string> =>
  Buffer.from(await circuit.read('vkey')).toString('utf8');

function checkShape(circuit: Circuit, { nPublic }: Verifier): void {
  const { publicSignals } = circuit.shape;
  if (nPublic === publicSignals) return;
  const message = `${circuit.path('vkey')} is for ${nPublic} public signals, ${circuit.name} has ${publicSignals}`;
  throw new Groth16Error('KEYS_STALE', message, { circuit: circuit.name });
}
