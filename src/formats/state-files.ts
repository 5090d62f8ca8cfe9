import { z } from 'zod';
import { fromHex } from '../base/bytes.ts';
import { decodeEpochChange, type EpochChange, encodeEpochChange } from '../ledger/epoch-change.ts';
import type { ShownChainState } from '../ledger/shown-state.ts';
import { FormatError } from './errors.ts';
import { textOf } from './json-file.ts';
import { readVersioned, versionedText } from './versioned.ts';

/** What lets somebody verify a height without all heights before it: the state from which it starts, and the changes of committees. */

/** Most bytes of a state file: a full note tree with as many nullifiers takes 130 MB. */
export const STATE_FILE_BYTES = 1 << 28;
/** Most bytes of a file of epoch changes. */
export const EPOCHS_FILE_BYTES = 1 << 26;
const MAX_CHANGES = 4096;

const hex = textOf('bytes in hex', fromHex);

/** `state.json`. */
export const stateText = ({ ordering, settlement }: ShownChainState): string =>
  versionedText({ ordering, settlement });

/** @returns hostile. @throws {FormatError} OTHER_FORMAT, RUN_FILES */
export const parseStateFile = (text: string, file: string): ShownChainState =>
  readVersioned(z.strictObject({ ordering: hex, settlement: hex }), text, file);

/** `epochs.json`. @param changes from the first epoch on */
export const epochsText = (changes: readonly EpochChange[]): string =>
  versionedText({ changes: changes.map(encodeEpochChange) });

/** @returns hostile. @throws {FormatError} OTHER_FORMAT, RUN_FILES */
export function parseEpochsFile(text: string, file: string): readonly EpochChange[] {
  const { changes } = readVersioned(z.strictObject({ changes: z.array(hex).max(MAX_CHANGES) }), text, file);
  return changes.map((bytes, i) => {
    const change = decodeEpochChange(bytes);
    if (change !== undefined) return change;
    throw new FormatError('RUN_FILES', `${file}: $.changes[${i}] encodes no change of an epoch`, { file });
  });
}
