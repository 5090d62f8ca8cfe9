import { describe, expect, test } from 'vitest';
import { decodeState, encodeState, type State } from '../../src/base/state-codec.ts';
import { RoundVotes } from '../../src/consensus/aba/round.ts';
import type { Bit } from '../../src/consensus/aba/votes.ts';
import type { AcsStep } from '../../src/consensus/acs/common-subset.ts';
import { FirstHandAcs, type FirstHandState } from '../../src/consensus/acs/first-hand.ts';
import type { AcsMessage } from '../../src/consensus/acs/frame.ts';
import type { SubsetOptions } from '../../src/consensus/acs/subset-machine.ts';
import { avidBroadcast } from '../../src/consensus/rbc/avid.ts';
import type { DigestRbcState } from '../../src/consensus/rbc/digest.ts';
import { openErasureCode } from '../../src/node/erasure-code.ts';
import { type ValidatorIndex, validatorIndex } from '../../src/params/ids.ts';
import { quorumOf } from '../../src/params/quorum.ts';
import { ACS_TWISTS, type Twist } from '../../src/sim/adversaries/twists.ts';
import { Prng } from '../../src/sim/prng.ts';
import { AcsWorld } from '../sim/acs-world.ts';

/** The share of inputs that is followed by a restore. */
const RESTORES = 0.1;
const DIFFERENT = 'a restored subset differs';

/** Changes a written state before it is read. */
type Forget = (state: FirstHandState, fresh: FirstHandState) => FirstHandState;

/**
 * A common subset with a second one beside it, which is made anew from the first one's written state at random inputs and gets
 * the same inputs. Throws where the two differ in a step or in what they would be written as; with `forget` only in a step.
 */
class Doubled extends FirstHandAcs {
  readonly #options: SubsetOptions;
  readonly #prng: Prng;
  readonly #forget: Forget | undefined;
  #second: FirstHandAcs;
  restores = 0;

  constructor(options: SubsetOptions, seed: number, forget?: Forget) {
    super(options);
    this.#options = options;
    this.#prng = new Prng(seed * 131 + options.self);
    this.#forget = forget;
    this.#second = this.#restored();
  }

  override propose(payload: Uint8Array): AcsStep {
    return this.#both(super.propose(payload), (second) => second.propose(payload));
  }

  override handle(from: ValidatorIndex, message: AcsMessage): AcsStep {
    return this.#both(super.handle(from, message), (second) => second.handle(from, message));
  }

  override validated(proposer: ValidatorIndex, ok: boolean): AcsStep {
    return this.#both(super.validated(proposer, ok), (second) => second.validated(proposer, ok));
  }

  override coin(instance: ValidatorIndex, round: number, bit: Bit): AcsStep {
    return this.#both(super.coin(instance, round, bit), (second) => second.coin(instance, round, bit));
  }

