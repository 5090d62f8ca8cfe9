import { expect, test } from 'vitest';
import { MMR } from '../../../src/consensus/aba/rules.ts';
import type { Bit } from '../../../src/consensus/aba/votes.ts';
import { AbaAttack } from '../../../src/experiments/aba-attack.ts';
import { Prng } from '../../../src/sim/prng.ts';

const attack = (
  n: number,
  seed: number,
  coinOf: (round: number) => Bit,
  guess: (round: number) => Bit,
  conf = true,
  isBlind = false,
) => new AbaAttack({ n, coinOf, guess, isBlind, prng: new Prng(seed), rules: { ...MMR, conf } }).run(80);
const coin =
  (seed: number) =>
  (round: number): Bit =>
    new Prng(seed * 1000 + round).bit();

test.each([4, 7, 10, 13])(
  'who knows the coin beforehand keeps %i validators undecided, who bets wrong does not',
  (n) => {
    for (let seed = 1; seed <= 10; seed++) {
      const toss = coin(seed);
      expect(attack(n, seed, toss, toss)).toEqual({ decided: false, coinRounds: 80 });
      expect(attack(n, seed, toss, (round) => (1 - toss(round)) as Bit)).toEqual({
        decided: true,
        coinRounds: 1,
      });
    }
  },
);

test.each([4, 7, 10, 13])(
  'without CONF the first share of a fair coin is enough to keep %i validators undecided',
  (n) => {
    for (let seed = 1; seed <= 10; seed++) {
      const blind = (): Bit => 0;
      expect(attack(n, seed, coin(seed), blind, false)).toEqual({ decided: false, coinRounds: 80 });
      expect(attack(n, seed, coin(seed), blind).decided).toBe(true);
      // Whoever does not look at it cannot use it.
      const looksAway = attack(n, seed, coin(seed), blind, false, true);
      expect(looksAway.decided).toBe(true);
      expect(looksAway.coinRounds).toBeGreaterThan(0);
    }
  },
);
