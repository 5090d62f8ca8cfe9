import { ContainerType, ListBasicType, ListCompositeType, VectorCompositeType } from '@chainsafe/ssz';
import { fromHex, toHex } from '../base/bytes.ts';
import { bytes32, bytes64, codec, uint32, uint64 } from '../base/codec.ts';
import type { BatchKernels } from '../crypto/batch-kernels.ts';
import type { EpochDomain } from '../ledger/epoch-config.ts';
import { type BallotId, ballotId, type Height, height } from '../params/ids.ts';
import { MAX_BUNDLE_BALLOTS, MAX_INSTRUMENTS, MAX_VALIDATORS } from '../params/sizes.ts';
import { isSignedWord, signWord, wordDigest } from './signed-word.ts';
import type { ValidatorCrypto } from './validator-crypto.ts';

/**
 * What one validator signs about the world at a height: the prices that its feed said last, when it observed them, and its clock.
 * With one time for both, a dead feed would stop the clock and no halt would ever come.
 */
export interface OracleReport {
  /** Units per 1 underlying (feed 0) or ppm a year (vols), each below 2^64. */
  readonly prices: readonly bigint[];
  /** When the prices were observed, unix seconds, at most `clockS`. A validator without a feed repeats its last prices with their old time. */
  readonly observedS: bigint;
  /** The validator's clock, unix seconds: it goes on without a feed. */
  readonly clockS: bigint;
}

/** A proposal to the ACS of one height: which ballots to count, and an oracle report. */
export interface Bundle {
  readonly height: Height;
  /** ≥ q ballots of distinct nullifiers, ascending by id. */
  readonly ballots: readonly BallotId[];
  /** Pairs of different ballots of one nullifier: equivocations the proposer has seen. Lower id first, ascending. */
  readonly evidence: readonly (readonly [BallotId, BallotId])[];
  readonly report: OracleReport;
  /** Ed25519 over (chain, epoch, height, all the rest), `signed-word.ts`: two of one height convince anybody. */
  readonly signature: Uint8Array;
}

const BundleType = new ContainerType({
  height: uint32,
  ballots: new ListCompositeType(bytes32, MAX_BUNDLE_BALLOTS),
  evidence: new ListCompositeType(new VectorCompositeType(bytes32, 2), MAX_VALIDATORS),
  prices: new ListBasicType(uint64, 1 + MAX_INSTRUMENTS),
  observedS: uint64,
  clockS: uint64,
  signature: bytes64,
});
export const MAX_BUNDLE_BYTES =
  256 + 32 * MAX_BUNDLE_BALLOTS + 64 * MAX_VALIDATORS + 8 * (1 + MAX_INSTRUMENTS);
const bundleCodec = codec(BundleType, MAX_BUNDLE_BYTES);
const idBytes = (id: BallotId): Uint8Array => fromHex(id)!;
const idOf = (bytes: Uint8Array): BallotId => ballotId(toHex(bytes));

/** @returns the canonical encoding, at most MAX_BUNDLE_BYTES. */
export function encodeBundle(bundle: Bundle): Uint8Array {
  return bundleCodec.encode({
    height: bundle.height,
    ballots: bundle.ballots.map(idBytes),
    evidence: bundle.evidence.map((pair) => pair.map(idBytes)),
    prices: [...bundle.report.prices],
    observedS: bundle.report.observedS,
    clockS: bundle.report.clockS,
    signature: bundle.signature,
  });
}

/** @returns undefined unless canonical, ids ascending and distinct, each evidence pair of two different ids. Never throws. */
export function decodeBundle(bytes: Uint8Array): Bundle | undefined {
  const raw = bundleCodec.decode(bytes);
  if (raw === undefined) return undefined;
  const ballots = raw.ballots.map(idOf);
  const evidence = raw.evidence.map((pair) => [idOf(pair[0]!), idOf(pair[1]!)] as const);
  if (!ascends(ballots) || !ascends(evidence.map(([a]) => a)) || evidence.some(([a, b]) => a >= b))
    return undefined;
  const report = { prices: raw.prices, observedS: raw.observedS, clockS: raw.clockS };
  return { height: height(raw.height), ballots, evidence, report, signature: raw.signature };
}

const ascends = (ids: readonly string[]): boolean => ids.every((id, i) => i === 0 || ids[i - 1]! < id);

/** What is signed of a bundle: its encoding without the signature. */
export const bundleBody = (bundle: Omit<Bundle, 'signature'>): Uint8Array =>
  encodeBundle({ ...bundle, signature: NO_SIGNATURE });
const NO_SIGNATURE = new Uint8Array(64);

/** Signs one's bundle. @param secret Ed25519 seed, 32 bytes. @param signBy who signs */
export const signBundle = (
  domain: EpochDomain,
  bundle: Omit<Bundle, 'signature'>,
  secret: Uint8Array,
  signBy?: ValidatorCrypto['sign'],
): Bundle => ({
  ...bundle,
  signature: signWord(secret, domain, 'bundle', bundle.height, bundleBody(bundle), signBy),
});

/** @param verify who checks signatures. @returns whether the proposer signed this bundle. Never throws. */
export function verifyBundle(
  domain: EpochDomain,
  bundle: Bundle,
  publicKey: Uint8Array,
  verify?: BatchKernels['verifySignature'],
): boolean {
  const word = { digest: wordDigest(bundleBody(bundle)), signature: bundle.signature };
  return isSignedWord(publicKey, domain, 'bundle', bundle.height, word, verify);
}
