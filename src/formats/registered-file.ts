import { z } from 'zod';
import { fromHex } from '../base/bytes.ts';
import { type ChainGenesis, requireChain } from '../ledger/chain-genesis.ts';
import { LedgerError } from '../ledger/errors.ts';
import { decodeItem, encodeItem } from '../ledger/items.ts';
import { type RegisteredGenesis, requireRegistered } from '../ledger/rotation/registered-genesis.ts';
import type { RegistrationItem } from '../ledger/rotation/registration.ts';
import { FormatError } from './errors.ts';
import { chainJson } from './genesis-file.ts';
import { textOf } from './json-file.ts';
import { fileError } from './problems.ts';
import { readVersioned, versionedText } from './versioned.ts';

/** Files with which a chain begins that nobody deals keys to. All of them are public, and each is checked by whoever reads it. */

const registration = textOf('a registration in hex', (text): RegistrationItem | undefined => {
  const bytes = fromHex(text);
  const item = bytes === undefined ? undefined : decodeItem(bytes);
  return item?.kind === 'registration' ? item : undefined;
});
const heights = z.int('a whole number is expected').min(1).max(65_535);

/** `chain.json`: what members register for. */
export const chainText = (chain: ChainGenesis): string => versionedText({ chain });

/** @throws {VelumError} OTHER_FORMAT; RUN_FILES with all problems of shape, or the rule that the chain breaks */
export function parseChainFile(text: string, file: string): ChainGenesis {
  const { chain } = readVersioned(z.strictObject({ chain: chainJson }), text, file);
  return checked(file, () => {
    requireChain(chain);
    return chain;
  });
}

/** `registration-<i>.json`: what one member says of itself. */
export const registrationText = (item: RegistrationItem): string =>
  versionedText({ registration: encodeItem(item) });

/** Whether the registration is of a chain and holds is for `requireRegistered` to say. @throws {VelumError} OTHER_FORMAT; RUN_FILES */
export const parseRegistrationFile = (text: string, file: string): RegistrationItem =>
  readVersioned(z.strictObject({ registration }), text, file).registration;

/** `genesis.json` of a chain whose validators generate their keys. */
export const registeredText = ({ chain, registrations, times }: RegisteredGenesis): string =>
  versionedText({ chain, ...times, registrations: registrations.map(encodeItem) });

/**
 * Reads a genesis without threshold keys. The proofs of its registrations are left to the caller.
 * @throws {VelumError} OTHER_FORMAT; RUN_FILES with all problems of shape, or the rule that chain or registrations break
 */
export function parseRegisteredFile(text: string, file: string): RegisteredGenesis {
  const { chain, registrations, epochHeights, dealingHeights } = readVersioned(
    z.strictObject({
      chain: chainJson,
      epochHeights: heights,
      dealingHeights: heights,
      registrations: z.array(registration).min(1),
    }),
    text,
    file,
  );
  const genesis = { chain, registrations, times: { epochHeights, dealingHeights } };
  return checked(file, () => {
    requireRegistered(genesis);
    return genesis;
  });
}

/** What a rule of the ledger says of a file is a problem of the file. */
function checked<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!LedgerError.is(error, 'LEDGER_INPUT')) throw error;
    throw fileError(FormatError.of('RUN_FILES'), file, [{ where: 'file', reason: error.message }]);
  }
}

const rootKey = textOf('a key of 32 bytes in hex', (text) => {
  const bytes = fromHex(text);
  return bytes?.length === 32 ? bytes : undefined;
});

/** `member.json`: the permanent key of somebody who wants to be in a registry. */
export const memberText = (key: Uint8Array): string => versionedText({ key });

/** @returns the key, 32 bytes @throws {VelumError} OTHER_FORMAT; RUN_FILES */
export const parseMemberFile = (text: string, file: string): Uint8Array =>
  readVersioned(z.strictObject({ key: rootKey }), text, file).key;
