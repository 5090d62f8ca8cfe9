import { expect, test } from 'vitest';
import { validatorIndex as at } from '../../../src/params/ids.ts';
import { quorumOf } from '../../../src/params/quorum.ts';
import { CoinShares } from '../../../src/sim/coin-shares.ts';

test('2f + 1 different senders open a coin, once', () => {
  const shares = new CoinShares(quorumOf(4));
  const results = [0, 0, 1, 1, 2, 3].map((from) => shares.add(at(from), 1, 5));
  expect(results).toEqual(['kept', 'kept', 'kept', 'kept', 'open', 'kept']);
});

test('coins of other agreements and rounds are counted apart', () => {
  const shares = new CoinShares(quorumOf(4));
  expect([
    shares.add(at(0), 0, 2),
    shares.add(at(1), 1, 2),
    shares.add(at(2), 0, 3),
    shares.add(at(3), 0, 2),
  ]).toEqual(['kept', 'kept', 'kept', 'kept']);
});

test('shares beyond the committee or the window are not kept; the window follows the own shares', () => {
  const shares = new CoinShares(quorumOf(4));
  expect(shares.add(at(0), 4, 2)).toBe('beyond');
  expect(shares.add(at(0), 0, 66)).toBe('kept');
  expect(shares.add(at(0), 0, 67)).toBe('beyond');
  shares.release(0, 10);
  expect(shares.add(at(0), 0, 74)).toBe('kept');
  expect(shares.add(at(0), 0, 75)).toBe('beyond');
  expect(shares.add(at(0), 1, 74)).toBe('beyond');
});
