import type { BallotWitness } from '../crypto/identity.ts';
import { CIRCUITS } from './circuits.ts';
import { FIELD, flattenSignal, inputError, type Signals } from './signals.ts';

/** @throws {ProofsError} CIRCUIT_INPUT if x = 0, where y = isk + a₁·x is the identity secret itself */
export function requireMessageHash(x: unknown): void {
  if (x === 0n) throw inputError('ballot', 'x', 'is 0: the ballot would publish the identity secret');
}

/**
 * Inputs of statement S1: a committee member's ballot with nullifier = H(ballotNullifier; a₁), y = isk + a₁·x.
 * @throws {ProofsError} CIRCUIT_INPUT naming a signal of the wrong shape or range; x = 0 too, where y would be isk
 */
export function ballotInput(witness: BallotWitness): Signals {
  for (const [signal, shape] of Object.entries(CIRCUITS.ballot.inputs)) {
    flattenSignal('ballot', signal, witness[signal as keyof BallotWitness], shape, FIELD);
  }
  requireMessageHash(witness.x);
  const { identitySecret, path, committeeRoot, scope, x } = witness;
  return { identitySecret, path, committeeRoot, scope, x };
}
