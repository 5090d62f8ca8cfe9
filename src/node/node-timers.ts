/** What a clock makes a validator do. */
export interface TimedInputs {
  /** Report prices and clock. */
  observe(): void;
  announce(): void;
  ballot(): void;
  resend(): void;
  /** Whether proofs of others are being verified: a ballot waits for what they bring. */
  isVerifying(): boolean;
}

const ANNOUNCE_MS = 100;
/** After the last thing that happened, announcements and prices go on for this long, ms. */
const ACTIVE_MS = 2_000;
const OBSERVE_MS = 1_000;
const IDLE_OBSERVE_MS = 10_000;
/** A ballot waits this long for more to come after the last item, and this long in all, ms. */
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
  #ballot: NodeJS.Timeout | undefined;
  #ballotSince = 0;
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

  /** There is more to vote on, or a height has begun. */
  ballotWanted(): void {
    const now = performance.now();
    if (this.#ballot === undefined) this.#ballotSince = now;
    else clearTimeout(this.#ballot);
    const left = this.#ballotSince + BALLOT_LATEST_MS - now;
    this.#ballot = setTimeout(() => this.#onBallot(), Math.max(0, Math.min(BALLOT_QUIET_MS, left)));
  }

  /** A height got further, or a link is up: what is missing may be on its way again. */
  progressed(): void {
    this.#resendAfterMs = FIRST_RESEND_MS;
    this.#resentMs = performance.now();
  }

  close(): void {
    clearInterval(this.#tick);
    clearTimeout(this.#ballot);
  }

  #onBallot(): void {
    const isLate = performance.now() - this.#ballotSince >= BALLOT_LATEST_MS;
    this.#ballot = undefined;
    if (this.#inputs.isVerifying() && !isLate) {
      const since = this.#ballotSince;
      this.ballotWanted();
      this.#ballotSince = since;
      return;
    }
    this.#observe();
    this.#inputs.ballot();
  }

  #onTick(): void {
    const now = performance.now();
    const isActive = now - this.#activeMs < ACTIVE_MS;
    if (now - this.#observedMs >= (isActive ? OBSERVE_MS : IDLE_OBSERVE_MS)) this.#observe();
    if (isActive) this.#inputs.announce();
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
