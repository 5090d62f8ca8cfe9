import { loadVerifier } from './circuit-verifier.ts';
import type { CircuitName } from './circuits.ts';

/** To a verifying process: proofs of its one circuit. */
export interface VerifyRequest {
  readonly id: number;
  readonly publics: readonly (readonly bigint[])[];
  readonly proofs: readonly Uint8Array[];
}

/** Its answer: indices of the bad ones, ascending. */
export interface VerifyAnswer {
  readonly id: number;
  readonly bad: readonly number[];
}

// The entry of a verifying process (see verifier-pool.ts): circuit and keys folder are its arguments.
const verifier = loadVerifier(process.argv[2] as CircuitName, process.argv[3]);

async function answer({ id, publics, proofs }: VerifyRequest): Promise<void> {
  const result: VerifyAnswer = { id, bad: await (await verifier).verifyBatch(publics, proofs) };
  process.send?.(result, (error: Error | null) => {
    if (error !== null) process.exit();
  });
}

// The channel closes when the parent ends, however it ends.
process.on('disconnect', () => process.exit());
process.on('message', (request: VerifyRequest) => void answer(request));
