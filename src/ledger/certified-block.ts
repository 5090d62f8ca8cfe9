import { BitArray, BitListType, ByteListType, ContainerType } from '@chainsafe/ssz';
import { equalBytes } from '../base/bytes.ts';
import { bytes32, bytes96, codec } from '../base/codec.ts';
import type { Certificate } from '../crypto/certificate.ts';
import { MAX_VALIDATORS } from '../params/sizes.ts';
import {
  type Block,
  decodeBlock,
  encodeBlock,
  type Header,
  HeaderType,
  headerHash,
  headerOf,
  MAX_BLOCK_BYTES,
  settlementHash,
} from './block.ts';
import { type EpochConfig, type EpochDomain, isCertified } from './epoch-config.ts';

/** A block with the certificate of its settlement: what a store keeps of a height, and what a late node needs of it. */
export interface CertifiedBlock {
  readonly block: Block;
  /** Over (height, state root, receipts root) after this block. */
  readonly settlementCertificate: Certificate;
}

/**
 * Both certificates of a height with what they are about, and nothing else of it: whoever settled the height can compare
 * it with its own result, and whoever did not learns that a quorum did. The whole header is in it, because its hash alone
 * would let the header's certificate of one height stand beside the settlement certificate of another.
 */
export interface Certification {
  readonly header: Header;
  /** Roots after this height, 32 bytes each. */
  readonly stateRoot: Uint8Array;
  readonly receiptsRoot: Uint8Array;
  /** Over the header. */
  readonly certificate: Certificate;
  /** Over (height, state root, receipts root). */
  readonly settlementCertificate: Certificate;
}

const signersType = new BitListType(MAX_VALIDATORS);
const CertifiedBlockType = new ContainerType({
  block: new ByteListType(MAX_BLOCK_BYTES),
  signers: signersType,
  signature: bytes96,
});
const CertificationType = new ContainerType({
  header: HeaderType,
  stateRoot: bytes32,
  receiptsRoot: bytes32,
  signers: signersType,
  signature: bytes96,
  settlementSigners: signersType,
  settlementSignature: bytes96,
});
const certifiedBlockCodec = codec(CertifiedBlockType);
const certificationCodec = codec(CertificationType);

/** Bytes of an encoded certified block, at most; it fits into one message. */
export const MAX_CERTIFIED_BLOCK_BYTES = CertifiedBlockType.maxSize;
/** Bytes of an encoded certification, at most. */
export const MAX_CERTIFICATION_BYTES = CertificationType.maxSize;

const bits = ({ signers }: Certificate): BitArray => BitArray.fromBoolArray([...signers]);

/** @returns the canonical encoding, at most MAX_CERTIFIED_BLOCK_BYTES. */
export function encodeCertifiedBlock({ block, settlementCertificate }: CertifiedBlock): Uint8Array {
  const { signature } = settlementCertificate;
  return certifiedBlockCodec.encode({
    block: encodeBlock(block),
    signers: bits(settlementCertificate),
    signature,
  });
}

/** @returns undefined unless the encoding and the block's form are right; the certificates are still hostile. Never throws. */
export function decodeCertifiedBlock(bytes: Uint8Array): CertifiedBlock | undefined {
  const body = certifiedBlockCodec.decode(bytes);
  const block = body === undefined ? undefined : decodeBlock(body.block);
  if (body === undefined || block === undefined) return undefined;
  const { signers, signature } = body;
  return { block, settlementCertificate: { signers: signers.toBoolArray(), signature } };
}

/** @returns the canonical encoding, at most MAX_CERTIFICATION_BYTES. */
export function encodeCertification(certification: Certification): Uint8Array {
  const { header, stateRoot, receiptsRoot, certificate, settlementCertificate } = certification;
  return certificationCodec.encode({
    header: { ...header, medians: [...header.medians] },
    stateRoot,
    receiptsRoot,
    signers: bits(certificate),
    signature: certificate.signature,
    settlementSigners: bits(settlementCertificate),
    settlementSignature: settlementCertificate.signature,
  });
}

/** @returns undefined for anything but the canonical encoding; the certificates are still hostile. Never throws. */
export function decodeCertification(bytes: Uint8Array): Certification | undefined {
  const body = certificationCodec.decode(bytes);
  if (body === undefined) return undefined;
  return {
    header: headerOf(body.header),
    stateRoot: body.stateRoot,
    receiptsRoot: body.receiptsRoot,
    certificate: { signers: body.signers.toBoolArray(), signature: body.signature },
    settlementCertificate: {
      signers: body.settlementSigners.toBoolArray(),
      signature: body.settlementSignature,
    },
  };
}

/** Whether quorums of this epoch's committee signed the header and the roots, taken as they stand. */
export function verifyCertification(
  epoch: EpochConfig,
  domain: EpochDomain,
  certification: Certification,
): boolean {
  const { header, stateRoot, receiptsRoot, certificate, settlementCertificate } = certification;
  const isOurs =
    equalBytes(header.chainHash, domain.chainHash) && equalBytes(header.epochHash, domain.epochHash);
  if (!isOurs) return false;
  const settled = settlementHash({ ...domain, height: header.height, stateRoot, receiptsRoot });
  return (
    isCertified(epoch, headerHash(header), certificate) && isCertified(epoch, settled, settlementCertificate)
  );
}
