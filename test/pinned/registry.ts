import { makeDealing } from '../../src/crypto/dealing/deal.ts';
import { hashBytes } from '../../src/crypto/hash.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { encodeEpoch } from '../../src/ledger/epoch-config.ts';
import { encodeItem } from '../../src/ledger/items.ts';
import { dealingItemId, signDealingItem } from '../../src/ledger/rotation/dealing-item.ts';
import {
  draftHash,
  type EpochDraft,
  encodeDraft,
  seatOf,
  sessionOf,
} from '../../src/ledger/rotation/draft.ts';
import {
  evidenceItemId,
  evidenceOfOne,
  evidenceOfTwo,
  signedName,
} from '../../src/ledger/rotation/evidence-item.ts';
import { draftRegistration, signRegistration } from '../../src/ledger/rotation/make-registration.ts';
import { nextSeats } from '../../src/ledger/rotation/next-seats.ts';
import {
  encodeRegistrationBody,
  keyNames,
  type RegistrationItem,
  registrationDigest,
  registrationHash,
  registrationSignals,
} from '../../src/ledger/rotation/registration.ts';
import { closed, type Rotation } from '../../src/ledger/rotation/rotation.ts';
import { encodeRotation, rotationRoot } from '../../src/ledger/rotation/rotation-encoding.ts';
import { height, validatorIndex } from '../../src/params/ids.ts';
import { bytes, coin, decryption, epoch } from './samples.ts';
import { named, type Vectors } from './vector.ts';

const chainHash = bytes(32, 107);

const registration = (registryIndex: number): RegistrationItem =>
  signRegistration(
    chainHash,
    draftRegistration(
      { chain: chainHash, registryIndex, epoch: 4 },
      `member-${registryIndex}.example:443`,
      seededRandom(bytes(32, 110 + registryIndex)),
    ),
    bytes(256, 108),
    bytes(32, 109),
  );

const seats = [registration(5), registration(2), registration(1), registration(4)].map(seatOf);
const draft: EpochDraft = { epoch: 4, seats };
const session = sessionOf(chainHash, draft, epoch)!;
const dealt = [0, 2, 3].map((dealer) => ({
  dealer: validatorIndex(dealer),
  dealing: makeDealing(
    session,
    validatorIndex(dealer),
    { decryption: decryption.secrets[dealer]!, coin: coin.secrets[dealer]! },
    seededRandom(bytes(32, 120 + dealer)),
  ).dealing,
}));

/** In the height that makes the next epoch. */
export const rotation: Rotation = closed(
  {
    chainHash,
    epoch,
    made: dealt.slice(1),
    registerUntil: height(130),
    registrations: [...seats, seatOf(registration(3))],
    drafted: { draft, session: session.id },
    dealings: dealt,
    next: undefined,
    excluded: [0, 3],
  },
  height(133),
);

const item = signDealingItem(
  session,
  validatorIndex(2),
  { ...dealt[1]!.dealing, proofs: [1, 2, 3, 4].map((seed) => bytes(256, seed)) },
  bytes(32, 113),
);

const other = signDealingItem(
  session,
  validatorIndex(2),
  { ...dealt[0]!.dealing, proofs: [1, 2, 3, 4].map((seed) => bytes(256, seed)) },
  bytes(32, 113),
);

export function registryVectors(): Vectors {
  const first = registration(2);
  return named('registry', {
    registration: hashBytes('context', encodeRegistrationBody(first)),
    'registration/id': registrationHash(chainHash, first),
    'registration/digest': registrationDigest(chainHash, first),
    'registration/signals': registrationSignals(chainHash, first).join(' '),
    keys: keyNames(first).join(' '),
    'draft/encoding': hashBytes('context', encodeDraft(draft)),
    draft: draftHash(draft),
    session: session.id,
    'session/genesis': sessionOf(chainHash, draft, undefined)!.id,
    epoch: hashBytes('context', encodeEpoch(epoch)),
    seats: nextSeats(
      { members: [0, 1, 2, 5], excluded: [0], registrations: rotation.registrations },
      bytes(64, 114),
    )!
      .map(({ registryIndex }) => registryIndex)
      .join(' '),
    dealing: hashBytes('context', encodeItem(item)),
    'dealing/id': dealingItemId(item),
    'evidence/one': evidenceItemId(evidenceOfOne(item, 'refuted')),
    'evidence/two': evidenceItemId(evidenceOfTwo(item, signedName(item), signedName(other))!),
    rotation: hashBytes('context', encodeRotation(rotation)),
    rotationRoot: rotationRoot(rotation),
  });
}
