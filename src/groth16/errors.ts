import { code, errorsOf } from '../base/errors.ts';

/** A template of a witness program in which a constraint failed, and the line of its source. */
export interface TraceFrame {
  readonly template: string;
  readonly line: number;
}

/** Where a circuit is not satisfied: as the witness program says, or as a reader of the source does. */
export type UnsatisfiedAt =
  | { readonly circuit: string; readonly trace: readonly TraceFrame[] }
  | {
      readonly circuit: string;
      readonly where: string;
      readonly constraints: readonly { readonly number: string; readonly meaning: string }[];
    };

/** Files, keys and proofs of any circuit. */
export const Groth16Error = errorsOf({
  CIRCUIT_FILE: code<{ readonly path?: string }>(
    'A file is no compiled circuit or witness over the BN254 scalar field.',
  ),
  CIRCUIT_UNSATISFIED: code<UnsatisfiedAt>('The inputs do not satisfy the circuit.'),
  KEYS_STALE: code<{ readonly circuit?: string; readonly path?: string; readonly zkey?: string }>(
    'The keys do not belong to the circuit as it is now.',
  ),
  KEYS_FILE: code<{ readonly where: string }>('A file is no Groth16 verification key over BN254.'),
  KEYS_UNSAFE: code<{ readonly where: string }>('A verification key would accept forged proofs.'),
  PHASE_1_FILE: code<{
    readonly path?: string;
    readonly ptau?: string;
    readonly circuit?: string;
    readonly blake2b?: string;
    readonly expected?: string;
  }>('A powers-of-tau file is not what was asked for.'),
  PROOF_FILE: code<{ readonly path?: string }>('A file is no proof or no list of public signals.'),
  PROVER_MISSING: code<{ readonly path?: string }>('An external prover is not installed.'),
  PROVER_FAILED: code<{ readonly circuit?: string; readonly how?: string }>('A proving process failed.'),
});
