import { equalBytes, toHex } from '../base/bytes.ts';
import { hashBytes } from '../crypto/hash.ts';
import { sign, verifySignature } from '../crypto/signature.ts';
import { domainBytes, type EpochDomain } from '../ledger/epoch-config.ts';
import type { Height } from '../params/ids.ts';
import { u32 } from './ballot.ts';

/**
 * What a validator says once a height and signs with its Ed25519 key: its bundle, its finish message, its settlement message. A correct
 * validator says each the same whenever it says it again, so two different ones of one kind, height and author convince anybody who
 * knows the epoch's keys. The digest is all that a stranger needs of either.
 */
export type WordKind = 'bundle' | 'finish' | 'settled';

const KIND_BYTES: Readonly<Record<WordKind, number>> = { bundle: 0, finish: 1, settled: 2 };

/** A word by its digest, 32 bytes, with its author's signature, 64 bytes. */
export interface SignedWord {
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
}

/** Two different words of one kind, height and author; the lower digest first. */
export type WordPair = readonly [SignedWord, SignedWord];

/** What is signed: whose chain and epoch, which kind, which height, and the digest of the body. */
const statement = (domain: EpochDomain, kind: WordKind, at: Height, digest: Uint8Array): Uint8Array =>
  hashBytes('word', domainBytes(domain), Uint8Array.of(KIND_BYTES[kind]), u32(at), digest);

/** @param body encoding of all that the message says but its signature. @returns 32 bytes */
export const wordDigest = (body: Uint8Array): Uint8Array => hashBytes('wordBody', body);

/**
 * @param secret Ed25519 seed, 32 bytes
 * @param body   as `wordDigest`
 * @param signBy who signs
 * @returns 64 bytes, the same for the same word
 */
export const signWord = (
  secret: Uint8Array,
  domain: EpochDomain,
  kind: WordKind,
  at: Height,
  body: Uint8Array,
  signBy = sign,
): Uint8Array => signBy(secret, statement(domain, kind, at, wordDigest(body)));

/** @param publicKey of the author. @param verify who checks signatures. @returns whether it signed this word. Never throws. */
export const isSignedWord = (
  publicKey: Uint8Array,
  domain: EpochDomain,
  kind: WordKind,
  at: Height,
  { digest, signature }: SignedWord,
  verify = verifySignature,
): boolean => verify(publicKey, statement(domain, kind, at, digest), signature);

/** Two words in the order of a pair; undefined if they are one. */
export function wordPair(a: SignedWord, b: SignedWord): WordPair | undefined {
  if (equalBytes(a.digest, b.digest)) return undefined;
  return toHex(a.digest) < toHex(b.digest) ? [a, b] : [b, a];
}
