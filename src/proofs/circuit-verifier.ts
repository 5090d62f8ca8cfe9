import { VelumError } from '../base/errors.ts';
import { createVerifier, type Verifier } from '../groth16/verifier.ts';
import type { CircuitName } from './circuits.ts';
import { type Circuit, loadCircuit } from './registry.ts';

/**
 * Loads the verifier of a circuit; the curve is built once a process.
 * @param keysDir keys folder; the package's own by default
 * @throws {VelumError} CIRCUIT_UNKNOWN, KEYS_MISSING, KEYS_STALE, KEYS_UNSAFE
 */
export async function loadVerifier(name: CircuitName, keysDir?: string): Promise<Verifier> {
  return circuitVerifier(await loadCircuit(name, keysDir));
}

/** The same for a circuit already looked up. @throws {VelumError} KEYS_MISSING, KEYS_STALE, KEYS_UNSAFE */
export async function circuitVerifier(circuit: Circuit): Promise<Verifier> {
  const where = circuit.path('vkey');
  const verifier = await createVerifier(Buffer.from(await circuit.read('vkey')).toString('utf8'), where);
  const { publicSignals } = circuit.shape;
  if (verifier.nPublic === publicSignals) return verifier;
  throw new VelumError(
    'KEYS_STALE',
    `${where} is for ${verifier.nPublic} public signals, ${circuit.name} has ${publicSignals}`,
    { circuit: circuit.name },
  );
}