  #both(step: AcsStep, of: (second: FirstHandAcs) => AcsStep): AcsStep {
    if (!same(step, of(this.#second))) throw new Error(DIFFERENT);
    if (this.#prng.chance(RESTORES)) {
      this.#compareStates();
      this.#second = this.#restored();
      this.#compareStates();
      this.restores += 1;
    }
    return step;
  }

  #compareStates(): void {
    if (this.#forget === undefined && !same(this.state(), this.#second.state())) throw new Error(DIFFERENT);
  }

  #restored(): FirstHandAcs {
    const state = decodeState(encodeState(this.state())) as FirstHandState;
    const forgotten = this.#forget?.(state, new FirstHandAcs(this.#options).state()) ?? state;
    return FirstHandAcs.restore(this.#options, forgotten);
  }
}

const same = (a: unknown, b: unknown): boolean => Buffer.from(encodeState(a)).equals(encodeState(b));

const erasure = await openErasureCode();
/** Proposes to few, answers pulls with garbage. */
const garbage: Twist<AcsMessage> = (frame, to, _height, { n, prng }) => {
  const { f } = quorumOf(n);
  const rbc = frame.rbc.flatMap((part) => {
    if (part.kind === 'propose') return to <= f || to >= n - f ? [part] : [];
    return part.kind === 'payload' ? [{ ...part, bytes: prng.bytes(9) }] : [part];
  });
  return rbc.length + frame.votes.length === 0 ? [] : [{ rbc, votes: frame.votes }];
};
const ADVERSARIES: Readonly<Record<string, Twist<AcsMessage>>> = { ...ACS_TWISTS, garbage, mute: () => [] };
const BROADCASTS = { digest: {}, avid: { broadcast: avidBroadcast(erasure) } };

interface RunOptions {
  readonly n: number;
  readonly seed: number;
  readonly twist: Twist<AcsMessage>;
  readonly subset?: Pick<SubsetOptions, 'broadcast'>;
  readonly forget?: Forget;
}

/** One run with f faulty validators, in which one of four kinds of frames is slow. @returns restores */
function run({ n, seed, twist, subset = {}, forget }: RunOptions): number {
  const doubled: Doubled[] = [];
  const slow: ((frame: AcsMessage, to: number) => boolean)[] = [
    () => false,
    ({ rbc }, to) => to === 0 && rbc.some(({ kind }) => kind === 'propose'),
    ({ rbc, votes }) => votes.length > 0 || rbc.every(({ kind }) => kind === 'ready'),
    ({ rbc }, to) => to === 0 && rbc.some(({ proposer }) => proposer === n - 1),
  ];
  const world = new AcsWorld({
    n,
    seed,
    faulty: new Map(Array.from({ length: quorumOf(n).f }, (_, k) => [n - 1 - k, twist])),
    holds: slow[seed % slow.length]!,
    machine: (options) => {
      const machine = new Doubled({ ...options, ...subset }, seed, forget);
      doubled.push(machine);
      return machine;
    },
  });
  world.run();
  world.check();
  return doubled.reduce((sum, { restores }) => sum + restores, 0);
}

describe.each(Object.entries(BROADCASTS))(
  'a first-hand subset over %s, restored at random inputs',
  (_, subset) => {
    test.each(Object.entries(ADVERSARIES))(
      'goes on as if nothing had happened; f validators: %s',
      (_, twist) => {
        const restores = [1, 2, 3].map((seed) => run({ n: 4, seed, twist, subset }));
        expect(Math.min(...restores, run({ n: 7, seed: 2, twist, subset }))).toBeGreaterThan(0);
      },
    );
  },
);

const [broadcast, agreement] = (() => {
  const { broadcasts, agreements } = new FirstHandAcs({ n: 1, self: validatorIndex(0) }).state();
  return [broadcasts[0] as DigestRbcState, agreements[0]!];
})();
const LISTED = {
  broadcasts: Object.keys(broadcast),
  agreements: Object.keys(agreement),
} as const;

/** What forgets one field: of the subset, of every broadcast, of every agreement, of every round. */
const FORGETFUL: readonly (readonly [string, Forget])[] = [
  ...(['payloads', 'verdicts', 'hasInput', 'done', 'sure', 'refused'] as const).map(
    (field): [string, Forget] => [field, (state, fresh) => ({ ...state, [field]: fresh[field] })],
  ),
  ...(['broadcasts', 'agreements'] as const).flatMap((list) =>
    LISTED[list].map((field): [string, Forget] => [
      `${list}.${field}`,
      (state, fresh) => ({
        ...state,
        [list]: state[list].map((each, j) => ({
          ...(each as object),
          [field]: (fresh[list][j] as Record<string, State>)[field],
        })),
      }),
    ]),
  ),
  ...Object.entries(new RoundVotes(1).state()).map(([field, none]): [string, Forget] => [
    `rounds.${field}`,
    (state) => ({
      ...state,
      agreements: state.agreements.map((each) => ({
        ...each,
        rounds: new Map(
          [...each.rounds].map(([r, votes]) => [
            r,
            { ...votes, [field]: none instanceof Uint8Array ? votes.cells.map(() => 0) : none },
          ]),
        ),
      })),
    }),
  ]),
];

/** Fields that no step depends on: they stop an owner from asking twice, or an agreement remembers as well. */
const GUARDS = ['verdicts', 'hasInput', 'done', 'refused', 'broadcasts.started', 'agreements.estimate'];
/** Fields that runs as short as these seldom need: digest.test.ts and mmr.test.ts have a script for each. */
const SCRIPTED = ['broadcasts.lies', 'broadcasts.closed', 'agreements.coins'];
const CHECKED = FORGETFUL.filter(([field]) => !GUARDS.includes(field) && !SCRIPTED.includes(field));

/** Whether a run finds that a restored subset forgets something. */
const isNoticed = (forget: Forget): boolean => {
  for (const [n, seeds] of [
    [4, 9],
    [7, 2],
  ] as const)
    for (const twist of Object.values(ADVERSARIES))
      for (let seed = 1; seed <= seeds; seed++) {
        try {
          run({ n, seed, twist, forget });
        } catch {
          return true;
        }
      }
  return false;
};

describe('a field that a restored subset forgets', () => {
  test.each(CHECKED)('is noticed: %s', (_, forget) => {
    expect(isNoticed(forget)).toBe(true);
  });
});
