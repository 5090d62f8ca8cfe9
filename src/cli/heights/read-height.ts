import { relative } from 'node:path';
import type { ClaimedItem } from '../../client/light-client.ts';
import type { Certificate } from '../../crypto/certificate.ts';
import { FormatError } from '../../formats/errors.ts';
import {
  HEIGHT_FILE_BYTES,
  parseBlockFile,
  parseCertificateFile,
  settlementText,
} from '../../formats/height-files.ts';
import type { Block } from '../../ledger/block.ts';
import { claimOf } from '../../ledger/claims.ts';
import type { ReplayProblem } from '../../ledger/replay.ts';
import type { Replica } from '../../ledger/replica.ts';
import type { Settlement } from '../../ledger/transition.ts';
import { readTextFile } from '../io.ts';

/** A text file, and what messages call it. */
export interface NamedText {
  readonly text: string;
  readonly file: string;
}

/** @throws {FileError} FILE_UNREADABLE */
export const readNamed = async (path: string, most: number, cwd: string): Promise<NamedText> => ({
  text: await readTextFile(path, most),
  file: path === '-' ? path : relative(cwd, path),
});

/** A block with its certificates as two files hold it. Hostile. */
export interface ReadHeight {
  readonly block: Block;
  readonly settlementCertificate: Certificate;
}

/** @throws {FormatError} OTHER_FORMAT, RUN_FILES, REPLAY_REFUSED; {FileError} FILE_UNREADABLE */
export async function readHeight(
  blockPath: string,
  certificatePath: string,
  cwd: string,
): Promise<ReadHeight> {
  const blockFile = await readNamed(blockPath, HEIGHT_FILE_BYTES, cwd);
  const block = parseBlockFile(blockFile.text, blockFile.file);
  const { text, file } = await readNamed(certificatePath, HEIGHT_FILE_BYTES, cwd);
  return { block, settlementCertificate: parseCertificateFile(text, file, block.certificate) };
}

/** A height that was replayed: what its items claim, and what it settled to. */
export interface ReplayedHeight {
  readonly items: readonly Pick<ClaimedItem, 'item' | 'claim'>[];
  readonly settlement: Settlement;
  /** What its settlement file has to say. */
  readonly settlementText: string;
}

/** Applies the next height. @returns why it is not the next one, else. Never throws. */
export function replayHeight(
  replica: Replica,
  { block, settlementCertificate }: ReadHeight,
): ReplayedHeight | ReplayProblem {
  const { settlement: before, items: domain, claims } = replica;
  const items = block.items.map((item) => ({ item, claim: claimOf(domain, claims, item) }));
  const settlement = replica.apply(block, settlementCertificate);
  if (typeof settlement === 'string') return settlement;
  return { items, settlement, settlementText: settlementText(block, before, settlement) };
}

/** A height of a run's folder does not replay. */
export const notReplayed = (height: number, why: string) =>
  new FormatError('REPLAY_REFUSED', `the block of height ${height} does not replay: ${why}`, { height });
