import type { ValidatorIndex } from '../../params/ids.ts';

/** Kinds of broadcast messages in the order of their wire numbers. */
export const RBC_KINDS = ['propose', 'echo', 'ready', 'pull', 'payload', 'val', 'shard'] as const;
export type RbcKind = (typeof RBC_KINDS)[number];

/**
 * One message of one broadcast. One shape for all kinds, so that a counter's code meets one kind of object.
 * propose, payload: bytes are the payload; echo, ready: its 32-byte digest or root; pull: empty; val, shard: root,
 * branch and shard of an AVID broadcast, to the shard's own validator and on from it.
 */
export interface RbcMessage {
  readonly kind: RbcKind;
  /** Whose broadcast this is. */
  readonly proposer: ValidatorIndex;
  readonly bytes: Uint8Array;
}

/** Whether a part's bytes have any length, which is then encoded with them. */
export const hasLength = (kind: RbcKind): boolean => kind !== 'echo' && kind !== 'ready' && kind !== 'pull';
