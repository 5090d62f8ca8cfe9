import { Groth16Error } from './errors.ts';
import type { Verifier } from './verifier.ts';

/** What a prover asks of its own proofs, one at a time. */
export type ProofCheck = Pick<Verifier, 'nPublic' | 'verify'>;

/** A statement and its proof, which has passed the verifier. */
export interface ProvedStatement {
  /** 256 bytes, public. */
  readonly proof: Uint8Array;
  /** Outputs, then public inputs, each in F_r. */
  readonly publicSignals: bigint[];
}

/**
 * A proof leaves only after it has passed the verifier: a wrong key or a faulty machine is noticed here, at 1 % of the
 * cost, and not by a peer that would blame this one.
 * @param circuit names it in errors
 * @throws {Groth16Error} PROVER_FAILED
 */
export async function verified(
  circuit: string,
  verifier: ProofCheck,
  proof: Uint8Array,
  publicSignals: bigint[],
): Promise<ProvedStatement> {
  if (await verifier.verify(publicSignals, proof)) return { proof, publicSignals };
  const message = `a proof of ${circuit} did not verify: wrong keys or a faulty machine`;
  throw new Groth16Error('PROVER_FAILED', message, { circuit });
}
