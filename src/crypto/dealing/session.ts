import { toHex } from '../../base/bytes.ts';
import type { ValidatorIndex } from '../../params/ids.ts';
import { quorumOf } from '../../params/quorum.ts';
import { clearCofactor, encodePoint, isIdentity, isInSubgroup, type Point } from '../babyjub.ts';
import { hash, isInField } from '../hash.ts';

/**
 * Sharing keys without a dealer whom all trust: each of many dealers shares a secret of its own among all recipients, and what
 * a recipient got is added up. Every part of a dealing can be verified by anybody, so nobody has to complain.
 * @see Schoenmakers, CRYPTO '99 (publicly verifiable secret sharing); Cascudo and David, ACNS 2017 (the degree test)
 */

/** One of each for the two keys that are dealt together. The order of the fields is that of encodings and signals. */
export interface PerKey<T> {
  readonly decryption: T;
  readonly coin: T;
}

export const perKey = <T>(make: (key: keyof PerKey<unknown>) => T): PerKey<T> => ({
  decryption: make('decryption'),
  coin: make('coin'),
});

/** What all dealings of one generation or resharing have in common. Made by `dealingSession`. */
export interface DealingSession {
  /** F_r: names chain, epoch, recipients and keys; no two sessions have the same. */
  readonly id: bigint;
  /** Recipients. */
  readonly n: number;
  /** Of the polynomials: 2f. */
  readonly degree: number;
  /** PK of each recipient, for this epoch only. */
  readonly encryptionKeys: readonly Point[];
  /** 8·PK of each: what the circuit takes, in the subgroup whatever PK is. */
  readonly keys8: readonly Point[];
}

/**
 * @param id             F_r
 * @param encryptionKeys of the recipients by index, registered with a possession (possession.ts)
 * @returns              undefined if the id is not in F_r, there is no recipient, or a key is O, outside the subgroup or there twice
 */
export function dealingSession(id: bigint, encryptionKeys: readonly Point[]): DealingSession | undefined {
  const n = encryptionKeys.length;
  if (!isInField(id) || n === 0) return undefined;
  if (encryptionKeys.some((PK) => isIdentity(PK) || !isInSubgroup(PK))) return undefined;
  if (new Set(encryptionKeys.map((PK) => toHex(encodePoint(PK)))).size !== n) return undefined;
  const degree = quorumOf(n).sharesRequired - 1;
  return { id, n, degree, encryptionKeys, keys8: encryptionKeys.map(clearCofactor) };
}

/**
 * H(dealing; session, dealer, recipient): a ciphertext copied to another session, dealer or recipient opens to nothing.
 * @param dealer    index in the committee that deals
 * @param recipient index in the committee that is dealt to
 */
export function dealingContext(
  session: DealingSession,
  dealer: ValidatorIndex,
  recipient: ValidatorIndex,
): bigint {
  return hash('dealing', session.id, BigInt(dealer), BigInt(recipient));
}
