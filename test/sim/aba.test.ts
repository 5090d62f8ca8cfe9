import { describe, expect, test } from 'vitest';
import { type AbaRules, MMR } from '../../src/consensus/aba/rules.ts';
import type { Bit } from '../../src/consensus/aba/votes.ts';
import { AbaAttack } from '../../src/experiments/aba-attack.ts';
import { quorumOf } from '../../src/params/quorum.ts';
import { Prng } from '../../src/sim/prng.ts';
import { run, stuckAmong } from './aba-world.ts';

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
    ['with f liars', { liars: true }],
    ['with f liars and one validator starved', { liars: true, starved: 0 }],
  ])('decides one bit, and closes, for any inputs, %s', (_name, options) => {
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
      const result = run({ n, seed, inputs: all(n, bit), liars: true });
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
    coins.push(run({ n: 4, seed, inputs: Array.from({ length: 4 }, () => prng.bit()), liars: true }).coins);
  }
  expect(coins.filter((count) => count > 0).length).toBeGreaterThan(10);
  expect(Math.max(...coins)).toBeLessThan(20);
});

describe('schedules that get an agreement without one of its rules stuck, and ours not', () => {
  test('old rounds that are ignored', () => {
    expect(stuckAmong(1000, { ...MMR, oldRounds: false })).toBeGreaterThan(0);
  });

  test('a decided node that stops', () => {
    expect(stuckAmong(300, { ...MMR, staysUntilTerms: false })).toBeGreaterThan(0);
  });

  test('the whole agreement is stuck in none of them', () => {
    expect(stuckAmong(1000, MMR)).toBe(0);
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
