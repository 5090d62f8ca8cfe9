import { describe, expect, test } from 'vitest';
import { MmrAba } from '../../../src/consensus/aba/mmr.ts';
import { FIRST_HAND, MMR } from '../../../src/consensus/aba/rules.ts';
import { type BitSet, VOTE_KINDS, type Vote } from '../../../src/consensus/aba/votes.ts';
import type { AcsMessage } from '../../../src/consensus/acs/frame.ts';
import { acsProtocol } from '../../../src/consensus/protocol.ts';
import { AvidRbc } from '../../../src/consensus/rbc/avid.ts';
import type { Broadcast } from '../../../src/consensus/rbc/broadcast.ts';
import { DigestRbc } from '../../../src/consensus/rbc/digest.ts';
import { RBC_KINDS, type RbcMessage } from '../../../src/consensus/rbc/messages.ts';
import { ShardTree } from '../../../src/consensus/rbc/shard-tree.ts';
import type { Step } from '../../../src/consensus/step.ts';
import { hashBytes } from '../../../src/crypto/hash.ts';
import { openErasureCode } from '../../../src/node/erasure-code.ts';
import { validatorIndex as at, type ValidatorIndex } from '../../../src/params/ids.ts';
import { quorumOf } from '../../../src/params/quorum.ts';
import { ABA_ROUND_WINDOW, MAX_ABA_ROUND, MAX_PAYLOAD_BYTES } from '../../../src/params/sizes.ts';
import { Prng } from '../../../src/sim/prng.ts';

/**
 * Whole machines that hear arbitrary messages, well-formed and not, in arbitrary order. From f senders they blame nobody else; from all
 * senders, which is more than they are made for, they do not throw either.
 */
const erasure = await openErasureCode();
const SIZES = [1, 2, 4, 7] as const;
const SEEDS = 24;
const MESSAGES = 400;

const ROUNDS = [
  0,
  0,
  0,
  1,
  1,
  2,
  2,
  3,
  ABA_ROUND_WINDOW,
  ABA_ROUND_WINDOW + 1,
  MAX_ABA_ROUND - 1,
  MAX_ABA_ROUND,
];
const WRONG = [MAX_ABA_ROUND + 1, -1, 0.5, Number.NaN, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER, Infinity];
const pick = <T>(prng: Prng, list: readonly T[]): T => list[prng.below(list.length)]!;

const arbitraryVote = (prng: Prng): Vote => ({
  kind: pick(prng, VOTE_KINDS),
  round: prng.chance(0.05) ? pick(prng, WRONG) : pick(prng, ROUNDS),
  values: (prng.chance(0.03) ? pick(prng, [0, 4, 255, -1]) : 1 + prng.below(3)) as BitSet,
});

/** Payloads, their digests, and the leaves of trees over shards: right ones, ones of no codeword, ones of wrong lengths. */
function materialOf(n: number, prng: Prng): readonly Uint8Array[] {
  const payloads = [new Uint8Array(0), prng.bytes(9), prng.bytes(100), new Uint8Array(MAX_PAYLOAD_BYTES + 1)];
  const honest = new AvidRbc({ n, self: at(0), proposer: at(0) }, erasure).propose(payloads[2]!).sends;
  const shards = [1, 2, 35].map((size) => Array.from({ length: n }, () => prng.bytes(size)));
  const uneven = Array.from({ length: n }, (_, i) => prng.bytes(1 + i));
  const leaves = [...shards, uneven].flatMap((list) => {
    const tree = new ShardTree(list);
    return list.map((shard, j) => Uint8Array.of(...tree.root, ...tree.branch(j), ...shard));
  });
  const vals = [...honest.map(({ message }) => message.bytes), ...leaves];
  const digests = payloads.map((payload) => hashBytes('payload', payload));
  const roots = vals.map((bytes) => bytes.slice(0, 32));
  return [...payloads, ...digests, ...roots, ...vals, prng.bytes(31), prng.bytes(33)];
}

const arbitraryPart = (prng: Prng, n: number, material: readonly Uint8Array[]): RbcMessage => ({
  kind: pick(prng, RBC_KINDS),
  proposer: at(prng.chance(0.03) ? pick(prng, [n, 99, 255]) : prng.below(n)),
  bytes: pick(prng, material),
});

function arbitraryFrame(prng: Prng, n: number, material: readonly Uint8Array[]): AcsMessage {
  const width = prng.chance(0.05) ? prng.below(20) : (n + 7) >> 3;
  const last = prng.chance(0.9) ? (2 << ((n - 1) & 7)) - 1 : 255;
  const instances = (): Uint8Array =>
    prng.bytes(width).map((byte, i) => (i === width - 1 ? byte & last : byte));
  return {
    rbc: Array.from({ length: prng.below(4) }, () => arbitraryPart(prng, n, material)),
    votes: Array.from({ length: prng.below(6) }, () => ({ ...arbitraryVote(prng), instances: instances() })),
  };
}

