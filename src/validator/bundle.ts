import { ContainerType, ListBasicType, ListCompositeType, VectorCompositeType } from '@chainsafe/ssz';
import { concatBytes, fromHex, toHex } from '../base/bytes.ts';
import { bytes32, bytes64, codec, uint32, uint64 } from '../base/codec.ts';
import { hashBytes } from '../crypto/hash.ts';
import { sign, verifySignature } from '../crypto/signature.ts';
import { domainBytes, type EpochDomain } from '../ledger/epoch-config.ts';
import { type BallotId, ballotId, type Height, height } from '../params/ids.ts';
import { MAX_BUNDLE_BALLOTS, MAX_INSTRUMENTS, MAX_VALIDATORS } from '../params/sizes.ts';
import { u32 } from './ballot.ts';

/** What one validator's feed said last, signed by it: one price per oracle feed and the time they are of. */
export interface OracleReport {
  /** Units per 1 underlying (feed 0) or ppm a year (vols), each below 2^64. */
  readonly prices: readonly bigint[];
  /** Unix seconds. A validator without a feed repeats its last report with its old time. */
  readonly timeS: bigint;
}

/** A proposal to the ACS of one height: which ballots to count, and an oracle report. */
export interface Bundle {
  readonly height: Height;
  /** ≥ q ballots of distinct nullifiers, ascending by id. */
  readonly ballots: readonly BallotId[];
  /** Pairs of different ballots of one nullifier: equivocations the proposer has seen. Lower id first, ascending. */
  readonly evidence: readonly (readonly [BallotId, BallotId])[];
  readonly report: OracleReport;
  /** Ed25519 over (chain, epoch, height, report). */
  readonly signature: Uint8Array;
}

const BundleType = new ContainerType({
  height: uint32,
  ballots: new ListCompositeType(bytes32, MAX_BUNDLE_BALLOTS),
  evidence: new ListCompositeType(new VectorCompositeType(bytes32, 2), MAX_VALIDATORS),
  prices: new ListBasicType(uint64, 1 + MAX_INSTRUMENTS),
  timeS: uint64,
  signature: bytes64,
});
export const MAX_BUNDLE_BYTES =
  256 + 32 * MAX_BUNDLE_BALLOTS + 64 * MAX_VALIDATORS + 8 * (1 + MAX_INSTRUMENTS);
const bundleCodec = codec(BundleType, MAX_BUNDLE_BYTES);
const ReportType = new ContainerType({
  prices: new ListBasicType(uint64, 1 + MAX_INSTRUMENTS),
  timeS: uint64,
});
const reportCodec = codec(ReportType, 256);

const idBytes = (id: BallotId): Uint8Array => fromHex(id)!;
const idOf = (bytes: Uint8Array): BallotId => ballotId(toHex(bytes));

/** @returns the canonical encoding, at most MAX_BUNDLE_BYTES. */
export function encodeBundle(bundle: Bundle): Uint8Array {
  return bundleCodec.encode({
    height: bundle.height,
    ballots: bundle.ballots.map(idBytes),
    evidence: bundle.evidence.map((pair) => pair.map(idBytes)),
    prices: [...bundle.report.prices],
    timeS: bundle.report.timeS,
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
  const report = { prices: raw.prices, timeS: raw.timeS };
  return { height: height(raw.height), ballots, evidence, report, signature: raw.signature };
}

const ascends = (ids: readonly string[]): boolean => ids.every((id, i) => i === 0 || ids[i - 1]! < id);

function reportMessage(domain: EpochDomain, at: Height, report: OracleReport): Uint8Array {
  const encoded = reportCodec.encode({ prices: [...report.prices], timeS: report.timeS });
  return hashBytes('oraclePrice', concatBytes(domainBytes(domain), u32(at), encoded));
}

/** Signs one's report for one height. @param secret Ed25519 seed, 32 bytes */
export function signReport(
  domain: EpochDomain,
  at: Height,
  report: OracleReport,
  secret: Uint8Array,
): Uint8Array {
  return sign(secret, reportMessage(domain, at, report));
}

/** @returns whether the proposer signed this report for this height. Never throws. */
export function verifyReport(domain: EpochDomain, bundle: Bundle, publicKey: Uint8Array): boolean {
  return verifySignature(publicKey, reportMessage(domain, bundle.height, bundle.report), bundle.signature);
}
