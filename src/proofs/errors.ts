import { code, errorsOf } from '../base/errors.ts';

/** Velum’s circuits, their keys and their provers. */
export const ProofsError = errorsOf({
  CIRCUIT_UNKNOWN: code('No circuit of that name is registered.'),
  CIRCUIT_INPUT: code<{ readonly circuit?: string; readonly signal?: string; readonly path?: string }>(
    'A circuit input has the wrong shape or range.',
  ),
  KEYS_MISSING: code<{ readonly circuit?: string; readonly keysDir?: string; readonly path?: string }>(
    'A key file is missing.',
  ),
  KEYS_EXIST: code<{ readonly circuit: string; readonly keysDir: string }>('Keys would be overwritten.'),
  CEREMONY_INPUT: code<{ readonly circuit: string }>('The keys have no such ceremony, or no phase 2.'),
  CONTRIBUTION_FILE: code<{ readonly circuit: string; readonly from: string }>(
    'A proving key made elsewhere does not continue the one that is there.',
  ),
  /** `from`: of the contribution that was checked. */
  INPUTS_REFUSED: code<{ readonly circuit: string }>('Some inputs of a batch satisfy no proof.'),
  NOT_VERIFIED: code<{ readonly circuit: string; readonly from?: string }>(
    'A proof or a key was checked and is not valid.',
  ),
  PROVER_CANCELLED: code<{ readonly circuit: string }>(
    'A proof was given up because its caller asked for it.',
  ),
  PROVER_CLOSED: code<{ readonly circuit: string }>('The prover was closed while proofs were wanted.'),
  PROVER_BUSY: code<{ readonly circuit: string; readonly waiting: number }>('The prover queue is full.'),
});
