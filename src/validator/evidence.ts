import { ContainerType } from '@chainsafe/ssz';
import { fromHex } from '../base/bytes.ts';
import { bytes32, codec, uint256 } from '../base/codec.ts';
import type { Evidence } from './tally.ts';

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
