import { ContainerType, ListBasicType, ListCompositeType } from '@chainsafe/ssz';
import { utf8 } from '../base/bytes.ts';
import {
  byteList,
  bytes32,
  bytes48,
  bytes64,
  bytes96,
  codec,
  uint8,
  uint32,
  uint64,
  uint256,
} from '../base/codec.ts';
import { VelumError } from '../base/errors.ts';
import { encodePoint } from '../crypto/babyjub.ts';
import { verifyPossession } from '../crypto/certificate.ts';
import { hashBytes } from '../crypto/hash.ts';
import { isThresholdKey, type ThresholdKey } from '../crypto/threshold-key.ts';

import { type MarketParams, oracleFeeds, validateMarketParams } from '../market/params.ts';
import { r } from '../params/fields.ts';
import { MAX_INSTRUMENTS, MAX_VALIDATORS } from '../params/sizes.ts';
import { marketHash } from './market-encoding.ts';

/** The public keys of one validator. */
export interface ValidatorKeys {
  /** BLS12-381, 48 bytes: signs headers and settlements. */
  readonly blsKey: Uint8Array;
  /** 96 bytes: without a proof of possession a key could be made from the others' keys and sign for all of them. */
  readonly possession: Uint8Array;
  /** Ed25519, 32 bytes: signs oracle reports. */
  readonly signKey: Uint8Array;
  /** idc = H(validator; isk) in F_r: its leaf of the committee tree. */
  readonly identityCommitment: bigint;
}

/** What everybody agrees on before height 1. Public. */
export interface Genesis {
  /** Names the chain to people; at most 64 bytes of UTF-8. */
  readonly chainId: string;
  readonly epoch: number;
  readonly market: MarketParams;
  /** Commitments of the notes that exist from the start, in the order of their leaves. */
  readonly notes: readonly bigint[];
  /** Σ of their values, units: the pool's first content. */
  readonly notesTotal: bigint;
  /** Oracle medians of height 0, one for each feed of the market. */
  readonly medians: readonly bigint[];
  /** Block time of height 0, unix seconds. */
  readonly timeS: bigint;
  /** Ed25519, 32 bytes: signs deposits. Whoever holds its secret can make money. */
  readonly bridgeKey: Uint8Array;
  /** By validator index. */
  readonly validators: readonly ValidatorKeys[];
  readonly decryptionKey: ThresholdKey;
  readonly coinKey: ThresholdKey;
}

/** Genesis notes, at most; later ones come from batches. */
const MAX_GENESIS_NOTES = 1 << 16;

const KeyType = new ContainerType({
  degree: uint8,
  publicKey: bytes64,
  shareKeys: new ListCompositeType(bytes64, MAX_VALIDATORS),
});
const GenesisType = new ContainerType({
  chainId: byteList(64),
  epoch: uint32,
  market: bytes32,
  notes: new ListBasicType(uint256, MAX_GENESIS_NOTES),
  notesTotal: uint256,
  medians: new ListBasicType(uint64, 1 + MAX_INSTRUMENTS),
  timeS: uint64,
  bridgeKey: bytes32,
  validators: new ListCompositeType(
    new ContainerType({
      blsKey: bytes48,
      possession: bytes96,
      signKey: bytes32,
      identityCommitment: uint256,
    }),
    MAX_VALIDATORS,
  ),
  decryptionKey: KeyType,
  coinKey: KeyType,
});
const genesisCodec = codec(GenesisType, GenesisType.maxSize);

const keyFields = ({ degree, publicKey, shareKeys }: ThresholdKey) => ({
  degree,
  publicKey: encodePoint(publicKey),
  shareKeys: shareKeys.map(encodePoint),
});

/**
 * The chain's name in everything that is signed, proved or ordered.
 * @returns 32 bytes
 * @throws {VelumError} CODEC_INPUT if a list exceeds its limit
 */
export function genesisHash(genesis: Genesis): Uint8Array {
  return hashBytes(
    'genesis',
    genesisCodec.encode({
      ...genesis,
      chainId: utf8(genesis.chainId),
      market: marketHash(genesis.market),
      notes: [...genesis.notes],
      medians: [...genesis.medians],
      validators: [...genesis.validators],
      decryptionKey: keyFields(genesis.decryptionKey),
      coinKey: keyFields(genesis.coinKey),
    }),
  );
}

/** The beacon before height 1: no coin has been tossed yet, so ids of height 1 could be ground. 64 bytes. */
export const genesisBeacon = (): Uint8Array => new Uint8Array(64);

/**
 * Refuses a genesis that could not run or would be unsafe: whoever made it must mend it.
 * @throws {VelumError} LEDGER_INPUT naming the first rule broken
 */
export function requireGenesis(genesis: Genesis): void {
  const { validators, notes, medians, market, bridgeKey, decryptionKey, coinKey } = genesis;
  const n = validators.length;
  const need = (ok: boolean, rule: string): void => {
    if (!ok) throw new VelumError('LEDGER_INPUT', `this genesis is not valid: ${rule}`);
  };
  const problem = validateMarketParams(market)[0];
  need(problem === undefined, `market ${problem?.path}: ${problem?.reason}`);
  need(medians.length === oracleFeeds(market).length, 'it has one median for each oracle feed');
  need(
    medians.every((median) => median > 0n && median < 1n << 64n),
    'medians are 1 to 2^64 − 1',
  );
  need(
    market.instruments.every((instrument) => instrument.kind === 'perp' || instrument.expiry > genesis.timeS),
    'it is before every expiry',
  );
  need(n >= 1 && n <= MAX_VALIDATORS, `it has 1 to ${MAX_VALIDATORS} validators`);
  need(
    decryptionKey.n === n && isThresholdKey(decryptionKey),
    'each validator has a decryption share of one key',
  );
  need(coinKey.n === n && isThresholdKey(coinKey), 'each validator has a coin share of one key');
  need(
    notes.every((note) => note > 0n && note < r),
    'notes are commitments in F_r',
  );
  need(new Set(notes).size === notes.length, 'notes are distinct: two equal ones share a nullifier');
  need(notes.length <= MAX_GENESIS_NOTES, `it has at most ${MAX_GENESIS_NOTES} notes`);
  const distinct = (keys: readonly unknown[]): boolean => new Set(keys.map(String)).size === n;
  need(
    validators.every(({ signKey }) => String(signKey) !== String(bridgeKey)),
    'the bridge key is no validator’s',
  );
  need(distinct(validators.map(({ blsKey }) => blsKey)), 'BLS keys are distinct');
  need(distinct(validators.map(({ signKey }) => signKey)), 'Ed25519 keys are distinct');
  need(distinct(validators.map((keys) => keys.identityCommitment)), 'identity commitments are distinct');
  need(
    validators.every(({ blsKey, possession }) => verifyPossession(blsKey, possession)),
    'each BLS key has a proof of possession',
  );
}
