import { describe, expect, test } from 'vitest';
import { shifted } from '../../../src/committee/faulty.ts';
import { ABA_ROUND_WINDOW } from '../../../src/params/sizes.ts';
import { CoinBox } from '../../../src/validator/coin-box.ts';
import type { Message } from '../../../src/validator/messages.ts';
import { Out } from '../../../src/validator/out.ts';
import { contextAt, H1, said, v } from './fixtures.ts';

const contexts = [0, 1, 2, 3].map((i) => contextAt(4, i));

/** Validator i's share of the coin of one instance and round. */
function shareOf(i: number, instance: number, round: number): Uint8Array {
  const out = new Out();
  new CoinBox(contexts[i]!, H1).release(v(instance), round, out);
  return (said(out)[0]!.message as Extract<Message, { kind: 'coin' }>).share;
}

function toss(instance: number, round: number, from: readonly number[]): 0 | 1 | undefined {
  const box = new CoinBox(contexts[0]!, H1);
  box.release(v(instance), round, new Out());
  return from.reduce<0 | 1 | undefined>(
    (value, i) =>
      value ?? box.add(v(i), { instance, round, share: shareOf(i, instance, round) }, round, new Out()),
    undefined,
  );
}

describe('an ABA coin', () => {
  test('is the same from any 2f + 1 shares, unknown from 2f, and differs between rounds and instances', () => {
    expect(toss(1, 2, [0, 1])).toBeUndefined();
    const value = toss(1, 2, [0, 1, 2]);
    expect(value).toBeDefined();
    for (const who of [
      [1, 2, 3],
      [3, 0, 2],
    ])
      expect(toss(1, 2, who)).toBe(value);
    const others = [2, 3, 4, 5].flatMap((round) =>
      [0, 2, 3].map((instance) => toss(instance, round, [1, 2, 3])),
    );
    expect(new Set(others)).toEqual(new Set([0, 1]));
  });

  test('is known at once on release when the shares came early, and one’s own share leaves only then', () => {
    const box = new CoinBox(contexts[0]!, H1);
    const out = new Out();
    for (const i of [1, 2, 3])
      expect(box.add(v(i), { instance: 1, round: 2, share: shareOf(i, 1, 2) }, 2, out)).toBeUndefined();
    expect(out.frames).toEqual([]);
    expect(box.release(v(1), 2, out)).toBe(toss(1, 2, [1, 2, 3]));
    box.release(v(1), 2, out);
    expect(out.frames).toHaveLength(1);
  });

  test('survives a bad share at each place, which is blamed once it is looked at', () => {
    for (const place of [0, 1, 2]) {
      const box = new CoinBox(contexts[0]!, H1);
      const out = new Out();
      box.release(v(1), 2, out);
      const order = [1, 2, 3];
      order.splice(place, 0, 0);
      const values = order.map((i) => {
        const share = shareOf(i, 1, 2);
        const bad = Uint8Array.from([...shifted(share.subarray(0, 64)), ...share.subarray(64)]);
        return box.add(v(i), { instance: 1, round: 2, share: i === 0 ? bad : share }, 2, out);
      });
      expect(values.at(-1)).toBe(toss(1, 2, [1, 2, 3]));
      expect(out.faults.map(({ by, fault }) => [by, fault])).toEqual([[0, 'COIN_SHARE_INVALID']]);
    }
  });

  test('a second, different share is a fault; a repeated one and a late one are nothing', () => {
    const box = new CoinBox(contexts[0]!, H1);
    const out = new Out();
    box.release(v(1), 2, out);
    const share = shareOf(1, 1, 2);
    for (const bytes of [share, share, shareOf(1, 1, 3)])
      box.add(v(1), { instance: 1, round: 2, share: bytes }, 2, out);
    for (const i of [0, 2, 3]) box.add(v(i), { instance: 1, round: 2, share: shareOf(i, 1, 2) }, 2, out);
    expect(box.add(v(3), { instance: 1, round: 2, share: shareOf(3, 1, 2) }, 2, out)).toBeUndefined();
    expect(out.faults.map(({ by, fault }) => [by, fault])).toEqual([[1, 'COIN_EQUIVOCATION']]);
  });

  test('of an instance or round that cannot be is a fault; the window goes with the agreement’s own round', () => {
    const box = new CoinBox(contexts[0]!, H1);
    const share = new Uint8Array(128);
    const faultsAt = (own: number | undefined, instance: number, round: number): string[] => {
      const out = new Out();
      box.add(v(1), { instance, round, share }, own, out);
      return out.faults.map(({ fault }) => fault);
    };
    const beyond = ['COIN_OUT_OF_RANGE'];
    expect(faultsAt(0, 4, 2)).toEqual(beyond);
    for (const round of [0, 1, ABA_ROUND_WINDOW + 1, 2 ** 32 - 1])
      expect(faultsAt(0, 0, round)).toEqual(beyond);
    for (const round of [2, ABA_ROUND_WINDOW]) expect(faultsAt(0, 0, round)).toEqual([]);
    expect(faultsAt(9, 0, ABA_ROUND_WINDOW + 9)).toEqual([]);
    expect(faultsAt(9, 0, ABA_ROUND_WINDOW + 10)).toEqual(beyond);
  });

  test('of a closed agreement is not kept, and what was kept is forgotten', () => {
    const box = new CoinBox(contexts[0]!, H1);
    const out = new Out();
    const share = new Uint8Array(128);
    for (const instance of [1, 3]) box.add(v(1), { instance, round: 2, share }, 2, out);
    box.close(v(1));
    expect([...box.state().tosses.keys()]).toEqual(['3/2']);
    box.add(v(2), { instance: 1, round: 2, share }, undefined, out);
    expect([...box.state().tosses.keys()]).toEqual(['3/2']);
    expect(out.faults).toEqual([]);
  });
});
