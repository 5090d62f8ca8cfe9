import { sha256 } from '@noble/hashes/sha2.js';
import { z } from 'zod';
import { fromHex, toHex, utf8 } from '../base/bytes.ts';
import { BaseError } from '../base/errors.ts';
import { decodePoint, encodePoint, type Point } from '../crypto/babyjub.ts';
import type { ThresholdKey } from '../crypto/threshold-key.ts';
import type { ChainGenesis } from '../ledger/chain-genesis.ts';
import { type EpochConfig, requireGenesis } from '../ledger/epoch-config.ts';
import { LedgerError } from '../ledger/errors.ts';
import { height } from '../params/ids.ts';
import { MAX_REGISTRY } from '../params/sizes.ts';
import { FormatError } from './errors.ts';
import { textOf } from './json-file.ts';
import { fileError } from './problems.ts';
import { readVersioned, versionedText } from './versioned.ts';

/** Most bytes of a genesis file: 10,000 notes and 16 validators are far below. */
export const GENESIS_FILE_BYTES = 1 << 22;

const keyJson = ({ publicKey, shareKeys, ...rest }: ThresholdKey) => ({
  ...rest,
  publicKey: encodePoint(publicKey),
  shareKeys: shareKeys.map(encodePoint),
});

/** What everybody has to know to follow a chain from its beginning. */
export interface Genesis {
  readonly chain: ChainGenesis;
  /** The first one. */
  readonly epoch: EpochConfig;
}

/** `genesis.json`: bigints as decimal strings, bytes as hex. */
export const genesisText = ({ chain, epoch }: Genesis): string =>
  versionedText({
    chain,
    epoch: { ...epoch, decryptionKey: keyJson(epoch.decryptionKey), coinKey: keyJson(epoch.coinKey) },
  });

/**
 * Names all of a genesis: the chain, and the first committee as well, which the chain's own hash does not name and without which nobody
 * can tell whose certificates hold.
 * @returns SHA-256 of the file as `genesisText` writes it, 64 digits of hex: what `sha256sum genesis.json` prints
 */
export const genesisHash = (genesis: Genesis): string => toHex(sha256(utf8(genesisText(genesis))));

const integer = textOf('a whole number in quotes', (text) =>
  /^(0|-?[1-9]\d*)$/.test(text) && text.length < 100 ? BigInt(text) : undefined,
);
const bytes = (length: number) =>
  textOf(`${length} bytes in hex`, (text) => {
    const value = fromHex(text);
    return value?.length === length ? value : undefined;
  });
const point = textOf('a point of BabyJubJub, 64 bytes in hex,', (text): Point | undefined => {
  const value = fromHex(text);
  return value?.length === 64 ? decodePoint(value) : undefined;
});
const count = z.int('a whole number is expected').min(0).max(65_535);
const key = z.strictObject({
  n: count,
  degree: count,
  sharesRequired: count,
  publicKey: point,
  shareKeys: z.array(point),
});
const name = z.string();
const tiers = z.array(z.strictObject({ fromNotional: integer, imfPpm: integer, mmfPpm: integer }));
const caps = z.strictObject({ lowerCap: integer, upperCap: integer });
const perpetual = z.strictObject({
  name,
  kind: z.literal('perp'),
  lotPpm: integer,
  rates: z.strictObject({ imfPpm: integer, mmfPpm: integer, tiers }).optional(),
  openInterest: caps.optional(),
});
const option = z.strictObject({
  name,
  kind: z.literal('option'),
  type: z.enum(['call', 'put']),
  strike: integer,
  expiry: integer,
  lotPpm: integer,
  openInterest: caps.optional(),
});
const market = z.strictObject({
  version: z.literal(2),
  name,
  instruments: z.array(z.discriminatedUnion('kind', [perpetual, option])),
  imfPpm: integer,
  mmfPpm: integer,
  bandPpm: integer,
  bandIndexPpm: integer,
  feePpm: integer,
  markClampPpm: integer,
  premiumWeightPpm: integer,
  batchFee: integer,
  optionMargin: z.strictObject({
    aPpm: integer,
    bPpm: integer,
    mPpm: integer,
    offPpm: integer,
    longPpm: integer,
  }),
  tiers,
  oracle: z.strictObject({ indexMovePpm: integer, volMovePpm: integer, staleAfterS: integer }),
  funding: z.strictObject({ impactNotional: integer, damperPpm: integer, capFactor: integer }),
  liquidation: z.strictObject({ spreadPpm: integer, penaltyPpm: integer, patienceHeights: count }),
  insurance: z.strictObject({ seed: integer }),
  openInterest: caps,
});
/** A chain as files hold it. */
export const chainJson = z.strictObject({
  chainId: z.string(),
  market,
  notes: z.array(integer),
  notesTotal: integer,
  medians: z.array(integer),
  timeS: integer,
  bridgeKey: bytes(32),
  registry: z.array(bytes(32)).max(MAX_REGISTRY),
});
const epoch = z.strictObject({
  epoch: count,
  firstHeight: count.transform(height),
  epochHeights: count,
  dealingHeights: count,
  validators: z.array(
    z.strictObject({
      registryIndex: count,
      address: z.string(),
      encryptionKey: bytes(64),
      blsKey: bytes(48),
      possession: bytes(96),
      signKey: bytes(32),
      identityCommitment: integer,
    }),
  ),
  decryptionKey: key,
  coinKey: key,
});
const schema = z.strictObject({ chain: chainJson, epoch });

/**
 * Reads `genesis.json`.
 * @throws {FormatError} OTHER_FORMAT; RUN_FILES with all problems of shape, or if no chain can begin with this
 */
export function parseGenesisFile(text: string, file: string): Genesis {
  const genesis: Genesis = readVersioned(schema, text, file);
  try {
    requireGenesis(genesis.chain, genesis.epoch);
  } catch (cause) {
    if (!LedgerError.is(cause, 'LEDGER_INPUT') && !BaseError.is(cause, 'CODEC_INPUT')) throw cause;
    throw fileError(FormatError.of('RUN_FILES'), file, [{ where: '$', reason: cause.message }]);
  }
  return genesis;
}
