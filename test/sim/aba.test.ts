import { describe, expect, test } from 'vitest';
import { MmrAba } from '../../src/consensus/aba/mmr.ts';
import { type AbaRules, MMR } from '../../src/consensus/aba/rules.ts';
import type { Bit, Vote } from '../../src/consensus/aba/votes.ts';
import { NOTHING } from '../../src/consensus/step.ts';
import { AbaAttack } from '../../src/experiments/aba-attack.ts';
import { validatorIndex as at } from '../../src/params/ids.ts';
import { quorumOf } from '../../src/params/quorum.ts';
import { ABA_ROUND_WINDOW } from '../../src/params/sizes.ts';
import { Prng } from '../../src/sim/prng.ts';
import { foundAmong, run } from './aba-world.ts';

const all = <T>(n: number, value: T): T[] => new Array<T>(n).fill(value);

describe.each([1, 2, 3, 4, 5, 7, 10])('agreement among %i', (n) => {
  const { f, q } = quorumOf(n);

  test('a unanimous 1 is decided in 2 delays, a unanimous 0 in 4, without a coin', () => {
    const one = run({ n, seed: 1, inputs: all(n, 1 as Bit), synchronous: true });
    expect(one).toMatchObject({ decided: all(n, 1), delays: 2, coins: 0 });
    const zero = run({ n, seed: 1, inputs: all(n, 0 as Bit), synchronous: true });
    expect(zero).toMatchObject({ decided: all(n, 0), delays: 4, coins: 0 });
  });

  test.each([
    ['in any order', {}],
    ['with one validator starved', { starved: 0 }],
    ['with f liars', { liars: 'random' }],
    ['with f liars that withhold TERM', { liars: 'without TERM' }],
    ['with f liars and one validator starved', { liars: 'random', starved: 0 }],
  ] as const)('decides one bit, and closes, for any inputs, %s', (_name, options) => {
    const honest = 'liars' in options ? n - f : n;
    for (let seed = 1; seed <= 600 / n; seed++) {
      const prng = new Prng(seed);
      const inputs = Array.from({ length: n }, () => prng.bit());
      const result = run({ n, seed, inputs, ...options });
      expect(result, `SEED=${seed}`).toMatchObject({
        decided: all(honest, result.decided[0]),
        closed: all(honest, true),
        slandered: [],
      });
      expect(inputs.slice(0, honest), `SEED=${seed}`).toContain(result.decided[0]);
    }
  });

  test('f liars cannot move a unanimous input', () => {
    for (let seed = 1; seed <= 300 / n; seed++) {
      const bit = (seed % 2) as Bit;
      const result = run({ n, seed, inputs: all(n, bit), liars: 'random' });
      expect(result.decided, `SEED=${seed}`).toEqual(all(n - f, bit));
    }
  });

  test('late or missing inputs do not matter once q validators have one', () => {
    for (let seed = 1; seed <= 100 / n; seed++) {
      const inputs = Array.from({ length: n }, (_, i) => (i < q ? (1 as Bit) : undefined));
      expect(run({ n, seed, inputs }), `SEED=${seed}`).toMatchObject({
        decided: all(n, 1),
        closed: all(n, true),
      });
    }
  });
});

test('split inputs get to the real coins, and past them in a few rounds', () => {
  const coins: number[] = [];
  for (let seed = 1; seed <= 300; seed++) {
    const prng = new Prng(seed);
    coins.push(
      run({ n: 4, seed, inputs: Array.from({ length: 4 }, () => prng.bit()), liars: 'random' }).coins,
    );
  }
  expect(coins.filter((count) => count > 0).length).toBeGreaterThan(10);
  expect(Math.max(...coins)).toBeLessThan(20);
});

describe.each([4, 7, 10])('f liars among %i that vote in every round and withhold TERM', (n) => {
  const { f, q } = quorumOf(n);
  const driven = (rules: AbaRules, slow?: number) =>
    run({
      n,
      seed: 1,
      inputs: all(n, 1 as Bit),
      liars: 'without TERM',
      rules,
      ...(slow === undefined ? {} : { slow }),
    });

  test.each([
    ['with all others', undefined],
    ['with a slow validator that hears them first', 0],
  ])('drive nobody, %s: no coin share, no round beyond the decision’s next', (_name, slow) => {
    const result = driven(MMR, slow);
    expect(result).toMatchObject({ decided: all(q, 1), closed: all(q, true), coins: 0, slandered: [] });
    expect(result.lastRound).toBeLessThanOrEqual(1);
  });

  test('drive the decided ones through every round they vote in if a decided one waits for nobody', () => {
    const result = driven({ ...MMR, decidedEnters: 'always' }, 0);
    expect(result.decided).toEqual(all(n - f, 1));
    expect(result.coins).toBeGreaterThanOrEqual(6);
  });
});

