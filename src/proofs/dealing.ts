import type { DealingWitness, MadeDealing } from '../crypto/dealing/deal.ts';
import type { ProvedDealing } from '../crypto/dealing/encoding.ts';
import type { DealingSession } from '../crypto/dealing/session.ts';
import { dealingStatements } from '../crypto/dealing/verify.ts';
import type { Verifier } from '../groth16/verifier.ts';
import type { ValidatorIndex } from '../params/ids.ts';
import { CIRCUITS } from './circuits.ts';
import type { Prover } from './prover.ts';
import { rangeOf } from './ranges.ts';
import { flattenSignal, type Signals, type SignalValue } from './signals.ts';

/**
 * Inputs of statement S4r: two shares for one recipient, encrypted under [2^251 + t]·PK8.
 * @throws {ProofsError} CIRCUIT_INPUT naming a signal that is out of range
 */
export function dealingInput({ key8, context, t, shares }: DealingWitness): Signals {
  const { x, y } = key8.toAffine();
  const signals: Record<string, SignalValue> = {
    PK8: [x, y],
    context,
    t,
    share: [shares.decryption, shares.coin],
  };
  for (const [signal, shape] of Object.entries(CIRCUITS.dealing.inputs))
    flattenSignal('dealing', signal, signals[signal], shape, rangeOf('dealing', signal));
  return signals;
}

/**
 * Proves the statements of all recipients, as many at a time as the prover makes.
 * @param made secret but for the dealing; nothing of it is needed afterwards, and its owner forgets it
 * @throws {VelumError} as `Prover.prove`
 */
export async function proveDealing(
  prover: Prover,
  { dealing, witnesses }: MadeDealing,
): Promise<ProvedDealing> {
  const proved = await Promise.all(
    witnesses.map((witness) => prover.prove('dealing', dealingInput(witness))),
  );
  return { ...dealing, proofs: proved.map(({ proof }) => proof) };
}

/**
 * The dealers of whose dealings a proof does not hold: all proofs of all dealings are verified in one batch, and only if one is
 * bad they are searched for it.
 * @param verifier of the circuit `dealing`
 * @param dealings decoded, each with as many recipients and proofs as the session has
 * @returns        indices, in the order of the dealings; rejects only if this machine fails
 */
export async function falseDealers(
  verifier: Pick<Verifier, 'verifyBatch'>,
  session: DealingSession,
  dealings: ReadonlyMap<ValidatorIndex, ProvedDealing>,
): Promise<ValidatorIndex[]> {
  const statements = [...dealings].flatMap(([dealer, dealing]) =>
    dealingStatements(session, dealer, dealing).map((signals, i) => ({
      dealer,
      signals,
      proof: dealing.proofs[i]!,
    })),
  );
  const bad = await verifier.verifyBatch(
    statements.map(({ signals }) => signals),
    statements.map(({ proof }) => proof),
  );
  return [...new Set(bad.map((at) => statements[at]!.dealer))];
}
