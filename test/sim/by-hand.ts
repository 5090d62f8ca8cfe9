import { dealGenesis } from '../../src/committee/dealer.ts';
import { encodeCertifiedBlock } from '../../src/ledger/certified-block.ts';
import { type Height, height, type ValidatorIndex, validatorIndex } from '../../src/params/ids.ts';
import { PROOF_BYTES } from '../../src/params/sizes.ts';
import type { PeerFault } from '../../src/validator/faults.ts';
import { decodeMessage, type Message } from '../../src/validator/messages.ts';
import type { ValidatorStep } from '../../src/validator/out.ts';
import type { Input } from '../../src/validator/types.ts';
import { Validator } from '../../src/validator/validator.ts';
import { GENESIS_TIME, MEDIANS, PARAMS } from '../unit/ledger/market.ts';

/** A frame on its way. */
export interface OnLink {
  readonly from: ValidatorIndex;
  readonly to: ValidatorIndex;
  readonly bytes: Uint8Array;
}

export type LinkState = 'open' | 'slow' | 'lost';
export type Links = (message: Message, from: number, to: number) => LinkState;

/** Real validators whose links a test opens and shuts by hand: schedules of certify-model.ts, frame by frame. */
export class ByHand {
  readonly validators: readonly Validator[];
  readonly faults: PeerFault[] = [];
  /** By validator: the last height certified there. */
  readonly certified: Height[];
  readonly waiting: OnLink[] = [];
  readonly #blocks: readonly Map<Height, Uint8Array>[];
  readonly #onStep: (i: number, step: ValidatorStep) => void;
  #moves = 0n;

  /** @param onStep sees every step, in order */
  constructor(n: number, onStep: (i: number, step: ValidatorStep) => void = () => {}) {
    const market = {
      params: PARAMS,
      notes: new Map(),
      oracle: [{ timeS: GENESIS_TIME, observedS: GENESIS_TIME, values: MEDIANS }],
    };
    const { chain, epoch, secrets } = dealGenesis(1, n, market, [101n, 102n], 10n ** 12n);
    this.validators = secrets.map((own, i) => {
      return new Validator({ chain, epoch, self: validatorIndex(i), secrets: own, dissemination: 'direct' });
    });
    this.#blocks = secrets.map(() => new Map());
    this.certified = secrets.map(() => height(0));
    this.#onStep = onStep;
  }

  /** Something happens in the market, and these validators vote on it. */
  vote(voters: readonly number[]): void {
    this.#moves += 1n;
    const now = GENESIS_TIME + this.#moves;
    const prices = [MEDIANS[0] + this.#moves, MEDIANS[1]];
    for (const i of voters) {
      this.input(i, { type: 'observe', prices, observedS: now, clockS: now });
      this.input(i, { type: 'ballotDue' });
    }
  }

  /** Hands an input in, and the answers to what it asks for: proofs are good, blocks come from the validator's own store. */
  input(i: number, input: Input): void {
    const step = this.validators[i]!.handle(input);
    const from = validatorIndex(i);
    for (const { to, bytes } of step.sends) {
      const receivers = to === 'all' ? this.validators.map((_, k) => validatorIndex(k)) : [to];
      this.waiting.push(...receivers.map((receiver) => ({ from, to: receiver, bytes })));
    }
    this.faults.push(...step.faults);
    for (const output of step.outputs) {
      if (output.type !== 'certified') continue;
      this.certified[i] = output.result.height;
      this.#blocks[i]!.set(output.result.height, encodeCertifiedBlock(output.result));
    }
    this.#onStep(i, step);
    for (const effect of step.effects) {
      if (effect.type === 'verify') {
        const verdicts = effect.requests.map(({ ref }) => ({ ref, ok: true }));
        this.input(i, { type: 'verified', verdicts });
      } else if (effect.type === 'prove') {
        this.input(i, { type: 'proved', ref: effect.ref, proof: new Uint8Array(PROOF_BYTES).fill(i) });
      } else if (effect.type === 'serveBlock') {
        this.input(i, { type: 'stored', ref: effect.ref, bytes: this.#blocks[i]!.get(effect.ref.height) });
      }
    }
  }

  /** A validator reads the block of a height in another's store. */
  takeFrom(store: number, i: number, at: number): void {
    this.input(i, { type: 'block', bytes: this.#blocks[store]!.get(height(at))! });
  }

  /** Delivers until nothing is left but what slow links hold. A link keeps the order of its frames that are not slow. */
  run(links: Links): void {
    for (let at = 0; at < this.waiting.length; ) {
      const { from, to, bytes } = this.waiting[at]!;
      const state = links(decodeMessage(bytes)!, from, to);
      if (state === 'slow') {
        at += 1;
        continue;
      }
      this.waiting.splice(at, 1);
      if (state === 'lost') continue;
      this.input(to, { type: 'message', from, bytes });
      at = 0;
    }
  }
}
