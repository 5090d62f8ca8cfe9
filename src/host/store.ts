import type { Height } from '../params/ids.ts';

/** What a store holds of one stretch of a validator's life. */
export interface Segment {
  /** The state as it began; undefined: the state at genesis. */
  readonly snapshot: Uint8Array | undefined;
  /** What was appended since then. Its end may be torn: a crash leaves any part of what was not durable. */
  readonly log: Uint8Array;
}

/**
 * Where a host keeps what has to survive a crash. Calls take effect in their order, and what they were given is not changed
 * afterwards. No secret enters it: a medium keeps deleted bytes.
 */
export interface Store {
  /** 16 random bytes if an earlier store of this validator was lost while its keys are left: its host then says nothing that could contradict what is forgotten. */
  readonly forgotten: Uint8Array | undefined;
  /** All there is, oldest first: at most two segments; one from genesis if nothing was ever stored. */
  load(): readonly Segment[];
  /** Cuts the last segment's log to its first `length` bytes. */
  cut(length: number): void;
  /** Adds to the last segment's log. @param onDurable called once when all of it survives a crash, now or later */
  append(bytes: Uint8Array, onDurable: () => void): void;
  /** Begins a segment, whole or not at all. Older ones go, but for the one before it: a snapshot may turn out to be damaged. */
  begin(snapshot: Uint8Array): void;
  /** Keeps what somebody who joins the next epoch needs beside the block of this one's last height, whole or not at all. */
  putEnd(bytes: Uint8Array): void;
  end(): Uint8Array | undefined;
  /** Keeps the block of a height with its certificates, whole or not at all. */
  putBlock(height: Height, bytes: Uint8Array): void;
  block(height: Height): Uint8Array | undefined;
}
