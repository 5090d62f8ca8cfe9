import { Prng } from '../../src/sim/prng.ts';
import { decodeMessage } from '../../src/validator/messages.ts';
import type { ValidatorStep } from '../../src/validator/out.ts';
import { ByHand, type OnLink } from './by-hand.ts';
import {
  CertifyModel,
  type CertifyRules,
  type CertifyState,
  type CertifyStep,
  RULES,
} from './certify-model.ts';

const N = 4;
const CORRECT = [0, 1, 2];
const LIAR = 3;
/** Frames and timers of the random part. */
const RANDOM_FRAMES = 2_500;
/** What certificates are made of: of these the Byzantine validator keeps more to itself. */
const FOR_SIGNATURES: ReadonlySet<string> = new Set(['settled', 'cert', 'block']);

/** What a step of a correct validator did to a height, in the model's words. */
interface Event {
  readonly height: number;
  readonly what: readonly CertifyStep['what'][];
  /** Whether the certificate goes to all with it. */
  readonly tells: boolean;
}

/**
 * Real validators in a random schedule beside one that helps whom it likes: each of their steps must be steps of the model, or what
 * the model explores says nothing about them. In the end it is silent, and everything else arrives.
 */
export class CertifyRefinement {
  /** Steps that the model has, by what they do. */
  readonly seen = new Map<CertifyStep['what'], number>();
  readonly world: ByHand;
  readonly #model: CertifyModel;
  readonly #prng: Prng;
  readonly #heights: number;
  #state: CertifyState;

  constructor(seed: number, heights: number, rules: CertifyRules = RULES) {
    this.#prng = new Prng(seed);
    this.#heights = heights;
    this.#model = new CertifyModel(N, heights, rules);
    this.#state = this.#model.initial;
    this.world = new ByHand(N, (i, step) => this.#follow(i, step));
  }

  /** @throws if a validator does what the model does not have */
  run(): void {
    this.#random();
    this.#silent();
  }

  /**
   * Frames in random order; now and then one correct validator is cut off from the other two, and for each receiver and kind it is
   * drawn whether the frames of the Byzantine validator get through.
   */
  #random(): void {
    const { world } = this;
    const prng = this.#prng;
    let cut: number | undefined = prng.below(CORRECT.length);
    let favours = new Map<string, boolean>();
    const isOpen = ({ from, to }: OnLink): boolean =>
      cut === undefined || from === LIAR || to === LIAR || (from === cut) === (to === cut);
    const isLost = (kind: string, to: number): boolean => {
      const key = `${kind}/${to}`;
      const known = favours.get(key) ?? prng.below(FOR_SIGNATURES.has(kind) ? 2 : 12) === 0;
      favours.set(key, known);
      return to !== LIAR && known;
    };
    for (let frames = 0; frames < RANDOM_FRAMES; frames++) {
      if (prng.below(500) === 0) {
        cut = prng.below(4) === 0 ? undefined : prng.below(CORRECT.length);
        favours = new Map();
      }
      const links = [...new Set(world.waiting.filter(isOpen).map(({ from, to }) => `${from}/${to}`))];
      if (links.length === 0 || prng.below(40) === 0) {
        this.#tick(cut);
        continue;
      }
      const link = links[prng.below(links.length)]!;
      const at = world.waiting.findIndex(({ from, to }) => `${from}/${to}` === link);
      const [{ from, to, bytes }] = world.waiting.splice(at, 1) as [OnLink];
      if (from === LIAR && isLost(decodeMessage(bytes)!.kind, to)) continue;
      world.input(to, { type: 'message', from, bytes });
    }
  }

  #tick(cut: number | undefined): void {
    const { world } = this;
    if (Math.max(...world.validators.map((each) => each.height)) > this.#heights) return;
    if (this.#prng.below(2) === 0) return world.vote([...CORRECT, LIAR].filter((i) => i !== cut));
    world.input(this.#prng.below(N), { type: 'resend' });
  }

  #silent(): void {
    const { world } = this;
    const isDone = (): boolean => CORRECT.every((i) => world.certified[i]! >= this.#heights);
    for (let i = 0; i < 20 * this.#heights && !isDone(); i++) {
      world.run((_, from, to) => (from === LIAR || to === LIAR ? 'lost' : 'open'));
      for (const each of CORRECT) world.input(each, { type: 'resend' });
      if (!isDone()) world.vote(CORRECT);
    }
  }

  /** Goes the steps of the model that a validator's step is made of. */
  #follow(i: number, step: ValidatorStep): void {
    if (i === LIAR) return;
    for (const event of eventsOf(step)) {
      if (event.height <= this.#heights) this.#go(i, event);
    }
  }

  #go(i: number, { height, what, tells }: Event): void {
    const node = this.#state[i]!;
    const isQuiet = (next: string): boolean => 'qQ'.includes(next[height - 1]!);
    const found = this.#model
      .steps(this.#state)
      .map((step) => ({ step, next: step.next[step.by]! }))
      .find(
        ({ step, next }) =>
          this.#state[step.by] === node &&
          step.height === height &&
          what.includes(step.what) &&
          isQuiet(next) === (step.what === 'take' && !tells),
      );
    if (found === undefined) {
      throw new Error(
        `the model has no ${what.join(' or ')} of ${height} by ${i} in ${this.#state.join(' ')}`,
      );
    }
    this.seen.set(found.step.what, (this.seen.get(found.step.what) ?? 0) + 1);
    this.#state = this.#state.with(i, found.next);
  }
}

/** In the order in which they happened. Who takes a block signs nothing of it. */
function eventsOf({ outputs, sends }: ValidatorStep): Event[] {
  const messages = sends.map(({ bytes }) => decodeMessage(bytes)!);
  const signed = new Set(messages.flatMap((m) => (m.kind === 'settled' ? [m.height] : [])));
  const told = new Set(messages.flatMap((m) => (m.kind === 'cert' ? [m.certification.header.height] : [])));
  const taken = new Set<number>();
  return outputs.flatMap((output): Event[] => {
    if (output.type === 'ordered') return [{ height: output.result.height, what: ['order'], tells: false }];
    if (output.type === 'settled') {
      const { height } = output.result;
      if (signed.has(height)) return [{ height, what: ['settle'], tells: false }];
      taken.add(height);
      return [];
    }
    if (output.type !== 'certified') return [];
    const { height } = output.result;
    const what = taken.has(height) ? (['take'] as const) : (['assemble', 'adopt'] as const);
    return [{ height, what, tells: told.has(height) }];
  });
}
