import { describe, expect, test } from 'vitest';
import { validatorIndex as at } from '../../../src/params/ids.ts';
import { quorumOf } from '../../../src/params/quorum.ts';
import { Catchup } from '../../../src/sim/catchup.ts';
import { PACKET_WINDOW } from '../../../src/sim/peer-windows.ts';

/** Seven validators, two liars at most: three equal claims contain a correct one. */
const open = (claims: readonly [number, string][]): Catchup => {
  const catchup = new Catchup(quorumOf(7));
  for (const [by, digest] of claims) catchup.claim(at(by), 5, digest, 5);
  return catchup;
};
const asked = (catchup: Catchup): number[] => catchup.asks(5).map(({ to }) => to);

describe('catching up', () => {
  test('believes f + 1 equal claims, and not f', () => {
    const catchup = open([
      [1, 'a'],
      [2, 'b'],
      [3, 'a'],
    ]);
    expect(catchup.isDone(5)).toBe(false);
    expect(asked(catchup)).toEqual([]);
    catchup.claim(at(4), 5, 'a', 5);
    expect(catchup.isDone(5)).toBe(true);
    expect(catchup.isDone(6)).toBe(false);
  });

  test('a peer’s first word counts: it cannot stand for two outputs', () => {
    const catchup = open([
      [1, 'b'],
      [1, 'a'],
      [2, 'a'],
      [3, 'a'],
    ]);
    expect(catchup.isDone(5)).toBe(false);
  });

  test('asks one of f + 1 claimers, and one more for each further claim; nobody twice', () => {
    const catchup = open([
      [1, 'a'],
      [2, 'a'],
      [3, 'a'],
    ]);
    expect(asked(catchup)).toEqual([1]);
    expect(asked(catchup)).toEqual([]);
    catchup.claim(at(4), 5, 'a', 5);
    expect(asked(catchup)).toEqual([2]);
    catchup.claim(at(6), 5, 'b', 5);
    expect(asked(catchup)).toEqual([]);
    catchup.claim(at(5), 5, 'a', 5);
    expect(asked(catchup)).toEqual([3]);
  });

  test('takes an answer from who was asked, once, and only what f + 1 claim', () => {
    const catchup = open([
      [1, 'a'],
      [2, 'a'],
      [3, 'a'],
    ]);
    catchup.asks(5);
    expect(catchup.awaits(at(2), 5)).toBe(false);
    expect(catchup.awaits(at(1), 6)).toBe(false);
    expect(catchup.awaits(at(1), 5)).toBe(true);
    expect(catchup.answer(at(1), 5, 'b')).toBe(false);
    expect(catchup.awaits(at(1), 5)).toBe(false);
    catchup.claim(at(4), 5, 'a', 5);
    catchup.asks(5);
    expect(catchup.answer(at(2), 5, 'a')).toBe(true);
  });

  test('keeps claims within the window, and forgets heights that are over', () => {
    const catchup = open([
      [1, 'a'],
      [2, 'a'],
      [3, 'a'],
    ]);
    expect(catchup.claim(at(1), 5 + PACKET_WINDOW, 'a', 5)).toBe(true);
    expect(catchup.claim(at(1), 6 + PACKET_WINDOW, 'a', 5)).toBe(false);
    catchup.forget(5);
    expect(catchup.isDone(5)).toBe(false);
  });
});
