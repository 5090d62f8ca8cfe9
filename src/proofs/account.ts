import { accountOf, noteCommitment, ownerKey } from '../ledger/notes.ts';
import { CIRCUITS } from './circuits.ts';
import { rangeOf } from './ranges.ts';
import { flattenSignal, type Signals } from './signals.ts';

/** What the owner of an account knows and says; spendingKey, salt and rho are secret. */
export interface AccountWitness {
  /** sk in F_r: owns the account and the note. */
  readonly spendingKey: bigint;
  /** F_r: names the account A = H(account; sk, salt). */
  readonly salt: bigint;
  /** F_r, fresh: of the note, cm = H(note; amount, H(owner; sk), rho). */
  readonly rho: bigint;
  /** 0 ≤ amount < 2^64, units that leave the account. */
  readonly amount: bigint;
  /** F_r: hash of chain, kind, sequence, destination and last height. */
  readonly message: bigint;
}

/**
 * Inputs of statement S3: the owner of account A takes `amount` out of it, into the note cm of the same owner or as the
 * message says. The public account and commitment are computed here from what the owner knows.
 * @throws {ProofsError} CIRCUIT_INPUT naming a signal that is out of range
 */
export function accountInput(witness: AccountWitness): Signals {
  const { spendingKey, salt, rho, amount, message } = witness;
  const known = { spendingKey, salt, rho, amount, message };
  for (const [signal, value] of Object.entries(known)) {
    flattenSignal('account', signal, value, CIRCUITS.account.inputs[signal]!, rangeOf('account', signal));
  }
  const account = accountOf(spendingKey, salt);
  const commitment = noteCommitment(amount, ownerKey(spendingKey), rho);
  return { account, amount, commitment, message, spendingKey, salt, rho };
}
