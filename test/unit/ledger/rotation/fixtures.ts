import { seededRandom } from '../../../../src/crypto/random.ts';
import { signKeyFromSeed } from '../../../../src/crypto/signature.ts';
import { chainHash } from '../../../../src/ledger/chain-genesis.ts';
import {
  type DraftedRegistration,
  draftRegistration,
  signRegistration,
} from '../../../../src/ledger/rotation/make-registration.ts';
import type { RegistrationItem } from '../../../../src/ledger/rotation/registration.ts';
import { sampleChain } from '../market.ts';

const rootSeed = (registryIndex: number): Uint8Array => new Uint8Array(32).fill(100 + registryIndex);

/** A chain of ten members. */
export const CHAIN = sampleChain({
  registry: Array.from({ length: 10 }, (_, index) => signKeyFromSeed(rootSeed(index)).publicKey),
});
export const CHAIN_HASH = chainHash(CHAIN);
export const PROOF = new Uint8Array(256).fill(3);

/** @param salt another one draws other keys */
export const draftOf = (registryIndex: number, epoch: number, salt = 0): DraftedRegistration =>
  draftRegistration(
    { chain: CHAIN_HASH, registryIndex, epoch },
    `member-${registryIndex}.example:443`,
    seededRandom(new Uint8Array(32).fill(1 + registryIndex + 16 * salt).fill(epoch, 16)),
  );

export const signed = (drafted: DraftedRegistration, proof = PROOF): RegistrationItem =>
  signRegistration(CHAIN_HASH, drafted, proof, rootSeed(drafted.statement.registryIndex));

export const registrationOf = (registryIndex: number, epoch: number, salt = 0): RegistrationItem =>
  signed(draftOf(registryIndex, epoch, salt));
