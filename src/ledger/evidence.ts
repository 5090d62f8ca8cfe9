import { ContainerType } from '@chainsafe/ssz';
import { fromHex, toHex } from '../base/bytes.ts';
import { bytes32, codec, uint256 } from '../base/codec.ts';
import { type BallotId, ballotId } from '../params/ids.ts';

/** An equivocation: two ballots of one nullifier and the identity secret they reveal. */
export interface Evidence {
  readonly nullifier: bigint;
  readonly ballots: readonly [BallotId, BallotId];
  /** isk in F_r; public from here on. */
  readonly identitySecret: bigint;
}

const EvidenceType = new ContainerType({
  nullifier: uint256,
  first: bytes32,
  second: bytes32,
  identitySecret: uint256,
});
const evidenceCodec = codec(EvidenceType, EvidenceType.fixedSize!);

/** An equivocation as the block's evidence root commits to it: nullifier, both ballot ids, the secret they reveal. */
export function encodeEvidence({ nullifier, ballots, identitySecret }: Evidence): Uint8Array {
  const [first, second] = ballots;
  return evidenceCodec.encode({
    nullifier,
    first: fromHex(first)!,
    second: fromHex(second)!,
    identitySecret,
  });
}

/** @returns undefined for anything but the encoding of a piece of evidence. Never throws. */
export function decodeEvidence(bytes: Uint8Array): Evidence | undefined {
  const raw = evidenceCodec.decode(bytes);
  if (raw === undefined) return undefined;
  const { nullifier, first, second, identitySecret } = raw;
  return { nullifier, ballots: [ballotId(toHex(first)), ballotId(toHex(second))], identitySecret };
}