test('random schedules among four get an agreement without one of its rules stuck or slandered, and ours not', () => {
  expect(foundAmong(1000, MMR)).toEqual({ stuck: 0, slandered: 0 });
  expect(foundAmong(1000, { ...MMR, oldRounds: false }).stuck).toBeGreaterThan(0);
  expect(foundAmong(300, { ...MMR, staysUntilTerms: false }).stuck).toBeGreaterThan(0);
  expect(foundAmong(300, { ...MMR, decidedEnters: 'never' }).stuck).toBeGreaterThan(0);
  expect(foundAmong(300, { ...MMR, termsAhead: true }).slandered).toBeGreaterThan(0);
});

describe('BVAL(65) of a liar beside a correct validator’s TERM', () => {
  /** Validator 0 ends round 0 with the estimate 0, and takes votes up to round 65 now; validators 1 and 2 are in round 0. */
  const relaysOf = (rules: AbaRules): readonly Vote[] => {
    const aba = new MmrAba({ n: 4, rules });
    for (const i of [0, 2, 3]) aba.handle(at(i), { kind: 'bval', round: 0, values: 1 });
    for (const i of [0, 2, 3]) aba.handle(at(i), { kind: 'aux', round: 0, values: 1 });
    expect(aba.currentRound).toBe(1);
    aba.handle(at(1), { kind: 'term', round: 0, values: 2 });
    const { sends } = aba.handle(at(3), { kind: 'bval', round: ABA_ROUND_WINDOW + 1, values: 2 });
    return sends.map(({ message }) => message);
  };
  const faultsOf = (rules: AbaRules): string[] => {
    const other = new MmrAba({ n: 4, rules });
    return relaysOf(rules).flatMap((vote) => other.handle(at(0), vote).faults.map(({ fault }) => fault));
  };

  test('makes nobody look faulty', () => {
    expect(relaysOf(MMR)).toEqual([]);
    expect(faultsOf(MMR)).toEqual([]);
  });

  test('makes a correct validator look faulty if TERM counts above the own round', () => {
    expect(faultsOf({ ...MMR, termsAhead: true })).toEqual(['ABA_ROUND_BEYOND_WINDOW']);
  });

  test('is dropped without a fault where a scheduler may foretell the coin', () => {
    const aba = new MmrAba({ n: 4, rules: { ...MMR, realCoins: false } });
    const step = aba.handle(at(3), { kind: 'bval', round: ABA_ROUND_WINDOW + 1, values: 2 });
    expect(step).toBe(NOTHING);
    expect(aba.status().roundsHeld).toBe(0);
  });
});

describe('the attack on a coin that is known too early', () => {
  const attack = (n: number, seed: number, rules: AbaRules, rounds: number) => {
    const prng = new Prng(seed);
    const coinOf = (round: number): Bit => new Prng(seed * 65_537 + round).bit();
    return new AbaAttack({ n, prng, rules, coinOf, guess: () => prng.bit() }).run(rounds);
  };

  test.each([4, 7])('without CONF %i validators are undecided after 1,000 real coins', (n) => {
    for (let seed = 1; seed <= 3; seed++) {
      const result = attack(n, seed, { ...MMR, conf: false }, 1000);
      expect(result, `SEED=${seed}`).toEqual({ decided: false, coinRounds: 1000 });
    }
  });

  test.each([4, 7, 10])('with CONF %i validators decide after two real coins on average', (n) => {
    let coins = 0;
    const runs = 300;
    for (let seed = 1; seed <= runs; seed++) {
      const result = attack(n, seed, MMR, 1000);
      expect(result.decided, `SEED=${seed}`).toBe(true);
      coins += result.coinRounds;
    }
    // Geometric with ½: mean 2, standard deviation √2; four deviations of the mean of 300 runs.
    expect(Math.abs(coins / runs - 2)).toBeLessThan((4 * Math.SQRT2) / Math.sqrt(runs));
  });
});
