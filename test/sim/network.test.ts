import { describe, expect, test } from 'vitest';
import { validatorIndex as at } from '../../src/params/ids.ts';
import { Network } from '../../src/sim/network.ts';
import { Prng } from '../../src/sim/prng.ts';

/** Sends 0 … count − 1 to one validator and reads them in the order of delivery. */
function order(seed: number, count: number): string[] {
  const network = new Network<string>({ n: 2, seed });
  for (let i = 0; i < count; i++) network.send(at(0), at(1), String(i));
  return Array.from({ length: count }, () => network.next()!.message);
}

describe('the network in memory', () => {
  test('delivers every message once, to all including the sender', () => {
    const network = new Network<string>({ n: 3, seed: 1 });
    network.send(at(2), 'all', 'a');
    network.send(at(0), at(1), 'b');
    const seen: string[] = [];
    for (let next = network.next(); next !== undefined; next = network.next()) {
      seen.push(`${next.from}>${next.to} ${next.message}`);
    }
    expect(seen.sort()).toEqual(['0>1 b', '2>0 a', '2>1 a', '2>2 a']);
    expect(network.size).toBe(0);
  });

  test('the order is the seed’s', () => {
    expect(order(7, 20)).toEqual(order(7, 20));
    expect(order(7, 20)).not.toEqual(order(8, 20));
  });

  test('every message is equally likely to be next', () => {
    const counts = [0, 0, 0, 0];
    for (let seed = 0; seed < 4000; seed++) counts[Number(order(seed, 4)[0])]! += 1;
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  test('a round is all that is on its way, in the order sent; what is sent meanwhile is the next round', () => {
    const network = new Network<string>({ n: 2, seed: 1 });
    network.send(at(0), 'all', 'a');
    network.send(at(1), at(0), 'b');
    const round = network.nextRound();
    network.send(at(0), at(1), 'c');
    expect(round.map(({ from, to, message }) => `${from}>${to} ${message}`)).toEqual([
      '0>0 a',
      '0>1 a',
      '1>0 b',
    ]);
    expect(network.nextRound().map(({ message }) => message)).toEqual(['c']);
    expect(network.nextRound()).toEqual([]);
  });

  test('keeps a message only as long as a receiver waits for it', () => {
    const network = new Network<object>({ n: 2, seed: 1 });
    for (let i = 0; i < 1000; i++) {
      network.send(at(0), 'all', {});
      network.next();
      network.next();
    }
    expect(Reflect.get(network, 'slots')).toHaveLength(1);
  });
});

describe('the generator', () => {
  test('keeps its numbers, so that a seed keeps its meaning', () => {
    const prng = new Prng(1);
    expect([prng.uint32(), prng.uint32(), prng.uint32()]).toEqual([2704429714, 3392949363, 894752886]);
  });

  test('stays in its range, also for seeds beyond 32 bits', () => {
    const low = new Prng(5);
    const high = new Prng(5 + 2 ** 32);
    const a = Array.from({ length: 50 }, () => low.below(10));
    const b = Array.from({ length: 50 }, () => high.below(10));
    expect(a).not.toEqual(b);
    for (const value of [...a, ...b]) expect(value >= 0 && value < 10 && Number.isInteger(value)).toBe(true);
    expect(new Set(a).size).toBeGreaterThan(7);
  });

  test('chance keeps its probability and bytes their length', () => {
    const prng = new Prng(9);
    const hits = Array.from({ length: 4000 }, () => prng.chance(0.25)).filter(Boolean).length;
    expect(Math.abs(hits - 1000)).toBeLessThan(120);
    expect(prng.chance(0)).toBe(false);
    expect(prng.chance(1)).toBe(true);
    expect(prng.bytes(33)).toHaveLength(33);
  });
});
