import { ContainerType, ListCompositeType, type ValueOf } from '@chainsafe/ssz';
import { concatBytes } from '../base/bytes.ts';
import { bytes64, codec, uint8, uint32 } from '../base/codec.ts';
import { decodePoint, encodePoint, type Point } from '../crypto/babyjub.ts';
import { type Certificate, verifyCertificate, verifyPossession } from '../crypto/certificate.ts';
import { encodeRegistrant } from '../crypto/dealing/possession.ts';
import { dealingSession } from '../crypto/dealing/session.ts';
import { hashBytes } from '../crypto/hash.ts';
import { isThresholdKey, type ThresholdKey } from '../crypto/threshold-key.ts';
import { r } from '../params/fields.ts';
import { type Height, height } from '../params/ids.ts';
import { quorumOf } from '../params/quorum.ts';
import { MAX_VALIDATORS } from '../params/sizes.ts';
import { type ChainGenesis, chainHash, requireChain } from './chain-genesis.ts';
import { LedgerError } from './errors.ts';
import { isAddress, readSeats, SeatsType, type ValidatorKeys, writeSeats } from './validator-keys.ts';

/** Who runs a chain from one height on, and with which keys. Another epoch has another one; the chain stays. Public. */
export interface EpochConfig {
  /** Counts from 1. */
  readonly epoch: number;
  /** The first height this committee orders; 1 for epoch 1. */
  readonly firstHeight: Height;
  /** L: heights after which the next epoch may begin; it begins later if its keys are not made by then. */
  readonly epochHeights: number;
  /** D, 1 ≤ D < L: of those, the last ones, in which keys are dealt to the next committee. Before them members register for it. */
  readonly dealingHeights: number;
  /** By validator index; their identity commitments in this order are the leaves of the committee tree. */
  readonly validators: readonly ValidatorKeys[];
  readonly decryptionKey: ThresholdKey;
  readonly coinKey: ThresholdKey;
}

/** What binds everything that is signed, tossed or voted in one epoch of one chain: 32 bytes each. */
export interface EpochDomain {
  readonly chainHash: Uint8Array;
  readonly epochHash: Uint8Array;
}

const KeyType = new ContainerType({
  degree: uint8,
  publicKey: bytes64,
  shareKeys: new ListCompositeType(bytes64, MAX_VALIDATORS),
});
/** An epoch as encodings hold it. */
export const EpochType = new ContainerType({
  epoch: uint32,
  firstHeight: uint32,
  epochHeights: uint32,
  dealingHeights: uint32,
  validators: SeatsType,
  decryptionKey: KeyType,
  coinKey: KeyType,
});
const epochCodec = codec(EpochType, EpochType.maxSize);

const keyFields = ({ degree, publicKey, shareKeys }: ThresholdKey) => ({
  degree,
  publicKey: encodePoint(publicKey),
  shareKeys: shareKeys.map(encodePoint),
});

/** @returns what the encoding of an epoch takes */
export const writeEpoch = (epoch: EpochConfig): ValueOf<typeof EpochType> => ({
  ...epoch,
  validators: writeSeats(epoch.validators),
  decryptionKey: keyFields(epoch.decryptionKey),
  coinKey: keyFields(epoch.coinKey),
});

function readKey({ degree, ...key }: ValueOf<typeof KeyType>): ThresholdKey | undefined {
  const publicKey = decodePoint(key.publicKey);
  const shareKeys = key.shareKeys.map(decodePoint);
  if (publicKey === undefined || !shareKeys.every((P): P is Point => P !== undefined)) return undefined;
  return { n: shareKeys.length, degree, sharesRequired: degree + 1, publicKey, shareKeys };
}

/** @returns undefined if a point or an address is none. Whether the epoch can run is `requireEpoch`'s to say. */
export function readEpoch(written: ValueOf<typeof EpochType>): EpochConfig | undefined {
  const validators = readSeats(written.validators);
  const [decryptionKey, coinKey] = [readKey(written.decryptionKey), readKey(written.coinKey)];
  if (validators === undefined || decryptionKey === undefined || coinKey === undefined) return undefined;
  return { ...written, firstHeight: height(written.firstHeight), validators, decryptionKey, coinKey };
}

/** @returns the canonical encoding. @throws {BaseError} CODEC_INPUT if a list exceeds its limit */
export const encodeEpoch = (epoch: EpochConfig): Uint8Array => epochCodec.encode(writeEpoch(epoch));

/** @returns undefined for anything but the canonical encoding of what may be an epoch (`requireEpoch`). Never throws. */
export function decodeEpoch(bytes: Uint8Array): EpochConfig | undefined {
  const written = epochCodec.decode(bytes);
  return written && readEpoch(written);
}

/**
 * The epoch's name: everything in it.
 * @returns 32 bytes
 * @throws {BaseError} CODEC_INPUT if a list exceeds its limit
 */
export const epochHash = (epoch: EpochConfig): Uint8Array => hashBytes('epoch', encodeEpoch(epoch));

export const epochDomain = (chain: ChainGenesis, epoch: EpochConfig): EpochDomain => ({
  chainHash: chainHash(chain),
  epochHash: epochHash(epoch),
});

/**
 * Whether a quorum of the epoch's committee signed a message.
 * @param certificate hostile
 */
