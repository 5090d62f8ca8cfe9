/** What a clock makes a validator do. */
export interface TimedInputs {
  /** Report prices and clock. */
  observe(): void;
  announce(): void;
  ballot(): void;
  resend(): void;
  /** Whether proofs of others are being verified: announcements and a ballot wait for what they bring. */
  isVerifying(): boolean;
}

const ANNOUNCE_MS = 100;
/** What was admitted is announced when nothing more came for this long, and this long after what was announced before, ms. */
const ANNOUNCE_QUIET_MS = 10;
const ANNOUNCE_APART_MS = 50;
/** After the last thing that happened, announcements and prices go on for this long, ms. */
const ACTIVE_MS = 2_000;
const OBSERVE_MS = 1_000;
const IDLE_OBSERVE_MS = 10_000;
/** A ballot waits until no item was admitted for this long, and this long in all, ms. */
const BALLOT_QUIET_MS = 20;
const BALLOT_LATEST_MS = 1_000;
const FIRST_RESEND_MS = 500;
const LAST_RESEND_MS = 8_000;

/**
 * The timers of a validator. Clocks decide when something is sent and never what is valid. While nothing happens there are no ticks of
 * announcements, so an idle validator writes next to nothing into its log.
 */
export class NodeTimers {
  readonly #inputs: TimedInputs;
  readonly #tick: NodeJS.Timeout;
  #announce: NodeJS.Timeout | undefined;
  #announcedMs = 0;
  #ballot: NodeJS.Timeout | undefined;
  #ballotSince = 0;
  #admittedMs = Number.NEGATIVE_INFINITY;
  #activeMs = 0;
  #observedMs = 0;
  #resentMs: number;
  #resendAfterMs = FIRST_RESEND_MS;

  constructor(inputs: TimedInputs) {
    this.#inputs = inputs;
    this.#resentMs = performance.now();
    inputs.observe();
    this.#observedMs = performance.now();
    this.#tick = setInterval(() => this.#onTick(), ANNOUNCE_MS);
  }

  /** Something came from outside: an item, a frame, an answer. */
  active(): void {
    this.#activeMs = performance.now();
  }

  /** An item was admitted: it is announced soon, and more may follow it into the same ballot. */
  admitted(): void {
    this.#admittedMs = performance.now();
    if (this.#announce === undefined) this.#announceIn(ANNOUNCE_QUIET_MS);
    if (this.#ballot !== undefined) this.#ballotSoon();
  }

  /** There is something to vote on in the height in progress. */
  votable(): void {
    if (this.#ballot !== undefined) return;
    this.progressed();
    this.#ballotSince = performance.now();
    this.#ballotSoon();
  }

  /** A height began: the timer of the one before is over. */
  began(): void {
    clearTimeout(this.#ballot);
    this.#ballot = undefined;
  }

  /** A height got further, or a link is up: what is missing may be on its way again. */
  progressed(): void {
    this.#resendAfterMs = FIRST_RESEND_MS;
    this.#resentMs = performance.now();
  }

  close(): void {
    clearInterval(this.#tick);
    clearTimeout(this.#announce);
    clearTimeout(this.#ballot);
  }

  #ballotSoon(): void {
    const now = performance.now();
    const quietMs = this.#admittedMs + BALLOT_QUIET_MS - now;
    const leftMs = this.#ballotSince + BALLOT_LATEST_MS - now;
    clearTimeout(this.#ballot);
    this.#ballot = setTimeout(() => this.#onBallot(), Math.max(0, Math.min(quietMs, leftMs)));
  }

  #onBallot(): void {
    const isLate = performance.now() - this.#ballotSince >= BALLOT_LATEST_MS;
    if (this.#inputs.isVerifying() && !isLate) {
      this.#ballot = setTimeout(() => this.#onBallot(), BALLOT_QUIET_MS);
      return;
    }
    this.#ballot = undefined;
    this.#observe();
    this.#inputs.ballot();
  }

  #announceIn(ms: number): void {
    this.#announce = setTimeout(() => this.#onAnnounce(), ms);
  }

  /** The tick does it at the latest. */
  #onAnnounce(): void {
    const now = performance.now();
    const waitMs = Math.max(
      this.#admittedMs + ANNOUNCE_QUIET_MS - now,
      this.#announcedMs + ANNOUNCE_APART_MS - now,
      this.#inputs.isVerifying() ? ANNOUNCE_QUIET_MS : 0,
    );
    if (waitMs > 0) this.#announceIn(waitMs);
    else this.#tell();
  }

  #tell(): void {
    clearTimeout(this.#announce);
    this.#announce = undefined;
    this.#announcedMs = performance.now();
    this.#inputs.announce();
  }

  #onTick(): void {
    const now = performance.now();
    const isActive = now - this.#activeMs < ACTIVE_MS;
    if (now - this.#observedMs >= (isActive ? OBSERVE_MS : IDLE_OBSERVE_MS)) this.#observe();
    if (isActive && now - this.#announcedMs >= ANNOUNCE_APART_MS) this.#tell();
    if (now - this.#resentMs < this.#resendAfterMs) return;
    this.#resentMs = now;
    this.#resendAfterMs = Math.min(LAST_RESEND_MS, 2 * this.#resendAfterMs);
    this.#inputs.resend();
  }

  #observe(): void {
    this.#observedMs = performance.now();
    this.#inputs.observe();
  }
}
