import { assert } from '../base/errors.ts';
import { hash } from '../crypto/hash.ts';
import { VALUE_BITS } from '../params/sizes.ts';

/**
 * Notes are private money: `cm = H(note; value, pk, rho)` stands in the public tree, `nf = H(nullifier; sk, cm)`
 * appears when it is spent, and nothing public links the two. Accounts are public pseudonyms of the same key.
 * @see circuits/README.md, S2 (a) to (c): the circuit computes the same five hashes
 */

/**
 * The owner of notes, pk = H(owner; sk).
 * @param spendingKey F_r, secret
 * @returns F_r; public to whoever pays the owner
 */
export const ownerKey = (spendingKey: bigint): bigint => hash('owner', spendingKey);

/**
 * A note's commitment cm = H(note; value, pk, rho), a leaf of the note tree.
 * @param value 0 ≤ value < 2^64, units of 10⁻⁶ USDC, secret
 * @param owner pk of its owner, F_r
 * @param rho   F_r, secret, fresh for every note: two equal leaves share a nullifier and one would burn
 * @returns F_r, hiding and binding; public
 * @throws ASSERTION if the value is out of range
 */
export function noteCommitment(value: bigint, owner: bigint, rho: bigint): bigint {
  assert(value >= 0n && value >> BigInt(VALUE_BITS) === 0n, 'a note holds less than 2^64 units');
  return hash('note', value, owner, rho);
}

/**
 * What spending the note publishes, nf = H(nullifier; sk, cm): one for each note, whoever proves it.
 * @param spendingKey F_r, secret
 * @returns F_r; public, and without the spending key not linkable to cm
 */
export const noteNullifier = (spendingKey: bigint, commitment: bigint): bigint =>
  hash('nullifier', spendingKey, commitment);

/**
 * The rho of a batch's change note, H(changeNote; sk, nf) of the note that the batch spends. Two batches that spend two notes have two
 * nullifiers and so two change notes; the owner computes it again from the chain at any time; and who has no sk can neither
 * compute it nor confirm a guess of the note's value, even with pk, nf and everything else that is public.
 * @param spendingKey F_r, secret
 * @param nullifier   F_r, public: of the note that is spent
 * @returns F_r, secret
 */
export const changeRho = (spendingKey: bigint, nullifier: bigint): bigint =>
  hash('changeNote', spendingKey, nullifier);

/**
 * An account's public name A = H(account; sk, salt); a fresh salt gives a name that nothing links to another.
 * @param spendingKey F_r, secret
 * @param salt        F_r, secret
 * @returns F_r; public once a batch that names it is opened
 */
export const accountOf = (spendingKey: bigint, salt: bigint): bigint => hash('account', spendingKey, salt);