export function isCertified(
  { validators }: EpochConfig,
  message: Uint8Array,
  certificate: Certificate,
): boolean {
  const keys = validators.map(({ blsKey }) => blsKey);
  return verifyCertificate(keys, message, certificate, quorumOf(keys.length).q);
}

/** 64 bytes, chain before epoch: the beginning of whatever is hashed for one epoch. */
export const domainBytes = ({ chainHash, epochHash }: EpochDomain): Uint8Array =>
  concatBytes(chainHash, epochHash);

/** What the encoding holds of what counts from 1. */
const isCount = (x: number): boolean => Number.isInteger(x) && x >= 1 && x < 2 ** 32;

/**
 * Refuses an epoch that could not run or would be unsafe: whoever made it must mend it.
 * @throws {LedgerError} LEDGER_INPUT naming the first rule broken
 */
export function requireEpoch(chain: ChainGenesis, config: EpochConfig): void {
  const { epoch, firstHeight, epochHeights, dealingHeights, validators, decryptionKey, coinKey } = config;
  const n = validators.length;
  need(isCount(epoch) && isCount(firstHeight), 'epochs and heights count from 1 to 2^32 − 1');
  need((epoch === 1) === (firstHeight === 1), 'epoch 1 begins at height 1, a later one later');
  need(
    isCount(dealingHeights) && isCount(epochHeights) && dealingHeights < epochHeights,
    'it lasts for more heights than it deals keys in, and deals them in at least one',
  );
  need(n >= 1 && n <= MAX_VALIDATORS, `it has 1 to ${MAX_VALIDATORS} validators`);
  need(
    decryptionKey.n === n && isThresholdKey(decryptionKey),
    'each validator has a decryption share of one key',
  );
  need(coinKey.n === n && isThresholdKey(coinKey), 'each validator has a coin share of one key');
  // With one key for both, decryption shares of a batch with U = P(id) would be shares of that coin before its time.
  need(
    !decryptionKey.publicKey.equals(coinKey.publicKey),
    'coins are tossed with another key than batches are opened',
  );
  requireSeats(chain, epoch, validators);
}

/**
 * Refuses a committee whose keys could not be used or would be unsafe.
 * @throws {LedgerError} LEDGER_INPUT naming the first rule broken
 */
export function requireSeats(chain: ChainGenesis, epoch: number, validators: readonly ValidatorKeys[]): void {
  const distinct = (keys: readonly unknown[]): boolean => new Set(keys.map(String)).size === keys.length;
  need(
    validators.every(({ signKey }) => String(signKey) !== String(chain.bridgeKey)),
    'the bridge key is no validator’s',
  );
  need(
    validators.every(({ registryIndex }) => chain.registry[registryIndex] !== undefined),
    'each validator is a member of the registry',
  );
  need(distinct(validators.map(({ registryIndex }) => registryIndex)), 'no member has two seats');
  need(
    validators.every(({ address }) => isAddress(address)),
    'addresses are short and of visible ASCII',
  );
  need(distinct(validators.map(({ blsKey }) => blsKey)), 'BLS keys are distinct');
  need(distinct(validators.map(({ signKey }) => signKey)), 'Ed25519 keys are distinct');
  const identities = validators.map((keys) => keys.identityCommitment);
  // 0 is the empty leaf, which only evidence makes; r or more is another element of F_r than it says.
  need(
    identities.every((identity) => identity >= (epoch === 1 ? 1n : 0n) && identity < r),
    'identity commitments are in F_r, and not 0 in epoch 1',
  );
  need(distinct(identities.filter((identity) => identity > 0n)), 'identity commitments are distinct');
  need(
    validators.every(({ signKey }) => signKey.length === 32),
    'Ed25519 keys have 32 bytes',
  );
  need(encryptionKeysOf(validators) !== undefined, 'encryption keys are distinct points of the subgroup');
  const name = chainHash(chain);
  need(
    validators.every(({ blsKey, possession, registryIndex }) =>
      verifyPossession(blsKey, possession, encodeRegistrant({ chain: name, registryIndex, epoch })),
    ),
    'each BLS key has a proof of possession by its member for this epoch',
  );
}

function need(ok: boolean, rule: string): void {
  if (!ok) throw new LedgerError('LEDGER_INPUT', `this epoch is not valid: ${rule}`);
}

/** @returns PK of each validator, undefined unless all are distinct points of the subgroup that are not O */
export function encryptionKeysOf(validators: readonly ValidatorKeys[]): readonly Point[] | undefined {
  const points = validators.map(({ encryptionKey }) => decodePoint(encryptionKey));
  if (!points.every((P): P is Point => P !== undefined)) return undefined;
  return dealingSession(0n, points)?.encryptionKeys;
}

/** Epochs that were found valid, each with its chain: an epoch is never changed once made, and all validators of one process share it. */
const validEpochs = new WeakMap<EpochConfig, ChainGenesis>();

/**
 * Refuses what no chain can begin with.
 * @throws {LedgerError} LEDGER_INPUT naming the first rule broken by the chain or its first epoch
 */
export function requireGenesis(chain: ChainGenesis, epoch: EpochConfig): void {
  if (validEpochs.get(epoch) === chain) return;
  requireChain(chain);
  requireEpoch(chain, epoch);
  if (epoch.epoch !== 1) throw new LedgerError('LEDGER_INPUT', 'a chain begins with epoch 1');
  validEpochs.set(epoch, chain);
}
