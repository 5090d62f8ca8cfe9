import { mod } from '@noble/curves/abstract/modular.js';
import { l } from '../../params/fields.ts';
import type { ValidatorIndex } from '../../params/ids.ts';
import type { Point } from '../babyjub.ts';
import { type BatchKernels, NOBLE } from '../batch-kernels.ts';
import { CryptoError } from '../errors.ts';
import { lagrangeAtZero } from '../sharing.ts';
import type { ThresholdKey } from '../threshold-key.ts';
import type { Dealing } from './deal.ts';
import { type PerKey, perKey } from './session.ts';
import { dealtPoint } from './verify.ts';

/**
 * How the dealings of Q make a key. `generate`: fresh secrets are added up, λ_d = 1. `reshare`: the dealers' old shares are
 * interpolated at 0 over exactly Q, so the key stays what it is and its shares are new.
 */
export type Making = 'generate' | 'reshare';

/** λ_d by dealer. A dealer's point is its index in the old committee, plus 1. */
function coefficients(making: Making, dealers: Iterable<ValidatorIndex>): Map<ValidatorIndex, bigint> {
  const indices = [...dealers];
  if (indices.length === 0) throw new CryptoError('CRYPTO_INPUT', 'a key is made of at least one dealing');
  const lambdas =
    making === 'generate' ? indices.map(() => 1n) : lagrangeAtZero(indices.map((index) => index + 1));
  return new Map(indices.map((index, i) => [index, lambdas[i]!]));
}

/**
 * One's own shares of both keys: Σ_Q λ_d·s_d, Σ_Q λ_d·s'_d mod l.
 * @param opened what `openDealing` gave for each dealing of Q; secret
 * @returns      secret
 * @throws {CryptoError} CRYPTO_INPUT if Q is empty
 */
export function combineDealtShares(
  making: Making,
  opened: ReadonlyMap<ValidatorIndex, PerKey<bigint>>,
): PerKey<bigint> {
  const lambdas = coefficients(making, opened.keys());
  return perKey((key) =>
    mod(
      [...opened].reduce((sum, [dealer, shares]) => sum + lambdas.get(dealer)! * shares[key], 0n),
      l,
    ),
  );
}

/**
 * Both keys with the public shares of all recipients, from what is public: Yᵢ = Σ_Q λ_d·A_{d,i}, PK = Σ_Q λ_d·A_{d,0}. Anybody who has
 * the dealings comes to the same.
 * @param degree   of the session
 * @param dealings those of Q, checked; for `reshare` at least as many as the old key's sharesRequired
 * @throws {CryptoError} CRYPTO_INPUT if Q is empty
 */
export function combineDealtKeys(
  making: Making,
  degree: number,
  dealings: ReadonlyMap<ValidatorIndex, Dealing>,
  kernels: BatchKernels = NOBLE,
): PerKey<ThresholdKey> {
  const lambdas = coefficients(making, dealings.keys());
  return perKey((key): ThresholdKey => {
    const rows = [...dealings].map(([dealer, { shares }]) => ({
      lambda: lambdas.get(dealer)!,
      commitments: shares.map(({ commitments }) => commitments[key]),
    }));
    const n = rows[0]!.commitments.length;
    const sum = (pick: (commitments: readonly Point[]) => Point): Point =>
      kernels.sumPublic(rows.map(({ lambda, commitments }) => [lambda, pick(commitments)] as const));
    return {
      n,
      degree,
      sharesRequired: degree + 1,
      publicKey: sum((commitments) => dealtPoint(commitments, degree, kernels)),
      shareKeys: Array.from({ length: n }, (_, i) => sum((commitments) => commitments[i]!)),
    };
  });
}
