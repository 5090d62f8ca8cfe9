import { utf8 } from '../base/bytes.ts';
import type { RandomBytes } from '../base/random.ts';
import { encodePoint, multiplyBase } from '../crypto/babyjub.ts';
import { blsKeyFromSeed, provePossession } from '../crypto/certificate.ts';
import { encodeRegistrant } from '../crypto/dealing/possession.ts';
import { hashBytes } from '../crypto/hash.ts';
import { identityCommitment } from '../crypto/identity.ts';
import { randomField, randomScalar, seededRandom } from '../crypto/random.ts';
import { signKeyFromSeed } from '../crypto/signature.ts';
import { dealThresholdKey } from '../crypto/threshold-key.ts';
import { type ChainFoundation, type ChainGenesis, chainHash } from '../ledger/chain-genesis.ts';
import type { EpochConfig } from '../ledger/epoch-config.ts';
import type { ValidatorKeys } from '../ledger/validator-keys.ts';
import type { MarketParams } from '../market/params.ts';
import { height } from '../params/ids.ts';
import { quorumOf } from '../params/quorum.ts';
import type { ValidatorSecrets } from '../validator/types.ts';

/** A stream of randomness of a run: equal seeds and names give equal streams, different names independent ones. */
export function runRandom(seed: number, name: string): RandomBytes {
  return seededRandom(hashBytes('run', utf8(JSON.stringify([seed, name]))));
}

/** A market and its first prices, the first of `oracle`. */
export interface DealtMarket {
  /** Names the chain to people. */
  readonly chainId?: string;
  readonly params: MarketParams;
  readonly oracle: readonly { readonly timeS: bigint; readonly values: readonly bigint[] }[];
}

/** What a trusted dealer hands out before height 1. */
export interface Dealt {
  readonly chain: ChainGenesis;
  readonly epoch: EpochConfig;
  /** By validator index. */
  readonly secrets: readonly ValidatorSecrets[];
  /** Ed25519 seed of the bridge, 32 bytes. */
  readonly bridgeSecret: Uint8Array;
  /** By registry index: Ed25519 seeds of the members' permanent keys, 32 bytes each. */
  readonly rootSecrets: readonly Uint8Array[];
}

/** L and D of a run that says nothing else. */
export const EPOCH_HEIGHTS = 8;
export const DEALING_HEIGHTS = 4;

const bridgeOf = (seed: number) => signKeyFromSeed(runRandom(seed, 'bridge')(32));

const rootOf = (seed: number, registryIndex: number) =>
  signKeyFromSeed(runRandom(seed, `registry ${registryIndex}`)(32));

/** The chain of a run before its first notes. @param members of its registry */
export function layFoundation(seed: number, market: DealtMarket, members: number): ChainFoundation {
  const { values, timeS } = market.oracle[0]!;
  const bridgeKey = bridgeOf(seed).publicKey;
  const registry = Array.from({ length: members }, (_, index) => rootOf(seed, index).publicKey);
  const { chainId = 'velum-epoch', params } = market;
  return { chainId, market: params, medians: values, timeS, bridgeKey, registry };
}

/** What a validator draws for itself: all but its shares of the threshold keys. */
export interface OwnKeys {
  readonly secrets: Omit<ValidatorSecrets, 'decryptionShare' | 'coinShare'>;
  /** sk of the encryption key. */
  readonly encryptionSecret: bigint;
  readonly keys: ValidatorKeys;
}

/**
 * The keys that validator i of a run, member i of its registry, draws for epoch 1.
 * @param chain its hash
 */
export function drawOwnKeys(seed: number, i: number, chain: Uint8Array): OwnKeys {
  const random = runRandom(seed, `validator ${i}`);
  const identitySecret = randomField(random);
  const bls = blsKeyFromSeed(random(32));
  const signature = signKeyFromSeed(random(32));
  const encryptionSecret = randomScalar(runRandom(seed, `encryption key ${i}`));
  return {
    encryptionSecret,
    secrets: { identitySecret, blsSecret: bls.secret, signSecret: signature.secret, seed: random(32) },
    keys: {
      registryIndex: i,
      address: '',
      encryptionKey: encodePoint(multiplyBase(encryptionSecret)),
      blsKey: bls.publicKey,
      possession: provePossession(bls, encodeRegistrant({ chain, registryIndex: i, epoch: 1 })),
      signKey: signature.publicKey,
      identityCommitment: identityCommitment(identitySecret),
    },
  };
}

/** Ed25519 seeds of the members' permanent keys, by registry index. */
export const rootSecretsOf = (seed: number, { registry }: Pick<ChainGenesis, 'registry'>): Uint8Array[] =>
  registry.map((_, index) => rootOf(seed, index).secret);

/** Ed25519 seed of the bridge, 32 bytes. */
export const bridgeSecretOf = (seed: number): Uint8Array => bridgeOf(seed).secret;

/**
 * Makes the chain and the first epoch of a run: every key of every validator, both threshold keys and the bridge's in one hand. Whoever runs this knows all
 * secrets: it stands where a distributed key generation belongs, and the report says so. Validator i is member i of the registry.
 * @param notes   commitments of the traders' genesis notes
 * @param members of the registry; more than validators if others are to follow them
 */
export function dealGenesis(
  seed: number,
  validators: number,
  market: DealtMarket,
  notes: readonly bigint[],
  notesTotal: bigint,
  members = validators,
): Dealt {
  const { f } = quorumOf(validators);
  const chain: ChainGenesis = { ...layFoundation(seed, market, members), notes, notesTotal };
  const name = chainHash(chain);
  const decryption = dealThresholdKey(validators, 2 * f, runRandom(seed, 'decryption key'));
  const coin = dealThresholdKey(validators, 2 * f, runRandom(seed, 'coin key'));
  const made = Array.from({ length: validators }, (_, i) => drawOwnKeys(seed, i, name));
  const epoch: EpochConfig = {
    epoch: 1,
    firstHeight: height(1),
    epochHeights: EPOCH_HEIGHTS,
    dealingHeights: DEALING_HEIGHTS,
    validators: made.map(({ keys }) => keys),
    decryptionKey: decryption.key,
    coinKey: coin.key,
  };
  return {
    chain,
    epoch,
    secrets: made.map(({ secrets }, i) => ({
      ...secrets,
      decryptionShare: decryption.secrets[i]!,
      coinShare: coin.secrets[i]!,
    })),
    bridgeSecret: bridgeSecretOf(seed),
    rootSecrets: rootSecretsOf(seed, chain),
  };
}
