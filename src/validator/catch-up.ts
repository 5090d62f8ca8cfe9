import { type Certification, verifyCertification } from '../ledger/certified-block.ts';
import { type Height, height, type ValidatorIndex, validatorIndex } from '../params/ids.ts';
import type { EpochContext } from './context.ts';
import type { Out } from './out.ts';

/** Heights that are live at most: the last one settled and the one in progress, none of them certified. */
const LIVE_HEIGHTS = 2;

/** What was heard and asked, as plain data. */
export type CatchUpState = {
  readonly certified: Height;
  readonly known: ReadonlyMap<Height, Certification>;
  readonly distrusted: ReadonlySet<ValidatorIndex>;
  readonly asked: ReadonlySet<ValidatorIndex>;
  readonly refused: ReadonlySet<ValidatorIndex>;
  readonly turn: number;
  readonly isPulling: boolean;
};

/**
 * What one has heard of heights that are not certified here, and the pull of the blocks that one lacks. Blocks are asked for one
 * after the other, each of one signer at a time: of q signers f + 1 are correct, and a correct one that certified the height has
 * its block. The next signer is asked when the re-send timer fires and when an answer is bad.
 * Bounds: three certifications (of the two live heights, and the newest); one false one of each peer is verified until the next
 * height is certified here; of a block that was taken nothing is kept.
 */
export class CatchUp {
  readonly #context: EpochContext;
  /** The last height certified here, or by the epoch before. */
  #certified: Height;
  /** Verified certifications of heights beyond it. */
  #known = new Map<Height, Certification>();
  /** Peers that sent a false CERT since the last height was certified here. */
  #distrusted = new Set<ValidatorIndex>();
  /** Who was asked for the next block, and has not answered. */
  #asked = new Set<ValidatorIndex>();
  /** Who answered with something else than the next block. */
  #refused = new Set<ValidatorIndex>();
  /** Who is asked if it signed, else the next one that did: it stays with one that answers. */
  #turn = 0;
  /** Whether blocks are pulled; until nothing is known of a height that is not certified here. */
  #isPulling = false;

  constructor(context: EpochContext) {
    this.#context = context;
    this.#certified = height(context.epoch.firstHeight - 1);
  }

  /** May share memory: encode it before the next input. */
  state(): CatchUpState {
    return {
      certified: this.#certified,
      known: this.#known,
      distrusted: this.#distrusted,
      asked: this.#asked,
      refused: this.#refused,
      turn: this.#turn,
      isPulling: this.#isPulling,
    };
  }

  /** What goes on from there. */
  static restore(context: EpochContext, state: CatchUpState): CatchUp {
    const catchUp = new CatchUp(context);
    catchUp.#certified = state.certified;
    catchUp.#known = new Map(state.known);
    catchUp.#distrusted = new Set(state.distrusted);
    catchUp.#asked = new Set(state.asked);
    catchUp.#refused = new Set(state.refused);
    catchUp.#turn = state.turn;
    catchUp.#isPulling = state.isPulling;
    return catchUp;
  }

  /** The newest height known to be certified somewhere. */
  get newest(): Height {
    return height(Math.max(this.#certified, ...this.#known.keys()));
  }

  /** A verified certification of a height that is not certified here. */
  known(at: Height): Certification | undefined {
    return this.#known.get(at);
  }

  /** A peer's CERT, hostile. */
  heard(from: ValidatorIndex, certification: Certification, out: Out): void {
    const at = certification.header.height;
    if (!this.#isWanted(at) || this.#known.has(at) || this.#distrusted.has(from)) return;
    const { epoch, domain } = this.#context;
    if (verifyCertification(epoch, domain, certification)) {
      this.#known.set(at, certification);
      this.#forget();
    } else {
      this.#distrusted.add(from);
      out.fault(from, 'CERT_INVALID', { height: at });
    }
  }

  /** A certification of the next height, verified by comparison with what was settled here. */
  learn(certification: Certification): void {
    this.#known.set(certification.header.height, certification);
  }

  /** Of a live height, or newer than any other. */
  #isWanted(at: Height): boolean {
    return at > this.#certified && (at <= this.#certified + LIVE_HEIGHTS || at >= this.newest);
  }

  #forget(): void {
    for (const at of [...this.#known.keys()]) if (!this.#isWanted(at)) this.#known.delete(at);
  }

  /** The next height is certified here. */
  certified(at: Height): void {
    this.#certified = at;
    this.#distrusted.clear();
    this.#asked.clear();
    this.#refused.clear();
    this.#forget();
    if (this.newest === at) this.#isPulling = false;
  }

  /** Asks for the next block, if blocks are pulled and nobody was asked for it yet. @param current the height in progress */
  pull(current: Height, out: Out): void {
    // Of the height in progress, and of the one before, all that is missing may be on its way: only the timer asks for a block.
    if (this.newest > current) this.#isPulling = true;
    if (this.#isPulling && this.#asked.size === 0) this.#ask(out);
  }

  /** The re-send timer fired: ask for what is still missing, another one than before. */
  resend(out: Out): void {
    if (this.newest === this.#certified) return;
    if (this.#asked.size > 0) this.#turn += 1;
    else this.#refused.clear();
    this.#isPulling = true;
    this.#ask(out);
  }

  /** Whether a peer was asked for the next block. */
  isAsked(peer: ValidatorIndex): boolean {
    return this.#asked.has(peer);
  }

  /** A peer answered with what is not the next block. */
  refused(peer: ValidatorIndex, out: Out): void {
    this.#asked.delete(peer);
    this.#refused.add(peer);
    this.#ask(out);
  }

  #ask(out: Out): void {
    const { signers } = this.#known.get(this.newest)!.settlementCertificate;
    const peers = signers
      .map((_, i) => validatorIndex((this.#turn + i) % signers.length))
      .filter((i) => signers[i] && i !== this.#context.self && !this.#refused.has(i));
    const [peer] = peers;
    if (peer === undefined) return;
    this.#turn = peer;
    this.#asked.add(peer);
    out.send(peer, { kind: 'pullBlock', height: height(this.#certified + 1) });
  }
}
