import { decodeAcsMessage, encodeAcsMessage } from '../consensus/acs/codec.ts';
import { FirstHandAcs } from '../consensus/acs/first-hand.ts';
import { type Height, type ValidatorIndex, validatorIndex } from '../params/ids.ts';
import type { BallotBox } from './ballot-box.ts';
import { type Bundle, decodeBundle } from './bundle.ts';
import { BundleJudge, type Verdict } from './bundle-judge.ts';
import { CoinBox } from './coin-box.ts';
import type { EpochContext } from './context.ts';
import type { Out } from './out.ts';

/** A bundle that the ACS put out. */
export interface ChosenBundle {
  readonly proposer: ValidatorIndex;
  readonly bundle: Bundle;
}

/** The ACS of one height with what answers its effects: the validity predicate and the threshold coin. */
export class AcsPort {
  readonly #height: Height;
  readonly #acs: FirstHandAcs;
  readonly #judge: BundleJudge;
  readonly #coins: CoinBox;
  #chosen: readonly ChosenBundle[] | undefined;

  constructor(context: EpochContext, ballots: BallotBox, height: Height) {
    this.#height = height;
    this.#acs = new FirstHandAcs({ n: context.quorum.n, self: context.self });
    this.#judge = new BundleJudge(context, ballots, height);
    this.#coins = new CoinBox(context, height);
  }

  /** The output, once there is one: ≥ q valid bundles, the same at every correct validator, ascending by proposer. */
  get chosen(): readonly ChosenBundle[] | undefined {
    return this.#chosen;
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
    this.#absorb(this.#acs.handle(from, message), out);
  }

  /** A peer's coin share. */
  coinShare(from: ValidatorIndex, instance: number, round: number, share: Uint8Array, out: Out): void {
    this.#toss(validatorIndex(instance), round, this.#coins.add(from, instance, round, share, out), out);
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
    for (const output of step.outputs) {
      // ABA_j decided 1, so a correct validator found bundle j valid: it decodes.
      this.#chosen = output.payloads.map(({ proposer, payload }) => ({
        proposer,
        bundle: decodeBundle(payload)!,
      }));
    }
    for (const effect of step.effects) {
      if (effect.type === 'coin') {
        this.#toss(
          effect.instance,
          effect.round,
          this.#coins.release(effect.instance, effect.round, out),
          out,
        );
      } else {
        const verdict = this.#judge.judge(effect.proposer, effect.payload, out);
        if (verdict !== undefined) this.#judged(verdict, out);
      }
    }
  }
}
