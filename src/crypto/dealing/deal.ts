import type { RandomBytes } from '../../base/random.ts';
import { type ValidatorIndex, validatorIndex } from '../../params/ids.ts';
import { multiplyBase, type Point } from '../babyjub.ts';
import { CryptoError } from '../errors.ts';
import { randomScalar } from '../random.ts';
import { evaluatePolynomial } from '../sharing.ts';
import { type EncryptedShares, encryptShares, ephemeralOf, isProvableShare } from './encrypted-share.ts';
import { type DealingSession, dealingContext, type PerKey, perKey } from './session.ts';

/** What a dealer says, without the proofs. Public. */
export interface Dealing {
  /** R' = [t]B, the same for all recipients. */
  readonly ephemeral: Point;
  /** By recipient; as many as the session has. */
  readonly shares: readonly EncryptedShares[];
}

/** What the prover of S4r knows of one recipient; t and shares are secret. */
export interface DealingWitness {
  readonly key8: Point;
  readonly context: bigint;
  readonly t: bigint;
  readonly shares: PerKey<bigint>;
}

export interface MadeDealing {
  readonly dealing: Dealing;
  /** By recipient. Whoever reads one knows the shares; its owner forgets them all once the proofs are made. */
  readonly witnesses: readonly DealingWitness[];
}

/**
 * A dealing of given polynomials and randomness: R' = [t]B, and for recipient i the shares f(i + 1), g(i + 1), encrypted to PKᵢ.
 * @param polynomials coefficients of f and g in Z_l, constant term first, degree + 1 of each; secret
 * @param k           secret, 1 ≤ k < l, fresh for every dealing: two dealings of one k show the differences of their shares
 * @returns           undefined if a share or k is one of the few that the circuit has no proof for: take others
 * @throws {CryptoError} CRYPTO_INPUT if a polynomial has another number of coefficients
 */
export function dealPolynomials(
  session: DealingSession,
  dealer: ValidatorIndex,
  polynomials: PerKey<readonly bigint[]>,
  k: bigint,
): MadeDealing | undefined {
  const { n, degree, keys8 } = session;
  if (polynomials.decryption.length !== degree + 1 || polynomials.coin.length !== degree + 1)
    throw new CryptoError('CRYPTO_INPUT', 'a dealt polynomial has degree + 1 coefficients', { n, degree });
  const t = ephemeralOf(k);
  const shared = keys8.map((_, i) => perKey((key) => evaluatePolynomial(polynomials[key], BigInt(i + 1))));
  if (
    t === undefined ||
    !shared.every(({ decryption, coin }) => isProvableShare(decryption) && isProvableShare(coin))
  )
    return undefined;
  const witnesses = keys8.map((key8, i): DealingWitness => {
    return { key8, context: dealingContext(session, dealer, validatorIndex(i)), t, shares: shared[i]! };
  });
  const shares = witnesses.map(({ key8, context, shares }) => encryptShares(key8, context, t, shares));
  return { dealing: { ephemeral: multiplyBase(t), shares }, witnesses };
}

/**
 * A dealing of two secrets by random polynomials of the session's degree.
 * @param secrets Z_l, secret: fresh ones where a key is generated (`randomSecrets`), the dealer's shares of both keys where it is reshared
 * @param random  called with n = 64 for each coefficient and for k; nothing that it gave may be kept
 */
export function makeDealing(
  session: DealingSession,
  dealer: ValidatorIndex,
  secrets: PerKey<bigint>,
  random: RandomBytes,
): MadeDealing {
  for (;;) {
    const polynomials = perKey((key) => [
      secrets[key],
      ...Array.from({ length: session.degree }, () => randomScalar(random)),
    ]);
    const made = dealPolynomials(session, dealer, polynomials, randomScalar(random));
    if (made !== undefined) return made;
  }
}

/** A dealer's own contribution to two new keys. Secret, and forgotten with the polynomials. */
export const randomSecrets = (random: RandomBytes): PerKey<bigint> => perKey(() => randomScalar(random));
