import { assert } from '../base/errors.ts';
import { moved } from '../committee/sample-market.ts';
import { perp, TradingWorld } from '../committee/traders.ts';
import type { BatchKernels } from '../crypto/batch-kernels.ts';
import type { OutsideEffect } from '../host/host.ts';
import { type MachineOf, validatorOf } from '../host/machine.ts';
import type { ValidatorIndex } from '../params/ids.ts';
import { quorumOf } from '../params/quorum.ts';
import type { Output, ValidatorConfig } from '../validator/types.ts';
import { VALIDATOR_CRYPTO, type ValidatorCrypto } from '../validator/validator-crypto.ts';

/**
 * What a validator calls in a height. `received`: once a message that comes from others, so that all but the last one can be done while
 * others are awaited; `made`: for its own next message. `faulty`: only if somebody is.
 */
export const CALL_KINDS = {
  sign: 'made',
  verifySignature: 'received',
  blsSign: 'made',
  blsVerify: 'faulty',
  aggregate: 'made',
  verifyCertificate: 'made',
  coinShare: 'made',
  verifyCoinShare: 'received',
  combineCoin: 'made',
  decryptionShares: 'made',
  proveDleq: 'made',
  verifyDleq: 'faulty',
  combineDecryptions: 'made',
  openAll: 'made',
  settle: 'made',
  proveBallot: 'made',
  verifyBallot: 'received',
  verifyOrders: 'received',
} as const satisfies Readonly<
  Record<
    keyof ValidatorCrypto | 'verifySignature' | 'proveBallot' | 'verifyBallot' | 'verifyOrders',
    'made' | 'received' | 'faulty'
  >
>;
export type CallKind = keyof typeof CALL_KINDS;

/** Parts of a height at one validator: until its ballot is to be proved, it proposes, has ordered, has settled, has both certificates. */
export const PHASES = ['spread', 'ballots', 'agree', 'settle', 'certify'] as const;
export type HeightPhase = (typeof PHASES)[number];

export interface CountedCall {
  readonly kind: CallKind;
  readonly phase: HeightPhase;
  readonly times: number;
}

export interface HeightSize {
  readonly n: number;
  readonly batches: number;
  /** Validators that are dead from the start. */
  readonly crashed: number;
}

export interface CountedHeight {
  /** By live validator. */
  readonly calls: readonly (readonly CountedCall[])[];
  /** By kind, but for proofs: the first validator's last call, to be made again. */
  readonly again: ReadonlyMap<CallKind, () => unknown>;
}

const NEXT: Partial<Record<Output['type'], HeightPhase>> = {
  proposed: 'agree',
  ordered: 'settle',
  settled: 'certify',
};

/** One validator's calls, by phase and kind. */
class Counter {
  readonly #times = new Map<string, number>();
  phase: HeightPhase = 'spread';

  count(kind: CallKind, times = 1): void {
    const key = `${this.phase}/${kind}`;
    this.#times.set(key, (this.#times.get(key) ?? 0) + times);
  }

  said({ type }: Output): void {
    this.phase = NEXT[type] ?? this.phase;
  }

  asked(effect: OutsideEffect): void {
    if (effect.type === 'prove') {
      this.phase = 'ballots';
      this.count('proveBallot');
    } else {
      assert(effect.type === 'verify', 'nobody generates keys in a height of orders');
      for (const { circuit, proofs } of effect.requests) {
        assert(circuit === 'ballot' || circuit === 'orders', 'a height of batches has proofs of two kinds');
        this.count(circuit === 'ballot' ? 'verifyBallot' : 'verifyOrders', proofs.length);
      }
    }
  }

  get calls(): CountedCall[] {
    return [...this.#times].map(([key, times]) => {
      const [phase, kind] = key.split('/') as [HeightPhase, CallKind];
      return { phase, kind, times };
    });
  }
}

/** What is called later must not see what has changed since. */
const kept = (value: unknown): unknown => (value instanceof Map ? new Map(value) : value);

/** The validator's own calls of cryptography and settlement, told before they are made. */
function watchedCalls(
  config: ValidatorConfig,
  kernels: BatchKernels,
  onCall: (kind: CallKind, again: () => unknown) => void,
): ValidatorConfig {
  const told =
    <A extends readonly unknown[], R>(kind: CallKind, call: (...args: A) => R) =>
    (...args: A): R => {
      const copies = args.map(kept) as unknown as A;
      onCall(kind, () => call(...copies));
      return call(...args);
    };
  const crypto = Object.fromEntries(
    Object.entries(VALIDATOR_CRYPTO).map(([kind, call]) => [kind, told(kind as CallKind, call as never)]),
  ) as unknown as ValidatorCrypto;
  // What kernels do for shares and openings is part of those calls. Verdicts on signatures are not shared with the other validators.
  const watched = { ...kernels, verifySignature: told('verifySignature', kernels.verifySignature) };
  return { ...config, crypto, kernels: watched };
}

/** Each ballot and item comes at an instant of its own, as over a network. */
const LINKS = { kind: 'links', delay: { kind: 'uniform', fromMs: 40, toMs: 60 } } as const;
const TRADERS = 3;

/**
 * Counts what the validators of a committee call in a real height of sealed batches, each handed to one of them: the machines and hosts
 * are the product's, links are virtual, and proofs are asked for and answered at once.
 * @param machineOf who plays a validator, if somebody looks at how it works
 */
export function countHeight(
  { n, batches, crashed }: HeightSize,
  kernels: BatchKernels,
  machineOf: MachineOf = validatorOf,
): CountedHeight {
  assert(crashed <= quorumOf(n).f, 'at most f validators are dead');
  const counters = Array.from({ length: n }, () => new Counter());
  const again = new Map<CallKind, () => unknown>();
  const live = counters.map((_, i) => i).slice(0, n - crashed);
  const world = new TradingWorld({
    n,
    seed: 1,
    notesEach: Math.ceil(batches / TRADERS),
    kernels,
    configOf: (config) =>
      watchedCalls(config, kernels, (kind, call) => {
        counters[config.self]!.count(kind);
        if (config.self === 0) again.set(kind, call);
      }),
    onAsked: (self: ValidatorIndex, effect) => counters[self]!.asked(effect),
    onSaid: (self, output) => counters[self]!.said(output),
    more: {
      schedule: LINKS,
      machineOf,
      absent: new Set(counters.map((_, i) => i).slice(n - crashed)),
    },
  });
  for (let i = 0; i < batches; i++) {
    const order = perp(i % 2 === 0 ? 'buy' : 'sell', 1n, 60_000_000n + 1_000n * BigInt(i % 7));
    const { bytes } = world.batch(i % TRADERS, [order], world.terms(1), `${i}`);
    world.submit(bytes, [live[i % live.length]!]);
  }
  const { committee } = world;
  committee.drain();
  // Announced, pulled and verified; then what all hold is announced.
  for (let tick = 0; tick < 2; tick++) committee.announce();
  committee.runHeight(1, moved(1), live);
  const { items } = committee.view(0, 1).certified!.block;
  assert(items.length === batches, `the height orders all ${batches} batches, not ${items.length}`);
  const coins = counters[0]!.calls.filter(({ kind }) => kind === 'coinShare');
  assert(
    coins.reduce((sum, { times }) => sum + times, 0) === 1,
    'the beacon is the only coin of such a height: those of the common subset are charged where there are some',
  );
  return { calls: live.map((i) => counters[i]!.calls), again };
}
