import { ContainerType, ListCompositeType } from '@chainsafe/ssz';
import { byteList, codec, uint8, uint32 } from '../../base/codec.ts';
import { MAX_PAYLOAD_BYTES, MAX_VALIDATORS } from '../../params/sizes.ts';

export const PBFT_KINDS = ['pre-prepare', 'prepare', 'commit', 'view-change', 'new-view', 'decided'] as const;
export type PbftKind = (typeof PBFT_KINDS)[number];

/** One validator's signature on what the list that holds it is about. */
export interface Signed {
  readonly by: number;
  readonly signature: Uint8Array;
}
/** q signatures on (step, view, digest); no signatures: no certificate. */
export interface Quorate {
  readonly view: number;
  readonly digest: Uint8Array;
  readonly signatures: readonly Signed[];
}
/** A VIEW-CHANGE as a NEW-VIEW repeats it. */
export interface Change {
  readonly by: number;
  readonly signature: Uint8Array;
  readonly prepared: Quorate;
}

/** One message of PBFT. One shape for all kinds; what a kind does not use is empty. */
export interface PbftMessage {
  readonly kind: PbftKind;
  readonly view: number;
  readonly proposer: number;
  readonly payload: Uint8Array;
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
  readonly certificate: Quorate;
  readonly changes: readonly Change[];
}

const EMPTY = new Uint8Array(0);
export const NO_CERTIFICATE: Quorate = { view: 0, digest: EMPTY, signatures: [] };

/** A message with what its kind does not use left empty. */
export const pbftMessage = (
  fields: Pick<PbftMessage, 'kind' | 'view'> & Partial<PbftMessage>,
): PbftMessage => ({
  proposer: 0,
  payload: EMPTY,
  digest: EMPTY,
  signature: EMPTY,
  certificate: NO_CERTIFICATE,
  changes: [],
  ...fields,
});

export const hashType = byteList(32);
export const signatureType = byteList(64);
const signed = new ContainerType({ by: uint8, signature: signatureType });
export const quorateType = new ContainerType({
  view: uint32,
  digest: hashType,
  signatures: new ListCompositeType(signed, MAX_VALIDATORS),
});
const change = new ContainerType({ by: uint8, signature: signatureType, prepared: quorateType });
const wire = codec(
  new ContainerType({
    kind: uint8,
    view: uint32,
    proposer: uint8,
    payload: byteList(MAX_PAYLOAD_BYTES),
    digest: hashType,
    signature: signatureType,
    certificate: quorateType,
    changes: new ListCompositeType(change, MAX_VALIDATORS),
  }),
);

export const encodePbft = (message: PbftMessage): Uint8Array =>
  wire.encode({
    ...message,
    kind: PBFT_KINDS.indexOf(message.kind),
    certificate: writable(message.certificate),
    changes: message.changes.map((each) => ({ ...each, prepared: writable(each.prepared) })),
  });

/** @returns undefined for what `encodePbft` does not produce; never throws */
export function decodePbft(bytes: Uint8Array): PbftMessage | undefined {
  const message = wire.decode(bytes);
  const kind = PBFT_KINDS[message?.kind ?? PBFT_KINDS.length];
  return message === undefined || kind === undefined ? undefined : { ...message, kind };
}

/** A certificate as the encoding takes it. */
export const writable = ({ view, digest, signatures }: Quorate) => ({
  view,
  digest,
  signatures: [...signatures],
});
