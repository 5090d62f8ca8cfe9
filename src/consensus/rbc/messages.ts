import type { ValidatorIndex } from '../../params/ids.ts';

/** Kinds of broadcast messages in the order of their wire numbers. */
export const RBC_KINDS = ['propose', 'echo', 'ready', 'pull', 'payload'] as const;
export type RbcKind = (typeof RBC_KINDS)[number];

/**
 * One message of one broadcast. One shape for all kinds, so that a counter's code meets one kind of object.
 * propose, payload: bytes are the payload; echo, ready: its 32-byte digest; pull: empty.
 */
export interface RbcMessage {
  readonly kind: RbcKind;
  /** Whose broadcast this is. */
  readonly proposer: ValidatorIndex;
  readonly bytes: Uint8Array;
}
