import type { Verifier } from '../../groth16/verifier.ts';
import { loadVerifier } from '../../proofs/circuit-verifier.ts';
import { loadVerifierPool } from '../../proofs/circuit-verifier-pool.ts';
import { keyRecord } from '../../proofs/keys/manifest.ts';
import { dutyBroken } from '../../proofs/verifier-duty.ts';
import { chooseCircuit, keysFolder, namedCircuit } from './chosen.ts';
import { fileVerifier, type OwnVerifier, ownVerifier } from './verify.ts';

/** Proofs for which starting a process a core pays: a second's work for one. */
const POOLED = 512;

/** What verifies the proofs of a folder. */
export interface BatchVerifier extends Omit<OwnVerifier, 'verifier'> {
  readonly verifier: Pick<Verifier, 'verifyBatch'>;
  /** Why nobody may take public signals, although they are proved; of a circuit of others nothing is known. */
  broken(signals: readonly bigint[]): string | undefined;
  close?(): Promise<void>;
}

/** Opens the verifier that a name or a verification key means. */
export async function batchVerifier(
  cwd: string,
  name: string | undefined,
  flags: { readonly vkey?: string; readonly keys?: string },
  proofs: number,
): Promise<BatchVerifier> {
  const broken = (): undefined => undefined;
  if (flags.vkey !== undefined) return { ...(await fileVerifier(cwd, flags.vkey, name)), broken };
  const chosen = chooseCircuit(cwd, namedCircuit(name, 'verify-batch'));
  const keysDir = keysFolder(cwd, flags.keys, chosen);
  if (chosen.isOwn) return { ...(await ownVerifier(chosen.name, keysDir)), broken };
  const circuit = chosen.name;
  const pool = proofs >= POOLED ? await loadVerifierPool(circuit, { keysDir }) : undefined;
  return {
    name: circuit,
    verifier: pool ?? (await loadVerifier(circuit, keysDir)),
    record: await keyRecord(keysDir, circuit),
    broken: (signals) => dutyBroken(circuit, signals),
    ...(pool === undefined ? {} : { close: () => pool.close() }),
  };
}
