import { decodeAcsMessage, encodeAcsMessage } from '../consensus/acs/codec.ts';
import { FirstHandAcs, type FirstHandState } from '../consensus/acs/first-hand.ts';
import { type Height, type ValidatorIndex, validatorIndex } from '../params/ids.ts';
import type { BallotBox } from './ballot-box.ts';
import { type Bundle, decodeBundle } from './bundle.ts';
import { BundleJudge, type BundleJudgeState, type Verdict } from './bundle-judge.ts';
import { CoinBox, type CoinBoxState } from './coin-box.ts';
import type { EpochContext } from './context.ts';
import type { Out } from './out.ts';
import type { ProposalProgress } from './progress.ts';
import type { WordBox } from './word-box.ts';

/** A bundle that the ACS put out. */
export interface ChosenBundle {
  readonly proposer: ValidatorIndex;
  readonly bundle: Bundle;
}

/** The ACS of one height with its judge and coins, as plain data. */
export type AcsPortState = {
  readonly acs: FirstHandState;
  readonly judge: BundleJudgeState;
  readonly coins: CoinBoxState;
  /** Proposers of the bundles put out. */
  readonly chosen: readonly ValidatorIndex[] | undefined;
};

/** The ACS of one height with what answers its effects: the validity predicate and the threshold coin. */
export class AcsPort {
  readonly #n: number;
  readonly #height: Height;
  readonly #words: WordBox;
  #acs: FirstHandAcs;
  #judge: BundleJudge;
  #coins: CoinBox;
  #chosen: readonly ChosenBundle[] | undefined;

  constructor(context: EpochContext, ballots: BallotBox, words: WordBox, height: Height) {
    this.#n = context.quorum.n;
    this.#height = height;
    this.#words = words;
    this.#acs = new FirstHandAcs({ n: context.quorum.n, self: context.self });
    this.#judge = new BundleJudge(context, ballots, height);
    this.#coins = new CoinBox(context, height);
  }

  /** May share memory with the ACS: encode it before the next input. */
  state(): AcsPortState {
    return {
      acs: this.#acs.state(),
      judge: this.#judge.state(),
      coins: this.#coins.state(),
      chosen: this.#chosen?.map(({ proposer }) => proposer),
    };
  }

  /** The ACS that goes on from there. @param ballots, words of the same height, restored as well */
  static restore(
    context: EpochContext,
    ballots: BallotBox,
    words: WordBox,
    height: Height,
    state: AcsPortState,
  ): AcsPort {
    const port = new AcsPort(context, ballots, words, height);
    port.#acs = FirstHandAcs.restore({ n: context.quorum.n, self: context.self }, state.acs);
    port.#judge = BundleJudge.restore(context, ballots, height, state.judge);
    port.#coins = CoinBox.restore(context, height, state.coins);
    port.#chosen = state.chosen?.map((proposer) => chosenBundle(proposer, state.acs.payloads[proposer]!));
    return port;
  }

  /**
   * The output, once there is one: ≥ q valid bundles, the same at every correct validator, ascending by proposer. None if a bundle
   * was chosen that no correct validator can have found valid: then more than f are Byzantine.
   */
  get chosen(): readonly ChosenBundle[] | undefined {
    return this.#chosen;
  }

  /** By proposer. Changes nothing. */
  progressed(): readonly ProposalProgress[] {
    return this.#acs.status().instances.map(({ broadcast, verdict, agreement }) => ({
      isHere: broadcast.waitsFor === 'nothing',
      isValid: verdict,
      round: agreement.round,
      decided: agreement.decided,
    }));
  }

  propose(payload: Uint8Array, out: Out): void {
    this.#absorb(this.#acs.propose(payload), out);
  }

  /** A frame of a peer's ACS. */
  handle(from: ValidatorIndex, bytes: Uint8Array, out: Out): void {
    const message = decodeAcsMessage(bytes);
    if (message === undefined) return out.fault(from, 'ACS_MALFORMED', { height: this.#height });
    for (const { kind, instances } of message.votes)
      if (kind === 'first') this.#judge.vouched(from, instances, out);
    for (const { kind, proposer, bytes: payload } of message.rbc)
      if (kind === 'propose' && proposer === from) this.#words.bundle(proposer, payload, out);
    this.#absorb(this.#acs.handle(from, message), out);
    if (message.votes.some(({ kind }) => kind === 'term')) this.#forgetCoins();
  }

  /** Of agreements that are closed. */
  #forgetCoins(): void {
    for (let j = 0; j < this.#n; j++) {
      const instance = validatorIndex(j);
      if (this.#acs.roundOf(instance) === undefined) this.#coins.close(instance);
    }
  }

  /** A peer's coin share. */
  coinShare(from: ValidatorIndex, instance: number, round: number, share: Uint8Array, out: Out): void {
    const at = validatorIndex(instance);
    const value = this.#coins.add(from, { instance, round, share }, this.#acs.roundOf(at), out);
    this.#toss(at, round, value, out);
  }

  /** The re-send timer fired: ask again for bundles that did not come. */
  resend(out: Out): void {
    this.#absorb(this.#acs.resend(), out);
  }

  /** Ballots arrived: bundles that waited for them may be judged now. */
  review(out: Out): void {
    for (const verdict of this.#judge.review()) this.#judged(verdict, out);
  }

  #judged({ proposer, ok }: Verdict, out: Out): void {
    this.#absorb(this.#acs.validated(proposer, ok), out);
  }

  #toss(instance: ValidatorIndex, round: number, value: 0 | 1 | undefined, out: Out): void {
    if (value !== undefined) this.#absorb(this.#acs.coin(instance, round, value), out);
  }

  #absorb(step: ReturnType<FirstHandAcs['propose']>, out: Out): void {
    for (const { to, message } of step.sends) {
      out.send(to, { kind: 'acs', height: this.#height, bytes: encodeAcsMessage(message) });
    }
    for (const { by, fault, evidence } of step.faults)
      out.fault(by, fault, { height: this.#height, ...evidence });
    for (const effect of step.effects) {
      if (effect.type === 'coin') {
        this.#toss(
          effect.instance,
          effect.round,
          this.#coins.release(effect.instance, effect.round, out),
          out,
        );
      } else {
        this.#words.bundle(effect.proposer, effect.payload, out);
        const verdict = this.#judge.judge(effect.proposer, effect.payload, out);
        if (verdict !== undefined) this.#judged(verdict, out);
      }
    }
    // What was put out was delivered, so the judge has seen it, at the latest just now.
    for (const { payloads } of step.outputs) {
      if (payloads.some(({ proposer }) => this.#judge.isMalformed(proposer))) continue;
      this.#chosen = payloads.map(({ proposer, payload }) => chosenBundle(proposer, payload));
    }
  }
}

/** ABA_j decided 1 and the judge read the bundle: it decodes. */
const chosenBundle = (proposer: ValidatorIndex, payload: Uint8Array): ChosenBundle => ({
  proposer,
  bundle: decodeBundle(payload)!,
});
