import { describe, expect, test } from 'vitest';
import { type Delay, type LinkOptions, Links } from '../../../src/sim/links.ts';
import { Prng } from '../../../src/sim/prng.ts';
import { oneWayMs } from '../../../src/sim/wan-latency.ts';

const links = (options: LinkOptions, seed = 1): Links => new Links(10, options, new Prng(seed));
/** Delays of many messages from validator 0 to 1. */
const sample = (delay: Delay, count = 20_000): number[] => {
  const link = links({ delay });
  return Array.from({ length: count }, () => link.arrival(0, 1, 100, 0)).sort((a, b) => a - b);
};
/** Largest distance between the sample and a distribution function; below 1.63/√n in 99 of 100 samples (Kolmogorov). */
const distance = (sorted: readonly number[], cdf: (x: number) => number): number =>
  Math.max(...sorted.map((x, i) => Math.abs(cdf(x) - (i + 0.5) / sorted.length)));

describe('links', () => {
  test('const is constant, and oneself is reached at once', () => {
    const link = links({ delay: { kind: 'const', ms: 100 } });
    expect([link.arrival(0, 1, 9, 50), link.arrival(3, 2, 9, 50), link.arrival(2, 2, 9, 50)]).toEqual([
      150, 150, 50,
    ]);
  });

  test('uniform is uniform between its ends', () => {
    const delays = sample({ kind: 'uniform', fromMs: 50, toMs: 150 });
    expect(delays[0]).toBeGreaterThanOrEqual(50);
    expect(delays.at(-1)).toBeLessThan(150);
    expect(distance(delays, (x) => (x - 50) / 100)).toBeLessThan(1.63 / Math.sqrt(delays.length));
  });

  test('exp is exponential with its mean', () => {
    const delays = sample({ kind: 'exp', meanMs: 100 });
    expect(distance(delays, (x) => 1 - Math.exp(-x / 100))).toBeLessThan(1.63 / Math.sqrt(delays.length));
  });

  test('wan is within 10 % of half the published round trips between ten regions of the world', () => {
    const link = links({ delay: { kind: 'wan' } });
    const world = oneWayMs('world');
    for (const [a, row] of world.entries()) {
      for (const [b, ms] of row.entries()) {
        const once = Array.from({ length: 100 }, () => link.arrival(a, b + 10, 9, 0));
        expect(Math.min(...once)).toBeGreaterThanOrEqual(0.9 * ms);
        expect(Math.max(...once)).toBeLessThanOrEqual(1.1 * ms);
      }
    }
  });

  test('a loss costs a resend each time: geometric, 300 ms a step, and nothing is lost for good', () => {
    const link = links({ delay: { kind: 'const', ms: 10 }, loss: 0.25 });
    const steps = Array.from({ length: 20_000 }, () => (link.arrival(0, 1, 9, 0) - 10) / 300);
    expect(steps.every((k) => Number.isInteger(k))).toBe(true);
    for (const k of [0, 1, 2]) {
      const share = steps.filter((step) => step === k).length / steps.length;
      expect(Math.abs(share - 0.75 * 0.25 ** k)).toBeLessThan(0.015);
    }
  });

  test('bandwidth makes a sender’s messages follow one another, not those of others', () => {
    const link = links({ delay: { kind: 'const', ms: 10 }, bandwidth: 100 });
    expect(link.arrival(0, 1, 1000, 0)).toBe(20);
    expect(link.arrival(0, 2, 1000, 0)).toBe(30);
    expect(link.arrival(1, 2, 1000, 0)).toBe(20);
    expect(link.arrival(0, 1, 1000, 500)).toBe(520);
  });

  test('what crosses a partition arrives after it; what stays on a side is not delayed', () => {
    const partitions = [
      { fromMs: 100, toMs: 200, side: [0, 1] },
      { fromMs: 200, toMs: 300, side: [0] },
    ];
    const link = links({ delay: { kind: 'const', ms: 10 }, partitions });
    expect(link.arrival(0, 2, 9, 99)).toBe(109);
    expect(link.arrival(1, 2, 9, 100)).toBe(210);
    expect(link.arrival(2, 1, 9, 150)).toBe(210);
    expect(link.arrival(0, 1, 9, 150)).toBe(160);
    expect(link.arrival(0, 2, 9, 150)).toBe(310);
    expect(link.arrival(0, 2, 9, 300)).toBe(310);
  });

  test('equal seeds give equal delays, other seeds others', () => {
    const run = (seed: number): number[] => {
      const link = links({ delay: { kind: 'exp', meanMs: 100 }, loss: 0.1, bandwidth: 50 }, seed);
      return Array.from({ length: 50 }, (_, i) => link.arrival(i % 10, (i * 7) % 10, 100, i));
    };
    expect(run(3)).toEqual(run(3));
    expect(run(3)).not.toEqual(run(4));
  });

  test.each([
    [{ loss: 1 }],
    [{ loss: -0.1 }],
    [{ bandwidth: 0 }],
    [
      {
        partitions: [
          { fromMs: 5, toMs: 9, side: [0] },
          { fromMs: 8, toMs: 12, side: [1] },
        ],
      },
    ],
  ])('refuses links that would let nothing through, or walls that overlap: %j', (more) => {
    expect(() => links({ delay: { kind: 'const', ms: 1 }, ...more })).toThrow('invariant broken');
  });
});
