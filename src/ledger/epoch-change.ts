import { BitArray, BitListType, ContainerType, ListCompositeType } from '@chainsafe/ssz';
import { equalBytes } from '../base/bytes.ts';
import { byteList, bytes96, codec } from '../base/codec.ts';
import type { Certificate } from '../crypto/certificate.ts';
import { MAX_EVIDENCE_BYTES, MAX_VALIDATORS } from '../params/sizes.ts';
import { type Block, type Header, HeaderType, headerHash, headerOf } from './block.ts';
import type { ChainGenesis } from './chain-genesis.ts';
import { type EpochConfig, epochDomain, isCertified } from './epoch-config.ts';
import { hashOrdering, MAX_SUMMARY_BYTES, rotationIn } from './ordering-encoding.ts';
import type { OrderingState } from './ordering-state.ts';
import { piecesOf } from './replay.ts';
import { turned, withEvidence } from './rotation/rotation.ts';
import {
  decodeRotation,
  encodeRotation,
  hashRotation,
  MAX_ROTATION_BYTES,
} from './rotation/rotation-encoding.ts';

/**
 * What convinces whoever knows the committee of one epoch of the next one, without a block: the header of the epoch's last height, which
 * that committee signed, binds the ordering state before it, and that state the configuration of the next epoch. Public.
 */
export interface EpochChange {
  /** Of the epoch's last height. */
  readonly header: Header;
  /** Over the header. */
  readonly certificate: Certificate;
  /** Of that height: who is found guilty in it has no vote in the next epoch. Encoded pieces. */
  readonly evidence: readonly Uint8Array[];
  /** What the header's ordering root is the hash of (`orderingSummary`). */
  readonly ordering: Uint8Array;
  /** What the rotation's root in it is the hash of. */
  readonly rotation: Uint8Array;
}

const ChangeType = new ContainerType({
  header: HeaderType,
  signers: new BitListType(MAX_VALIDATORS),
  signature: bytes96,
  evidence: new ListCompositeType(byteList(MAX_EVIDENCE_BYTES), MAX_VALIDATORS),
  ordering: byteList(MAX_SUMMARY_BYTES),
  rotation: byteList(MAX_ROTATION_BYTES),
});
const changeCodec = codec(ChangeType);

/** @returns the canonical encoding */
export const encodeEpochChange = ({ header, certificate, evidence, ...shown }: EpochChange): Uint8Array =>
  changeCodec.encode({
    ...shown,
    header: { ...header, medians: [...header.medians] },
    signers: BitArray.fromBoolArray([...certificate.signers]),
    signature: certificate.signature,
    evidence: [...evidence],
  });

/** @returns undefined for anything but the canonical encoding; whether it convinces, `nextEpoch` says. Never throws. */
export function decodeEpochChange(bytes: Uint8Array): EpochChange | undefined {
  const body = changeCodec.decode(bytes);
  if (body === undefined) return undefined;
  const { signers, signature, evidence, ordering, rotation } = body;
  const certificate = { signers: signers.toBoolArray(), signature };
  return { header: headerOf(body.header), certificate, evidence, ordering, rotation };
}

/**
 * @param before ordering state at the start of the block's height
 * @returns what shows the next epoch, if the block is the last one of an epoch
 */
export function epochChangeOf(
  before: OrderingState,
  { header, certificate, evidence }: Pick<Block, 'header' | 'certificate' | 'evidence'>,
): EpochChange | undefined {
  const { rotation } = before;
  if (rotation.next?.firstHeight !== header.height + 1) return undefined;
  return { header, certificate, evidence, ordering: before.summary(), rotation: encodeRotation(rotation) };
}

/**
 * @param epoch  known to be one of this chain
 * @param change hostile
 * @returns the configuration of the epoch after it; undefined unless its committee certified it. Never throws.
 */
export function nextEpoch(
  chain: ChainGenesis,
  epoch: EpochConfig,
  { header, certificate, evidence, ordering, rotation: encoded }: EpochChange,
): EpochConfig | undefined {
  const domain = epochDomain(chain, epoch);
  const isOurs =
    equalBytes(header.chainHash, domain.chainHash) && equalBytes(header.epochHash, domain.epochHash);
  if (!isOurs || !isCertified(epoch, headerHash(header), certificate)) return undefined;
  const isShown =
    equalBytes(header.orderingRoot, hashOrdering(ordering)) &&
    equalBytes(rotationIn(ordering) ?? new Uint8Array(), hashRotation(encoded));
  const rotation = isShown ? decodeRotation(encoded) : undefined;
  const pieces = piecesOf(header, evidence);
  if (rotation?.next?.firstHeight !== header.height + 1 || pieces === undefined) return undefined;
  const guilty = withEvidence(
    rotation,
    pieces.map(({ identitySecret }) => identitySecret),
  );
  // The beacon seats a later committee: this epoch's is made already.
  return turned(guilty, header.height, new Uint8Array(64)).epoch;
}

/**
 * The epochs that changes of the committee lead to.
 * @param first   epoch of the chain
 * @param changes hostile, one for each epoch after another
 * @returns by number from 1; undefined unless each was certified by the committee before it. Never throws.
 */
export function epochsAlong(
  chain: ChainGenesis,
  first: EpochConfig,
  changes: readonly EpochChange[],
): EpochConfig[] | undefined {
  const epochs = [first];
  for (const change of changes) {
    const next = nextEpoch(chain, epochs.at(-1)!, change);
    if (next === undefined) return undefined;
    epochs.push(next);
  }
  return epochs;
}
