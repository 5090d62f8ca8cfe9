import { concatBytes } from '../../base/bytes.ts';
import { type ValidatorIndex, validatorIndex } from '../../params/ids.ts';
import { MAX_FRAME_BYTES } from '../../params/sizes.ts';

/** What members say to each other while they generate keys. The transport authenticates the sender; the bytes are hostile. */
export type GenesisMessage =
  /** A frame of the common subset. */
  | { readonly kind: 'acs'; readonly bytes: Uint8Array }
  /** BLS share over the epoch that its sender came to, 96 bytes. */
  | { readonly kind: 'agreed'; readonly signature: Uint8Array }
  /** A dealing whose proofs hold gave its sender no shares: what `proveMismatch` shows. */
  | { readonly kind: 'alarm'; readonly dealer: ValidatorIndex; readonly mismatch: Uint8Array };

const ACS = 0;
const AGREED = 1;
const ALARM = 2;
const SIGNATURE_BYTES = 96;
const MISMATCH_BYTES = 128;

/** One kind byte, then the body; of an alarm the dealer, one byte, comes first. */
export function encodeGenesisMessage(message: GenesisMessage): Uint8Array {
  switch (message.kind) {
    case 'acs':
      return concatBytes(Uint8Array.of(ACS), message.bytes);
    case 'agreed':
      return concatBytes(Uint8Array.of(AGREED), message.signature);
    case 'alarm':
      return concatBytes(Uint8Array.of(ALARM, message.dealer), message.mismatch);
  }
}

/** @returns undefined for anything but the encoding of a message; of the common subset's frame only the length is judged. Never throws. */
export function decodeGenesisMessage(bytes: Uint8Array): GenesisMessage | undefined {
  const body = bytes.slice(1);
  switch (bytes[0]) {
    case ACS:
      return body.length <= MAX_FRAME_BYTES ? { kind: 'acs', bytes: body } : undefined;
    case AGREED:
      return body.length === SIGNATURE_BYTES ? { kind: 'agreed', signature: body } : undefined;
    case ALARM:
      if (body.length !== 1 + MISMATCH_BYTES) return undefined;
      return { kind: 'alarm', dealer: validatorIndex(body[0]!), mismatch: body.subarray(1) };
    default:
      return undefined;
  }
}
