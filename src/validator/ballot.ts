import { ByteVectorType, ContainerType, ListCompositeType } from '@chainsafe/ssz';
import { bigintToBytes, concatBytes, fromHex, toHex } from '../base/bytes.ts';
import { bytes32, codec, uint32, uint256 } from '../base/codec.ts';
import { hashBytes, hashToField } from '../crypto/hash.ts';
import { domainBytes, type EpochDomain } from '../ledger/epoch-config.ts';
import { r } from '../params/fields.ts';
import { type BallotId, ballotId, type Height, height, type ItemId, itemId } from '../params/ids.ts';
import { MAX_BALLOT_ITEMS, PROOF_BYTES } from '../params/sizes.ts';

/** An anonymous vote that lists items its author holds and has verified. Names no author. */
export interface Ballot {
  readonly height: Height;
  /** Ascending, distinct: arrival order would be a fingerprint. */
  readonly items: readonly ItemId[];
  /** One per identity secret and height. */
  readonly nullifier: bigint;
  /** RLN share y = isk + a1·x: two different ballots of one height reveal isk. */
  readonly y: bigint;
  readonly proof: Uint8Array;
}

const BallotType = new ContainerType({
  height: uint32,
  items: new ListCompositeType(bytes32, MAX_BALLOT_ITEMS),
  nullifier: uint256,
  y: uint256,
  proof: new ByteVectorType(PROOF_BYTES),
});
export const MAX_BALLOT_BYTES = 4 + 4 + 64 + PROOF_BYTES + 32 * MAX_BALLOT_ITEMS;
const ballotCodec = codec(BallotType, MAX_BALLOT_BYTES);

/** @returns the canonical encoding, at most MAX_BALLOT_BYTES. */
export function encodeBallot(ballot: Ballot): Uint8Array {
  return ballotCodec.encode({ ...ballot, items: ballot.items.map((id) => fromHex(id)!) });
}

/** @returns undefined unless the bytes are canonical, items ascend strictly and nullifier, y are below r. Never throws. */
export function decodeBallot(bytes: Uint8Array): Ballot | undefined {
  const raw = ballotCodec.decode(bytes);
  if (raw === undefined || raw.nullifier >= r || raw.y >= r) return undefined;
  const items = raw.items.map((id) => itemId(toHex(id)));
  if (items.some((id, i) => i > 0 && items[i - 1]! >= id)) return undefined;
  return { height: height(raw.height), items, nullifier: raw.nullifier, y: raw.y, proof: raw.proof };
}

/** scope = hash of (chain, epoch, height) in F_r: the ballots of one height and chain share it. Public. */
export function ballotScope(domain: EpochDomain, at: Height): bigint {
  return hashToField('ballotScope', domainBytes(domain), u32(at));
}

/**
 * x = hash of the listed ids in F_r, recomputed by every verifier: the only link between a ballot's list and its proof.
 * @param items ascending
 */
export function ballotMessage(scope: bigint, items: readonly ItemId[]): bigint {
  return hashToField('ballotMessage', bigintToBytes(scope, 32), ...items.map((id) => fromHex(id)!));
}

/** S1's public signals in the circuit's order: nullifier, y, committeeRoot, scope, x. */
export function ballotSignals(ballot: Ballot, committeeRoot: bigint, scope: bigint): bigint[] {
  return [ballot.nullifier, ballot.y, committeeRoot, scope, ballotMessage(scope, ballot.items)];
}

/** A ballot's name: the hash of its statement, never of its proof bytes (Groth16 proofs can be re-randomised). */
export function ballotIdOf(ballot: Ballot, scope: bigint): BallotId {
  const words = [scope, ballotMessage(scope, ballot.items), ballot.nullifier, ballot.y];
  return ballotId(toHex(hashBytes('ballotId', ...words.map((w) => bigintToBytes(w, 32)))));
}

/** Four bytes, big-endian. */
export const u32 = (n: number): Uint8Array => bigintToBytes(BigInt(n), 4);

/** Names one copy of a statement with one proof: INVALID is remembered by this, or one flipped byte would censor. */
export function copyKey(statementId: string, proof: Uint8Array): string {
  return toHex(hashBytes('copy', concatBytes(fromHex(statementId)!, proof)));
}
