import type { NumberedFrame } from '../host/outbox.ts';
import type { ValidatorIndex } from '../params/ids.ts';
import type { LinkNumbers } from './wire.ts';

/** Where a process listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What a transport asks its owner, and tells it. Calls for one peer come in the order in which things happened. */
export interface TransportOwner {
  /** What has come from a peer so far. */
  numbersOf(peer: ValidatorIndex): LinkNumbers;
  /** The stream to a peer is up, and the peer has these frames already. */
  onUp(peer: ValidatorIndex, numbers: LinkNumbers): void;
  onDown(peer: ValidatorIndex): void;
  /** A frame in the order of its link. @param bytes hostile, at most MAX_MESSAGE_BYTES */
  onFrame(peer: ValidatorIndex, number: number, bytes: Uint8Array): void;
  /** A peer has everything up to this number for good. @param number hostile */
  onAcknowledged(peer: ValidatorIndex, number: number): void;
  /** The frames above a number that may leave and that a peer has not acknowledged, ascending. */
  waiting(peer: ValidatorIndex, above: number): readonly NumberedFrame[];
}

/** How a peer stands, for people. */
export interface PeerStatus {
  readonly index: ValidatorIndex;
  readonly address: Address;
  readonly isUp: boolean;
  /** Whether its last hello was of another version of the stream: one of the two is to be upgraded. */
  readonly isOtherVersion: boolean;
  /** Times that its stream came up. */
  readonly connects: number;
  /** Times that it was left alone: for malformed or oversized units, another chain, or many faults of the protocol. */
  readonly violations: number;
  /** For how long it is left alone from now on because of the last of them, ms. */
  readonly bannedMs: number;
  /** Bytes of units, without what TLS adds. */
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/**
 * Carries frames between the validators of one epoch: one authenticated stream for each pair, frames in order. Nothing is stored in it:
 * what a stream loses is in the owner's outbox, and is taken from there when the next one is up or the socket has room again.
 */
export interface Transport {
  /** Begins to accept and to dial. */
  open(): void;
  /** There is a frame for a peer; it leaves at once, or when the stream has room for it. */
  send(to: ValidatorIndex, number: number, bytes: Uint8Array): void;
  /** Everything up to this number came from a peer and is durable. */
  acknowledge(to: ValidatorIndex, number: number): void;
  /** A peer has sent what no correct validator sends. Who does so too often is left alone for a while. */
  blame(peer: ValidatorIndex): void;
  peers(): readonly PeerStatus[];
  /** Ends all streams and accepts none. */
  close(): void;
}
