import { z } from 'zod';
import { fromHex } from '../base/bytes.ts';
import { validatorIndex } from '../params/ids.ts';
import type { GeneratedKeys } from '../validator/genesis/generated-keys.ts';
import { textOf } from './json-file.ts';
import { readVersioned, versionedText } from './versioned.ts';

/** Most bytes of a generation file: the dealings of 16 validators to 16 in hex are below 240 KiB. */
export const GENERATION_FILE_BYTES = 1 << 24;

/** What a generation of keys leaves to strangers: they compute the epoch's keys from the dealings, and see that a quorum signed the epoch. */
export type ShownGeneration = Pick<GeneratedKeys, 'certificate' | 'dealings'>;

/** `generation.json`: dealings with their proofs and signatures, and the signatures of the epoch, in hex. */
export const generationText = ({ certificate, dealings }: ShownGeneration): string =>
  versionedText({
    certificate,
    dealings: [...dealings].map(([dealer, dealing]) => ({ dealer, dealing })),
  });

const bytes = textOf('bytes in hex', fromHex);
const schema = z.strictObject({
  certificate: z.strictObject({ signers: z.array(z.boolean()), signature: bytes }),
  dealings: z.array(z.strictObject({ dealer: z.int().min(0), dealing: bytes })),
});

/**
 * Reads `generation.json`. Whether it makes an epoch's keys is `judgeGeneration`'s to say.
 * @throws {FormatError} OTHER_FORMAT; RUN_FILES with all problems of shape
 */
export function parseGenerationFile(text: string, file: string): ShownGeneration {
  const { certificate, dealings } = readVersioned(schema, text, file);
  return {
    certificate,
    dealings: new Map(dealings.map(({ dealer, dealing }) => [validatorIndex(dealer), dealing])),
  };
}
