import type { MerklePath } from '../crypto/merkle.ts';
import { CIRCUITS } from './circuits.ts';
import { FIELD, flattenSignal, inputError, type Signals } from './signals.ts';

/** What a ballot's prover knows; identitySecret and path are secret. */
export interface BallotWitness {
  /** isk in F_r, of one validator for one epoch. */
  readonly identitySecret: bigint;
  /** From the leaf H(validator; isk) to the root, leaf level first: 4 × 4 numbers of F_r. */
  readonly path: MerklePath;
  /** F_r: root of the committee tree. */
  readonly committeeRoot: bigint;
  /** F_r: hash of chain, epoch and height. */
  readonly scope: bigint;
  /** F_r, not 0: hash of the ballot's message. */
  readonly x: bigint;
}

/**
 * Inputs of statement S1: a committee member's ballot with nullifier = H(ballotNullifier; a₁), y = isk + a₁·x.
 * @throws {ProofsError} CIRCUIT_INPUT naming a signal of the wrong shape or range; x = 0 too, where y would be isk
 */
export function ballotInput(witness: BallotWitness): Signals {
  for (const [signal, shape] of Object.entries(CIRCUITS.ballot.inputs)) {
    flattenSignal('ballot', signal, witness[signal as keyof BallotWitness], shape, FIELD);
  }
  if (witness.x === 0n) throw inputError('ballot', 'x', 'is 0: the ballot would publish the identity secret');
  const { identitySecret, path, committeeRoot, scope, x } = witness;
  return { identitySecret, path, committeeRoot, scope, x };
}