/** Feeds it from the last f validators, and checks that nobody else is blamed; or from all. */
function drown<M>(
  n: number,
  prng: Prng,
  senders: 'f' | 'all',
  arbitrary: () => M,
  handle: (from: ValidatorIndex, message: M) => Step<unknown, unknown, unknown>,
): void {
  const { f } = quorumOf(n);
  if (senders === 'f' && f === 0) return;
  for (let k = 0; k < MESSAGES; k++) {
    const from = senders === 'f' ? n - 1 - prng.below(f) : prng.below(n);
    const { faults } = handle(at(from), arbitrary());
    if (senders === 'f') for (const { by } of faults) expect(by).toBeGreaterThanOrEqual(n - f);
  }
}

describe.each(['f', 'all'] as const)('arbitrary messages of %s validators do not throw', (senders) => {
  const each = (run: (n: number, prng: Prng, seed: number) => void): void => {
    for (const n of SIZES) {
      for (let seed = 1; seed <= SEEDS; seed++) {
        expect(() => run(n, new Prng(seed * 31 + n), seed), `n = ${n}, SEED=${seed}`).not.toThrow();
      }
    }
  };

  test.each([MMR, FIRST_HAND])('in an agreement', (rules) => {
    each((n, prng) => {
      const aba = new MmrAba({ n, rules });
      drown(
        n,
        prng,
        senders,
        () => arbitraryVote(prng),
        (from, vote) => {
          if (prng.chance(0.01)) aba.input(prng.bit());
          const step = aba.handle(from, vote);
          for (const { round } of step.effects) aba.coin(round, prng.bit());
          aba.status();
          return step;
        },
      );
    });
  });

  test.each([
    ['digest', (n: number, self: number) => new DigestRbc({ n, self: at(self), proposer: at(n - 1) })],
    ['avid', (n: number, self: number) => new AvidRbc({ n, self: at(self), proposer: at(n - 1) }, erasure)],
  ] as const)('in a broadcast by %s', (_name, open) => {
    each((n, prng) => {
      const rbc: Broadcast = open(n, prng.below(n));
      const material = materialOf(n, prng);
      // Few of them, so that some get a quorum.
      const few = Array.from({ length: 6 }, () => pick(prng, material));
      drown(
        n,
        prng,
        senders,
        () => arbitraryPart(prng, n, prng.bit() ? few : material),
        (from, part) => {
          if (prng.chance(0.02)) rbc.resend();
          return rbc.handle(from, part);
        },
      );
    });
  });

  test.each([
    ['first-hand', 'digest'],
    ['first-hand', 'avid'],
    ['bkr', 'digest'],
    ['bkr', 'avid'],
  ] as const)('in the common subset %s by %s', (acs, rbc) => {
    const protocol = acsProtocol(acs, rbc, erasure);
    each((n, prng, seed) => {
      if (seed > SEEDS / 3) return;
      const machine = protocol.create({ n, self: at(0), height: 1 });
      const material = materialOf(n, prng);
      const few = Array.from({ length: 6 }, () => pick(prng, material));
      const answer = (step: ReturnType<typeof machine.handle>): void => {
        for (const { message } of protocol.merge(n, [step]).sends) protocol.encode(message);
        for (const effect of step.effects) {
          if (effect.type === 'validate') answer(machine.validated(effect.proposer, prng.chance(0.8)));
          else if (effect.type === 'coin') answer(machine.coin(effect.instance, effect.round, prng.bit()));
        }
      };
      if (prng.bit()) answer(machine.propose(prng.bytes(20)));
      drown(
        n,
        prng,
        senders,
        () => arbitraryFrame(prng, n, prng.bit() ? few : material),
        (from, frame) => {
          const step = machine.handle(from, frame);
          answer(step);
          machine.status();
          return step;
        },
      );
    });
  });
});

test('when f + 1 validators and more decide 0 everywhere a common subset puts out nothing, and does not throw', () => {
  const machine = acsProtocol('first-hand', 'digest').create({ n: 4, self: at(0), height: 1 });
  const votes = [{ kind: 'term' as const, round: 0, values: 1 as BitSet, instances: Uint8Array.of(15) }];
  for (const from of [1, 2, 3]) expect(machine.handle(at(from), { rbc: [], votes }).outputs).toEqual([]);
  expect(machine.status()).toMatchObject({ done: false, closed: false });
});
