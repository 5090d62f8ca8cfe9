import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { fromHex } from '../base/bytes.ts';
import type { Certificate } from '../crypto/certificate.ts';
import { type Block, decodeBlock, encodeBlock } from '../ledger/block.ts';
import type { ItemId } from '../params/ids.ts';
import { FormatError } from './errors.ts';
import { jsonText } from './json-text.ts';
import { readVersioned, versionedText } from './versioned.ts';

/** The files of one height: `block.json`, `certificate.json` and `settlement.json`. */

/** Most bytes of a file of a height. */
export const HEIGHT_FILE_BYTES = 1 << 26;

/** A block for a reader, with its canonical encoding, from which it can be replayed. */
function blockJson(block: Block) {
  const { certificate: _, ...rest } = block;
  return { ...rest, encoded: encodeBlock(block) };
}

/** `block.json`. @param names what people call the items */
export const blockText = (
  block: Block,
  names: readonly { readonly item: string; readonly id: ItemId }[],
): string => versionedText({ ...blockJson(block), names });

const blockFile = z.looseObject({ encoded: z.string('the encoded block is expected') });

/**
 * The block of a block file, whose readable part must be what its encoding says.
 * @throws {FormatError} OTHER_FORMAT, RUN_FILES for another shape; REPLAY_REFUSED if it holds no block or says something else about it
 */
export function parseBlockFile(text: string, file: string): Block {
  const { names, ...said } = readVersioned(blockFile, text, file);
  const bytes = fromHex(said.encoded);
  const block = bytes === undefined ? undefined : decodeBlock(bytes);
  if (block === undefined)
    throw new FormatError('REPLAY_REFUSED', `${file} holds no encoded block`, { file });
  if (!isDeepStrictEqual({ ...said }, JSON.parse(jsonText(blockJson(block))))) {
    throw new FormatError('REPLAY_REFUSED', `${file} does not say what its encoded block says`, { file });
  }
  return block;
}

/** `certificate.json`. @param settlement over the height's roots */
export const certificateText = (header: Certificate, settlement: Certificate): string =>
  versionedText({ header, settlement });

const certificateFile = z.object({
  settlement: z.object({ signers: z.array(z.boolean()), signature: z.string() }),
});

/** @returns the settlement's certificate, hostile. @throws {FormatError} OTHER_FORMAT, RUN_FILES */
export function parseCertificateFile(text: string, file: string): Certificate {
  const { settlement } = readVersioned(certificateFile, text, file);
  const signature = fromHex(settlement.signature);
  if (signature === undefined)
    throw new FormatError('RUN_FILES', `${file}: the signature is not in hex`, { file });
  return { signers: settlement.signers, signature };
}

const settlementFile = z.looseObject({
  stateRoot: z.string(),
  receiptsRoot: z.string(),
  turnstile: z.record(z.string(), z.string()),
});

/** What `settlement.json` says a replay must come to. @throws {FormatError} OTHER_FORMAT, RUN_FILES */
export const parseSettlementFile = (text: string, file: string): z.output<typeof settlementFile> =>
  readVersioned(settlementFile, text, file);
