import { ContainerType, ListCompositeType } from '@chainsafe/ssz';
import { concatBytes } from '../base/bytes.ts';
import { bytes32, bytes48, bytes64, bytes96, codec, uint8, uint32, uint256 } from '../base/codec.ts';
import { encodePoint } from '../crypto/babyjub.ts';
import { type Certificate, verifyCertificate, verifyPossession } from '../crypto/certificate.ts';
import { hashBytes } from '../crypto/hash.ts';
import { isThresholdKey, type ThresholdKey } from '../crypto/threshold-key.ts';
import { r } from '../params/fields.ts';
import type { Height } from '../params/ids.ts';
import { quorumOf } from '../params/quorum.ts';
import { MAX_VALIDATORS } from '../params/sizes.ts';
import { type ChainGenesis, chainHash, requireChain } from './chain-genesis.ts';
import { LedgerError } from './errors.ts';

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

/** Who runs a chain from one height on, and with which keys. Another epoch has another one; the chain stays. Public. */
export interface EpochConfig {
  /** Counts from 1. */
  readonly epoch: number;
  /** The first height this committee orders; 1 for epoch 1. */
  readonly firstHeight: Height;
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
const EpochType = new ContainerType({
  epoch: uint32,
  firstHeight: uint32,
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
const epochCodec = codec(EpochType, EpochType.maxSize);

const keyFields = ({ degree, publicKey, shareKeys }: ThresholdKey) => ({
  degree,
  publicKey: encodePoint(publicKey),
  shareKeys: shareKeys.map(encodePoint),
});

/**
 * The epoch's name: its number, first height and every public key.
 * @returns 32 bytes
 * @throws {BaseError} CODEC_INPUT if a list exceeds its limit
 */
export function epochHash(epoch: EpochConfig): Uint8Array {
  return hashBytes(
    'epoch',
    epochCodec.encode({
      ...epoch,
      validators: [...epoch.validators],
      decryptionKey: keyFields(epoch.decryptionKey),
      coinKey: keyFields(epoch.coinKey),
    }),
  );
}

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
export function requireEpoch(
  { bridgeKey }: ChainGenesis,
  { epoch, firstHeight, validators, decryptionKey, coinKey }: EpochConfig,
): void {
  const n = validators.length;
  const need = (ok: boolean, rule: string): void => {
    if (!ok) throw new LedgerError('LEDGER_INPUT', `this epoch is not valid: ${rule}`);
  };
  need(isCount(epoch) && isCount(firstHeight), 'epochs and heights count from 1 to 2^32 − 1');
  need((epoch === 1) === (firstHeight === 1), 'epoch 1 begins at height 1, a later one later');
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
  const distinct = (keys: readonly unknown[]): boolean => new Set(keys.map(String)).size === n;
  need(
    validators.every(({ signKey }) => String(signKey) !== String(bridgeKey)),
    'the bridge key is no validator’s',
  );
  need(distinct(validators.map(({ blsKey }) => blsKey)), 'BLS keys are distinct');
  need(distinct(validators.map(({ signKey }) => signKey)), 'Ed25519 keys are distinct');
  need(distinct(validators.map((keys) => keys.identityCommitment)), 'identity commitments are distinct');
  // 0 is the empty leaf of the committee tree, and r or more is another element of F_r than it says.
  need(
    validators.every((keys) => keys.identityCommitment > 0n && keys.identityCommitment < r),
    'identity commitments are in F_r and not 0',
  );
  need(
    validators.every(({ signKey }) => signKey.length === 32),
    'Ed25519 keys have 32 bytes',
  );
  need(
    validators.every(({ blsKey, possession }) => verifyPossession(blsKey, possession)),
    'each BLS key has a proof of possession',
  );
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
