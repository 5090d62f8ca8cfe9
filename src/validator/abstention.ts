import { equalBytes } from '../base/bytes.ts';
import { type Height, height, type ValidatorIndex, validatorIndex } from '../params/ids.ts';
import type { EpochContext } from './context.ts';
import type { Out } from './out.ts';

/** Heights beyond the highest certificate in which one may have voted before one forgot. */
const VOTED_AHEAD = 3;

/** What is known of one's forgotten votes, as plain data. */
export type AbstentionState = {
  readonly nonce: Uint8Array | undefined;
  readonly answered: ReadonlySet<ValidatorIndex>;
  readonly until: Height | undefined;
};

/**
 * What keeps a validator silent whose store was lost while its keys are left: it has forgotten its votes, and a second one that
 * differs would be an equivocation. It follows the chain by its blocks, and takes part again above height C + 3, where C is the
 * highest certificate that it knows of when 2f + 1 peers have shown theirs, 2f + 2 if n = 3f + 3.
 *
 * Why that is enough: in height m it voted only if m − 1 was settled here, so 2f + 1 validators had sent their finish message of
 * height m − 1, and these hold CERT(m − 3). It counts as one of the f itself, so of the others f + 1 are correct ones that hold it,
 * and at most f of the peers have not answered. So m ≤ C + 3. A lie can only be a certificate that does not hold, or
 * an older one. An answer carries the nonce of the question: one from before the loss does not count.
 * With f = 0 no loss can be borne: it stays silent for good.
 */
export class Abstention {
  readonly #context: EpochContext;
  /** Of one's question; undefined: nothing is forgotten. */
  #nonce: Uint8Array | undefined;
  /** Peers that have shown their highest certificate. */
  #answered = new Set<ValidatorIndex>();
  /** The last height in which nothing is said; undefined until enough peers have answered. */
  #until: Height | undefined;

  constructor(context: EpochContext) {
    this.#context = context;
  }

  /** May share memory: encode it before the next input. */
  state(): AbstentionState {
    return { nonce: this.#nonce, answered: this.#answered, until: this.#until };
  }

  /** What goes on from there. */
  static restore(context: EpochContext, state: AbstentionState): Abstention {
    const abstention = new Abstention(context);
    abstention.#nonce = state.nonce;
    abstention.#answered = new Set(state.answered);
    abstention.#until = state.until;
    return abstention;
  }

  /** What one said is forgotten. @param nonce never used before */
  begin(nonce: Uint8Array): void {
    this.#nonce = nonce;
  }

  /** The last height in which nothing is said, and nothing heard: 0 if nothing is forgotten, infinite while that is not known. */
  get until(): number {
    return this.#nonce === undefined ? 0 : (this.#until ?? Number.POSITIVE_INFINITY);
  }

  covers(at: Height): boolean {
    return at <= this.until;
  }

  /** The height from which peers are ahead of one: the one in progress, or the last one that is covered. */
  reach(current: Height): Height {
    return height(Math.max(current, this.#until ?? 0));
  }

  /** Asks a peer for its highest certificate, if it has not shown it. */
  ask(peer: ValidatorIndex, out: Out): void {
    if (this.#nonce === undefined || this.#until !== undefined) return;
    if (peer !== this.#context.self && !this.#answered.has(peer))
      out.send(peer, { kind: 'askNewest', nonce: this.#nonce });
  }

  /** The re-send timer fired. */
  resend(out: Out): void {
    for (let i = 0; i < this.#context.quorum.n; i++) this.ask(validatorIndex(i), out);
  }

  /** Whether an answer is one to the question. */
  isAnswer(from: ValidatorIndex, nonce: Uint8Array): boolean {
    return this.#nonce !== undefined && from !== this.#context.self && equalBytes(nonce, this.#nonce);
  }

  /** A peer has shown its highest certificate. @param newest the highest one that is known here now, its own among them */
  answered(from: ValidatorIndex, newest: Height): void {
    this.#answered.add(from);
    const { n, f } = this.#context.quorum;
    if (f > 0 && this.#answered.size >= Math.max(2 * f + 1, n - 1 - f))
      this.#until ??= height(newest + VOTED_AHEAD);
  }
}
