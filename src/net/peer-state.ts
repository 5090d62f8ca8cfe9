import type { TLSSocket } from 'node:tls';
import type { ValidatorIndex } from '../params/ids.ts';
import type { Link } from './link.ts';
import type { Address, PeerStatus } from './transport.ts';

/** Attempts to reach a peer come in these intervals, ms: doubled from the first to the last, for ever. */
const FIRST_REDIAL_MS = 100;
const LAST_REDIAL_MS = 2_000;
/** How long a peer that breaks the rules of the stream is left alone, ms: doubled each time up to the last. */
const FIRST_BAN_MS = 500;
const LAST_BAN_MS = 30_000;

/** Faults of the protocol after which a peer is left alone as well, and how many of them are forgiven a second. */
const MOST_FAULTS = 64;
const FORGIVEN_PER_S = 1;

/** What a transport knows of one peer. */
export class PeerState {
  readonly index: ValidatorIndex;
  readonly address: Address;
  /** The stream that is up. */
  link: Link | undefined;
  /** Authenticated, and its hello is awaited. */
  greeting: Link | undefined;
  /** Being dialled. */
  dialling: TLSSocket | undefined;
  redial: NodeJS.Timeout | undefined;
  /** Number of the newest frame that was written to the stream or that the peer had before. */
  sent = 0;
  /** The acknowledgement that found no room. */
  ackDue: number | undefined;
  connects = 0;
  violations = 0;
  /** Whether its last hello was of another version of the stream. */
  isOtherVersion = false;
  /** When a stream of this peer was accepted last, ms. */
  acceptedMs = Number.NEGATIVE_INFINITY;
  #failures = 0;
  /** Faults that are not forgiven, as of a time, ms. */
  #faults = 0;
  #faultsMs = 0;
  #bannedUntilMs = Number.NEGATIVE_INFINITY;
  /** Of streams that are over. */
  #bytesIn = 0;
  #bytesOut = 0;

  constructor(index: ValidatorIndex, address: Address) {
    this.index = index;
    this.address = address;
  }

  isBanned(nowMs: number): boolean {
    return nowMs < this.#bannedUntilMs;
  }

  /** It broke the rules of the stream. */
  violated(nowMs: number): void {
    this.#bannedUntilMs = nowMs + Math.min(LAST_BAN_MS, FIRST_BAN_MS * 2 ** Math.min(this.violations, 16));
    this.violations += 1;
  }

  /** It sent what no correct validator sends. @returns whether it has done so too often */
  blamed(nowMs: number): boolean {
    const forgiven = ((nowMs - this.#faultsMs) / 1000) * FORGIVEN_PER_S;
    this.#faults = Math.max(0, this.#faults - forgiven) + 1;
    this.#faultsMs = nowMs;
    if (this.#faults <= MOST_FAULTS) return false;
    this.#faults = 0;
    this.violated(nowMs);
    return true;
  }

  /** Its hello was answered. */
  reached(link: Link): void {
    this.#failures = 0;
    this.connects += 1;
    this.link = link;
  }

  /** @returns when it is to be dialled next, ms from now: a little at random, so that many do not come at once */
  nextDialMs(nowMs: number): number {
    const backoff = Math.min(LAST_REDIAL_MS, FIRST_REDIAL_MS * 2 ** Math.min(this.#failures, 16));
    this.#failures += 1;
    return Math.max(this.#bannedUntilMs - nowMs, backoff * (0.75 + Math.random() / 2));
  }

  /** A stream of it is over. */
  closed(link: Link): void {
    this.#bytesIn += link.bytesIn;
    this.#bytesOut += link.bytesOut;
  }

  status(nowMs: number): PeerStatus {
    const { index, address, link, connects, violations, isOtherVersion } = this;
    return {
      index,
      address,
      isUp: link !== undefined,
      isOtherVersion,
      connects,
      violations,
      bannedMs: Math.max(0, Math.ceil(this.#bannedUntilMs - nowMs)),
      bytesIn: this.#bytesIn + (link?.bytesIn ?? 0),
      bytesOut: this.#bytesOut + (link?.bytesOut ?? 0),
    };
  }
}
