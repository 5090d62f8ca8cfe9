import { ContainerType, ListCompositeType } from '@chainsafe/ssz';
import { byteList, codec, uint8, uint32 } from '../../base/codec.ts';
import { MAX_PAYLOAD_BYTES } from '../../params/sizes.ts';
import {
  hashType,
  NO_CERTIFICATE,
  type Quorate,
  quorateType,
  signatureType,
  writable,
} from '../pbft/messages.ts';

/**
 * generic: a leader's block; vote: a signed vote on one; new-view: who gave a view up, with its highest certificate. ask and
 * block fetch what a certificate names and the asker lacks; decided: the certificate by which its sender committed.
 */
export const HOTSTUFF_KINDS = ['generic', 'vote', 'new-view', 'ask', 'block', 'decided'] as const;
export type HotStuffKind = (typeof HOTSTUFF_KINDS)[number];

/** One message of HotStuff. One shape for all kinds; what a kind does not use is empty. */
export interface HotStuffMessage {
  readonly kind: HotStuffKind;
  readonly view: number;
  /** What a block proposes; undefined for one that proposes nothing. */
  readonly payload: Uint8Array | undefined;
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
  readonly certificate: Quorate;
}

const EMPTY = new Uint8Array(0);

/** A message with what its kind does not use left empty. */
export const hotStuffMessage = (
  fields: Pick<HotStuffMessage, 'kind' | 'view'> & Partial<HotStuffMessage>,
): HotStuffMessage => ({
  payload: undefined,
  digest: EMPTY,
  signature: EMPTY,
  certificate: NO_CERTIFICATE,
  ...fields,
});

const wire = codec(
  new ContainerType({
    kind: uint8,
    view: uint32,
    payloads: new ListCompositeType(byteList(MAX_PAYLOAD_BYTES), 1),
    digest: hashType,
    signature: signatureType,
    certificate: quorateType,
  }),
);

export const encodeHotStuff = ({ payload, ...message }: HotStuffMessage): Uint8Array =>
  wire.encode({
    ...message,
    kind: HOTSTUFF_KINDS.indexOf(message.kind),
    payloads: payload === undefined ? [] : [payload],
    certificate: writable(message.certificate),
  });

/** @returns undefined for what `encodeHotStuff` does not produce; never throws */
export function decodeHotStuff(bytes: Uint8Array): HotStuffMessage | undefined {
  const message = wire.decode(bytes);
  const kind = HOTSTUFF_KINDS[message?.kind ?? HOTSTUFF_KINDS.length];
  if (message === undefined || kind === undefined) return undefined;
  const { payloads, ...rest } = message;
  return { ...rest, kind, payload: payloads[0] };
}
