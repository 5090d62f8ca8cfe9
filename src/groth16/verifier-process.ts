import { createVerifier, type Verifier } from './verifier.ts';

/** To a verifying process, first of all: the key, in snarkjs' JSON, and its name in errors. */
export interface VerifierKeyMessage {
  readonly vkey: string;
  readonly where: string;
}

/** To a verifying process: proofs under its one key. */
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

// The entry of a verifying process (see verifier-pool.ts). If it fails it ends: that says nothing of the proofs.
let verifier: Promise<Verifier> | undefined;

async function answer({ id, publics, proofs }: VerifyRequest): Promise<void> {
  const result: VerifyAnswer = { id, bad: await (await verifier!).verifyBatch(publics, proofs) };
  process.send?.(result, (error: Error | null) => {
    if (error !== null) process.exit();
  });
}

// The channel closes when the parent ends, however it ends.
process.on('disconnect', () => process.exit());
process.on('message', (message: VerifierKeyMessage | VerifyRequest) => {
  if ('vkey' in message) verifier = createVerifier(message.vkey, message.where);
  else void answer(message);
});
