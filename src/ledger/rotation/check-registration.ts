import { decodePoint } from '../../crypto/babyjub.ts';
import { verifyPossession } from '../../crypto/certificate.ts';
import { encodeRegistrant, verifyKeyPossession } from '../../crypto/dealing/possession.ts';
import { verifySignature } from '../../crypto/signature.ts';
import type { ChainGenesis } from '../chain-genesis.ts';
import type { RefusalCode } from '../refusals.ts';
import { type RegistrationItem, registrantOf, registrationDigest } from './registration.ts';

/**
 * Everything that is checked of a registration besides its proof of S1 and what depends on the state: the member's signature, and that
 * the encryption, BLS and network keys are its own.
 * @param item its form checked (screenRegistration), otherwise hostile
 * @returns the code of the first thing wrong: ITEM_NOT_REGISTERED, ITEM_SIGNATURE_INVALID, ITEM_POSSESSION_INVALID. Never throws.
 */
export function checkRegistration(
  { registry, bridgeKey }: Pick<ChainGenesis, 'registry' | 'bridgeKey'>,
  chainHash: Uint8Array,
  item: RegistrationItem,
): RefusalCode | undefined {
  const root = registry[item.registryIndex];
  if (root === undefined) return 'ITEM_NOT_REGISTERED';
  const digest = registrationDigest(chainHash, item);
  if (!verifySignature(root, digest, item.signature)) return 'ITEM_SIGNATURE_INVALID';
  const registrant = registrantOf(chainHash, item);
  // The bridge's key signs deposits: as a network key it would be in the hands of a program that talks to the world.
  const owns =
    String(item.signKey) !== String(bridgeKey) &&
    verifySignature(item.signKey, digest, item.keySignature) &&
    verifyKeyPossession(decodePoint(item.encryptionKey)!, registrant, item.encryptionPossession) &&
    verifyPossession(item.blsKey, item.possession, encodeRegistrant(registrant));
  return owns ? undefined : 'ITEM_POSSESSION_INVALID';
}
