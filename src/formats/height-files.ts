import { z } from 'zod';
import { fromHex } from '../base/bytes.ts';
import type { Certificate } from '../crypto/certificate.ts';
import { type Block, decodeBlock, encodeBlock } from '../ledger/block.ts';
import type { SettlementState } from '../ledger/settlement-state.ts';
import type { Settlement } from '../ledger/transition.ts';
import { type Account, equity } from '../market/account.ts';
import type { ReserveTable } from '../market/reserve.ts';
import { type Height, height } from '../params/ids.ts';
import { MAX_INSTRUMENTS, TABLE_WINDOW } from '../params/sizes.ts';
import { FormatError } from './errors.ts';
import { textOf } from './json-file.ts';
import { jsonText } from './json-text.ts';
import { readVersioned, versionedText } from './versioned.ts';

/** The files of one height: `block.json`, `certificate.json` and `settlement.json`. */

/** Most bytes of a file of a height. */
export const HEIGHT_FILE_BYTES = 1 << 26;

/** A block for a reader, its fields in the order of the decoder, with its canonical encoding, from which it can be replayed. */
function blockJson(block: Block) {
  const encoded = encodeBlock(block);
  const { certificate: _, ...rest } = decodeBlock(encoded)!;
  return { ...rest, encoded };
}

/** `block.json`. */
export const blockText = (block: Block): string => versionedText(blockJson(block));

const blockFile = z.looseObject({ encoded: z.string('the encoded block is expected') });

/**
 * The block of a block file, which must be the text that this program writes for it and no other.
 * @throws {FormatError} OTHER_FORMAT, RUN_FILES for another shape; REPLAY_REFUSED if it holds no block or says something else about it
 */
export function parseBlockFile(text: string, file: string): Block {
  const said = readVersioned(blockFile, text, file);
  const bytes = fromHex(said.encoded);
  const block = bytes === undefined ? undefined : decodeBlock(bytes);
  if (block === undefined)
    throw new FormatError('REPLAY_REFUSED', `${file} holds no encoded block`, { file });
  if (text !== blockText(block)) {
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

/**
 * @param header the certificate in the block, which the file repeats
 * @returns the settlement's certificate, hostile
 * @throws {FormatError} OTHER_FORMAT, RUN_FILES; REPLAY_REFUSED if the file is not the text that this program writes for the two
 */
export function parseCertificateFile(text: string, file: string, header: Certificate): Certificate {
  const { settlement } = readVersioned(certificateFile, text, file);
  const signature = fromHex(settlement.signature);
  if (signature === undefined)
    throw new FormatError('RUN_FILES', `${file}: the signature is not in hex`, { file });
  const certificate = { signers: settlement.signers, signature };
  if (text !== certificateText(header, certificate))
    throw new FormatError('REPLAY_REFUSED', `${file} does not repeat the certificate in the block`, { file });
  return certificate;
}

/**
 * `settlement.json`: what a height settled to, and the reserve tables that its batches name. It follows from the blocks alone, so whoever
 * replays them comes to the same text.
 * @param before the state that the height started from
 */
export function settlementText(
  { items }: Pick<Block, 'items'>,
  before: SettlementState,
  settlement: Settlement,
): string {
  const { state, stateRoot, receiptsRoot, auctions, fills, transfers, receipts, events } = settlement;
  const { marks } = state.market;
  const accounts = [...state.accounts].flatMap(([account, after]) => {
    const said = accountJson(after, marks);
    const old = before.accounts.get(account);
    const isSame = old !== undefined && jsonText(accountJson(old, marks)) === jsonText(said);
    return isSame ? [] : [{ account, ...said }];
  });
  return versionedText({
    ...{
      height: settlement.height,
      stateRoot,
      receiptsRoot,
      marks,
      auctions,
      fills,
      transfers,
      receipts,
      events,
      accounts,
    },
    fees: state.fees,
    insurance: state.insurance,
    pool: state.pool,
    turnstile: settlement.turnstile,
    tables: [...before.tables]
      .filter(([at]) => items.some((item) => item.kind === 'batch' && item.tableHeight === at))
      .map(([at, table]) => ({ height: at, ...table })),
  });
}

const integer = textOf('a whole number in quotes', (text) =>
  /^\d{1,30}$/.test(text) ? BigInt(text) : undefined,
);
const root = textOf('32 bytes in hex', (text) => {
  const bytes = fromHex(text);
  return bytes?.length === 32 ? bytes : undefined;
});
const rates = z.array(integer).length(MAX_INSTRUMENTS);
const heightNumber = z
  .int('a height is expected')
  .min(0)
  .max(2 ** 32 - 1)
  .transform(height);
const settledFile = z.looseObject({
  height: heightNumber,
  stateRoot: root,
  receiptsRoot: root,
  tables: z
    .array(z.strictObject({ height: heightNumber, buyPpm: rates, sellUnits: rates }))
    .max(TABLE_WINDOW)
    .refine(
      (tables) => tables.every(({ height: at }, i) => i === 0 || at > tables[i - 1]!.height),
      'the tables of different heights in their order are expected',
    ),
});

/** What a settlement file says that can be checked without the state before it. Hostile. */
export interface SettledFile {
  readonly height: Height;
  readonly stateRoot: Uint8Array;
  readonly receiptsRoot: Uint8Array;
  readonly tables: ReadonlyMap<Height, ReserveTable>;
}

/** @throws {FormatError} OTHER_FORMAT, RUN_FILES */
export function parseSettlementFile(text: string, file: string): SettledFile {
  const { tables, ...said } = readVersioned(settledFile, text, file);
  return { ...said, tables: new Map(tables.map(({ height: at, ...table }) => [at, table])) };
}

const accountJson = (account: Account, marks: readonly bigint[]) => ({
  cash: account.cash,
  equity: equity(account, marks),
  sequence: account.sequence,
  positions: [...account.positions]
    .sort(([a], [b]) => a - b)
    .map(([instrument, position]) => ({ instrument, ...position })),
});
