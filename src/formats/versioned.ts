import { z } from 'zod';
import { FORMAT_VERSION } from '../params/version.ts';
import { FormatError } from './errors.ts';
import { parseJson, readParsed } from './json-file.ts';
import { jsonText } from './json-text.ts';
import type { FileFailure } from './problems.ts';

/** Files that this program writes for itself to read again: each says by which formats. */

/** JSON text of an object, its format first. */
export const versionedText = (value: object): string => jsonText({ format: FORMAT_VERSION, ...value });

const formatOf = z.object({ format: z.int().optional() });

/**
 * Reads a file of `versionedText`.
 * @param schema  of the rest of it
 * @param failure with all problems of shape
 * @throws {FormatError} OTHER_FORMAT for a file of another version of this program, whatever else is in it; `failure`
 */
export function readVersioned<S extends z.ZodType>(
  schema: S,
  text: string,
  file: string,
  failure: FileFailure = FormatError.of('RUN_FILES'),
): z.output<S> {
  const json = parseJson(text, file, failure);
  const { format: found, ...rest } = readParsed(formatOf.loose(), json, file, failure);
  if (found === FORMAT_VERSION) return readParsed(schema, rest, file, failure);
  throw new FormatError(
    'OTHER_FORMAT',
    `${file} ${found === undefined ? 'does not say its format' : `has format ${found}`}, this program reads format ` +
      `${FORMAT_VERSION}: read it with the version of velum that wrote it, or make the run anew with velum epoch`,
    { file, reads: FORMAT_VERSION, ...(found === undefined ? {} : { found }) },
  );
}
