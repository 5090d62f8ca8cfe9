import {
  GENESIS_FILE_BYTES,
  type Genesis,
  genesisHash,
  parseGenesisFile,
} from '../../formats/genesis-file.ts';
import { readKeysFile } from '../../proofs/key-files.ts';
import type { FollowedChain, ServedPlaces } from './messages.ts';
import type { Stored } from './stored-values.ts';

/** A chain by its genesis, and whether this browser has taken the same one for that of this address before. */
export interface OpenedChain {
  readonly genesis: Genesis;
  readonly shown: FollowedChain;
}

/** Under which the hash of the genesis of this address is kept. */
const PIN = 'pin';

/**
 * Reads the genesis on which everything rests that is verified.
 * @param chosen text of a file of the user's; null: the one that the node serves
 * @throws {FormatError} OTHER_FORMAT, RUN_FILES; {FileError} FILE_UNREADABLE
 */
export async function openChain(
  { genesis: url }: ServedPlaces,
  chosen: string | null,
  stored: Stored,
): Promise<OpenedChain> {
  const text = chosen ?? new TextDecoder().decode(await readKeysFile(url, GENESIS_FILE_BYTES));
  const genesis = parseGenesisFile(text, chosen === null ? url : 'the file that was chosen');
  const hash = genesisHash(genesis);
  const pinned = await stored.get(PIN);
  const { chainId, market } = genesis.chain;
  const shown: FollowedChain = {
    chainId,
    genesisHash: hash,
    genesis: chosen === null ? 'served' : 'chosen',
    pin: pinned === undefined ? 'new' : pinned === hash ? 'same' : 'other',
    instruments: market.instruments.map(({ name }) => name),
    market: market.name,
  };
  return { genesis, shown };
}

export const pinChain = (hash: string, stored: Stored): Promise<void> => stored.put(PIN, hash);
