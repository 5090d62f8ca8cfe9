import { hashBytes } from '../../src/crypto/hash.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { encodeEpoch } from '../../src/ledger/epoch-config.ts';
import { draftHash, encodeDraft, seatOf, sessionOf } from '../../src/ledger/rotation/draft.ts';
import { draftRegistration, signRegistration } from '../../src/ledger/rotation/make-registration.ts';
import {
  encodeRegistrationBody,
  keyNames,
  type RegistrationItem,
  registrationDigest,
  registrationHash,
  registrationSignals,
} from '../../src/ledger/rotation/registration.ts';
import { bytes, epoch } from './samples.ts';
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

export function registryVectors(): Vectors {
  const [first, second] = [registration(2), registration(5)];
  const draft = { epoch: 4, seats: [second, first].map(seatOf) };
  return named('registry', {
    registration: hashBytes('context', encodeRegistrationBody(first)),
    'registration/id': registrationHash(chainHash, first),
    'registration/digest': registrationDigest(chainHash, first),
    'registration/signals': registrationSignals(chainHash, first).join(' '),
    keys: keyNames(first).join(' '),
    'draft/encoding': hashBytes('context', encodeDraft(draft)),
    draft: draftHash(draft),
    session: sessionOf(chainHash, draft, epoch)!.id,
    'session/genesis': sessionOf(chainHash, draft, undefined)!.id,
    epoch: hashBytes('context', encodeEpoch(epoch)),
  });
}
