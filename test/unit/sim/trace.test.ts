import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TraceHash } from '../../../src/sim/trace.ts';

const hashOf = (parts: readonly (number | Uint8Array)[]): string => {
  const trace = new TraceHash();
  for (const part of parts) typeof part === 'number' ? trace.add(part) : trace.addBytes(part);
  return trace.hex;
};

describe('the trace hash', () => {
  test('is 16 hex digits, and of what came in which order', () => {
    expect(hashOf([])).toMatch(/^[0-9a-f]{16}$/);
    expect(hashOf([1, 2])).toBe(hashOf([1, 2]));
    expect(hashOf([1, 2])).not.toBe(hashOf([2, 1]));
    expect(hashOf([1])).not.toBe(hashOf([1, 0]));
    expect(hashOf([0.1])).not.toBe(hashOf([0.1 + 2 ** -50]));
  });

  test('sees every bit of every byte, and where bytes end', () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 70 });
    fc.assert(
      fc.property(bytes, fc.nat(), fc.nat(7), (list, at, bit) => {
        const other = list.slice();
        other[at % list.length]! ^= 1 << bit;
        expect(hashOf([other])).not.toBe(hashOf([list]));
        expect(hashOf([list.slice(0, -1), list.slice(-1)])).not.toBe(hashOf([list]));
      }),
    );
  });

  test('does not collide among a hundred thousand near inputs', () => {
    const seen = new Set<string>();
    for (let i = 0; i < 100_000; i++) seen.add(hashOf([i]));
    expect(seen.size).toBe(100_000);
  });
});
