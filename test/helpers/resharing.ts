import { runRandom } from '../../src/committee/dealer.ts';
import type { PlannedEpoch, RotatingWorld } from '../../src/committee/rotating-world.ts';
import { decodePoint } from '../../src/crypto/babyjub.ts';
import { combineDealtKeys } from '../../src/crypto/dealing/combine.ts';
import { makeDealing } from '../../src/crypto/dealing/deal.ts';
import { dealingSession } from '../../src/crypto/dealing/session.ts';
import { chainHash } from '../../src/ledger/chain-genesis.ts';
import { epochOf, seatOf } from '../../src/ledger/rotation/draft.ts';
import { draftRegistration } from '../../src/ledger/rotation/make-registration.ts';
import { height, validatorIndex } from '../../src/params/ids.ts';

/**
 * The next epoch of a world without the items of a chain: its members register, and 2f + 1 of the old committee deal their shares to them,
 * all by the crypto of dealings and without proofs.
 * @param members registry indices by seat
 * @param dealers seats of the old committee; the last 2f + 1 by default
 */
export function reshare(
  world: RotatingWorld,
  members: readonly number[],
  firstHeight: number,
  dealers?: readonly number[],
): PlannedEpoch {
  const { chain, epoch: old } = world.newest;
  const epoch = old.epoch + 1;
  const drafted = members.map((registryIndex) => {
    const random = runRandom(epoch, `member ${registryIndex}`);
    return draftRegistration({ chain: chainHash(chain), registryIndex, epoch }, '', random);
  });
  for (const [i, { secrets }] of drafted.entries())
    world.safes[members[i]!]!.put('registrant', epoch, secrets);
  const seats = drafted.map(({ statement }) => seatOf(statement));
  const session = dealingSession(
    1_000n + BigInt(epoch),
    seats.map(({ encryptionKey }) => decodePoint(encryptionKey)!),
  )!;
  const made = new Map(
    (dealers ?? [...old.validators.keys()].slice(-old.decryptionKey.sharesRequired)).map((d) => {
      const own = world.safes[world.memberAt(old.epoch, d)]!.read('keys', old.epoch)!;
      const shares = { decryption: own.decryptionShare, coin: own.coinShare };
      const dealer = validatorIndex(d);
      return [dealer, makeDealing(session, dealer, shares, runRandom(epoch, `dealer ${d}`)).dealing];
    }),
  );
  const keys = combineDealtKeys('reshare', session.degree, made);
  const next = epochOf({ epoch, seats }, keys, { ...old, firstHeight: height(firstHeight) });
  return { next, session, made };
}
