import { z } from 'zod';
import { fromHex } from '../base/bytes.ts';
import { decodeItem, encodeItem } from '../ledger/items.ts';
import { decodeDraft, type EpochDraft, encodeDraft } from '../ledger/rotation/draft.ts';
import type { EvidenceItem } from '../ledger/rotation/evidence-item.ts';
import { height, validatorIndex } from '../params/ids.ts';
import { MAX_VALIDATORS } from '../params/sizes.ts';
import { type Ballot, decodeBallot, encodeBallot } from '../validator/ballot.ts';
import type { DealingEvidence } from '../validator/genesis/dealing-evidence.ts';
import type { RotationEvidence } from '../validator/rotation-evidence.ts';
import type { EvidenceRules, ShownEvidence } from '../validator/shown-evidence.ts';
import { FormatError } from './errors.ts';
import { textOf } from './json-file.ts';
import { readVersioned, versionedText } from './versioned.ts';

/** Most bytes of an evidence file: a dealing to 100 validators and who these are, in hex, are below 260,000. */
export const EVIDENCE_FILE_BYTES = 1 << 18;

/**
 * How whoever reads the evidence knows the epoch's keys. Epoch 1 is named by the genesis itself, and a later one by a change of the
 * committee that the one before it certified; `hash` is that of the epoch's configuration, 32 bytes.
 */
export type EpochProof =
  | { readonly by: 'genesis'; readonly hash: Uint8Array }
  | { readonly by: 'changes'; readonly number: number; readonly hash: Uint8Array };

/** What convinces strangers. */
export type AnyEvidence = ShownEvidence | DealingEvidence | RotationEvidence;

/** An evidence file: whose chain and epoch, and what was said that no correct validator says. */
export interface EvidenceFile {
  /** 32 bytes. */
  readonly chain: Uint8Array;
  readonly epoch: EpochProof;
  readonly evidence: AnyEvidence;
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
const draft = textOf('an encoded draft of a committee in hex', (text): EpochDraft | undefined => {
  const value = fromHex(text);
  return value === undefined ? undefined : decodeDraft(value);
});
const item = textOf('an encoded item of evidence in hex', (text): EvidenceItem | undefined => {
  const value = fromHex(text);
  const read = value === undefined ? undefined : decodeItem(value);
  return read?.kind === 'evidence' ? read : undefined;
});
const word = z.strictObject({ digest: bytes(32), signature: bytes(64) });
const whole = z.int('a whole number is expected');
const common = {
  chain: bytes(32),
  epoch: z.discriminatedUnion('by', [
    z.strictObject({ by: z.literal('genesis'), hash: bytes(32) }),
    z.strictObject({ by: z.literal('changes'), number: whole.min(2).max(2 ** 32 - 1), hash: bytes(32) }),
  ]),
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
  z.strictObject({ kind: z.literal('rotation'), ...common, draft, item }),
  z.strictObject({ kind: z.literal('ballot'), ...common, ballots: z.tuple([ballot, ballot]) }),
]);

/** `evidence/<n>.json`. @param rules of the epoch that it is of */
export function evidenceFileText({ domain, epoch }: EvidenceRules, evidence: AnyEvidence): string {
  const { chainHash: chain, epochHash: hash } = domain;
  const number = epoch.epoch;
  return fileText({
    chain,
    epoch: number === 1 ? { by: 'genesis', hash } : { by: 'changes', number, hash },
    evidence,
  });
}

function fileText({ chain, epoch, evidence }: EvidenceFile): string {
  const { kind, height, validator } = evidence;
  const said = saidOf(evidence);
  return versionedText({ kind, chain, epoch, height, validator, ...said });
}

function saidOf(evidence: AnyEvidence): object {
  switch (evidence.kind) {
    case 'ballot':
      return { ballots: evidence.ballots.map(encodeBallot) };
    case 'dealing':
      return { dealings: evidence.dealings };
    case 'rotation':
      return { draft: encodeDraft(evidence.draft), item: encodeItem(evidence.item) };
    default:
      return { words: evidence.words };
  }
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
