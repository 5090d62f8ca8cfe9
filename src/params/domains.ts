import { sha512 } from '@noble/hashes/sha2.js';
import { r } from './fields.ts';

/**
 * The one table of domain tags. Every hash of the protocol starts with one of them, each for a single use.
 * Field tags enter Poseidon and also generate `circuits/lib/tags.gen.circom`; byte tags enter SHA-256/512.
 */
export const FIELD_DOMAINS = [
  'owner',
  'note',
  'nullifier',
  'changeNote',
  'account',
  'validator',
  'ballotShare',
  'ballotNullifier',
  'seal',
  'dealing',
] as const;

export const BYTE_DOMAINS = [
  'context',
  'ballotScope',
  'ballotMessage',
  'ballotId',
  'itemId',
  'itemOrder',
  'itemKey',
  'listKey',
  'listItem',
  'fillOrder',
  'word',
  'wordBody',
  'coin',
  'coinValue',
  'dleq',
  'dleqStatement',
  'dleqComposite',
  'nonce',
  'header',
  'settlement',
  'chain',
  'foundation',
  'epoch',
  'signature',
  'payload',
  'shard',
  'shardNode',
  'subset',
  'logRecord',
  'logCommit',
  'random',
  'market',
  'blsKey',
  'copy',
  'run',
  'walletChain',
  'walletKey',
  'walletNote',
  'walletAccount',
  'walletBatch',
  'walletShield',
  'walletSession',
  'accountMessage',
  'deposit',
  'listNode',
  'listRoot',
  'orderingState',
  'snapshot',
  'dealt',
  'dealingProofs',
  'dealingId',
  'dealingDigest',
  'dealingTest',
  'dealingWeight',
  'dealingAlarm',
  'dealerEvidence',
  'keyPossession',
  'registration',
  'registrationProof',
  'registrationScope',
  'registeredKey',
  'seatOrder',
  'draft',
  'rotation',
  'dealingSession',
  'genesisCoin',
  'epochAgreement',
] as const;

export type FieldDomain = (typeof FIELD_DOMAINS)[number];
export type ByteDomain = (typeof BYTE_DOMAINS)[number];

const digest = (what: string): Uint8Array => sha512(new TextEncoder().encode(`velum/${what}/v1`));

/** SHA-512("velum/<what>/v1") read big-endian mod r: the first Poseidon input of its use. */
const fieldTags: Readonly<Record<FieldDomain, bigint>> = Object.fromEntries(
  FIELD_DOMAINS.map((d) => [d, digest(d).reduce((acc, byte) => (acc << 8n) | BigInt(byte), 0n) % r]),
) as Record<FieldDomain, bigint>;

/** The 64 bytes of SHA-512("velum/<what>/v1"): one whole SHA-256 block before the data. */
const byteTags: Readonly<Record<ByteDomain, Uint8Array>> = Object.fromEntries(
  BYTE_DOMAINS.map((d) => [d, digest(d)]),
) as Record<ByteDomain, Uint8Array>;

/** @returns the domain's tag in F_r. Public. */
export const fieldTag = (domain: FieldDomain): bigint => fieldTags[domain];

/** @returns the domain's tag, 64 bytes; callers must not write to it. Public. */
export const byteTag = (domain: ByteDomain): Uint8Array => byteTags[domain];
