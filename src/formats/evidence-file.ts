import { z } from 'zod';
import { fromHex } from '../base/bytes.ts';
import type { EpochDomain } from '../ledger/epoch-config.ts';
import { height, validatorIndex } from '../params/ids.ts';
import { MAX_VALIDATORS } from '../params/sizes.ts';
import { type Ballot, decodeBallot, encodeBallot } from '../validator/ballot.ts';
import type { DealingEvidence } from '../validator/genesis/dealing-evidence.ts';
import type { ShownEvidence } from '../validator/shown-evidence.ts';
import { FormatError } from './errors.ts';
import { textOf } from './json-file.ts';
import { readVersioned, versionedText } from './versioned.ts';

/** Most bytes of an evidence file: two dealings to 100 validators in hex are below 180,000. */
export const EVIDENCE_FILE_BYTES = 1 << 18;

/**
 * How whoever reads the evidence knows the epoch's keys. Epoch 1 is named by the genesis itself. (A later epoch will be named by a
 * certificate of the epoch before it.)
 */
export interface EpochProof {
  readonly by: 'genesis';
  /** Hash of the epoch's configuration, 32 bytes. */
  readonly hash: Uint8Array;
}

/** An evidence file: whose chain and epoch, and what was said twice. */
export interface EvidenceFile {
  /** 32 bytes. */
  readonly chain: Uint8Array;
  readonly epoch: EpochProof;
  readonly evidence: ShownEvidence | DealingEvidence;
}

const bytes = (length: number) =>
  textOf(`${length} bytes in hex`, (text) => {
    const value = fromHex(text);
    return value?.length === length ? value : undefined;
  });
const ballot = textOf('an encoded ballot in hex', (text): Ballot | undefined => {
  const value = fromHex(text);
  return value === undefined ? undefined : decodeBallot(value);
});
const word = z.strictObject({ digest: bytes(32), signature: bytes(64) });
const whole = z.int('a whole number is expected');
const common = {
  chain: bytes(32),
  epoch: z.discriminatedUnion('by', [z.strictObject({ by: z.literal('genesis'), hash: bytes(32) })]),
  height: whole
    .min(1)
    .max(2 ** 32 - 1)
    .transform(height),
  validator: whole
    .min(0)
    .max(MAX_VALIDATORS - 1)
    .transform(validatorIndex),
};
const words = z.tuple([word, word]);
const schema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('bundle'), ...common, words }),
  z.strictObject({ kind: z.literal('finish'), ...common, words }),
  z.strictObject({ kind: z.literal('settled'), ...common, words }),
  z.strictObject({
    kind: z.literal('dealing'),
    ...common,
    height: z.literal(0).transform(height),
    dealings: z.array(textOf('a signed dealing in hex', fromHex)).min(1).max(2),
  }),
  z.strictObject({ kind: z.literal('ballot'), ...common, ballots: z.tuple([ballot, ballot]) }),
]);

/** `evidence/<n>.json`. @param domain of the chain and its first epoch */
export function evidenceFileText(
  { chainHash, epochHash }: EpochDomain,
  evidence: EvidenceFile['evidence'],
): string {
  return fileText({ chain: chainHash, epoch: { by: 'genesis', hash: epochHash }, evidence });
}

function fileText({ chain, epoch, evidence }: EvidenceFile): string {
  const { kind, height, validator } = evidence;
  const said =
    kind === 'ballot'
      ? { ballots: evidence.ballots.map(encodeBallot) }
      : kind === 'dealing'
        ? { dealings: evidence.dealings }
        : { words: evidence.words };
  return versionedText({ kind, chain, epoch, height, validator, ...said });
}

/**
 * Reads an evidence file. Its one canonical text is read and no other, so that evidence has one form.
 * @throws {FormatError} OTHER_FORMAT; EVIDENCE_FILE with all problems of shape
 */
export function parseEvidenceFile(text: string, file: string): EvidenceFile {
  const { chain, epoch, ...evidence } = readVersioned(schema, text, file, FormatError.of('EVIDENCE_FILE'));
  const read: EvidenceFile = { chain, epoch, evidence };
  if (fileText(read) !== text)
    throw new FormatError('EVIDENCE_FILE', `${file} is not written as velum writes evidence`, { file });
  return read;
}
