import { describe, expect, test } from 'vitest';
import { HBBFT_ROWS } from '../../../src/experiments/hbbft.ts';
import { pythonReceives, rustReceives } from '../../../src/experiments/honeybadger-formats.ts';

describe('what hbbft receives by its message formats', () => {
  test('are within 2 % as many messages as a run of it counted', () => {
    for (const { n, messages } of HBBFT_ROWS)
      expect(Math.abs(rustReceives(n, 256, 0, true).messages / messages - 1)).toBeLessThan(0.02);
  });

  test('are bytes that a run of it counted too: from the common subset alone to all of it with every ECHO late', () => {
    for (const { n, bytes } of HBBFT_ROWS)
      for (const [payloadBytes, counted] of bytes) {
        expect(counted).toBeGreaterThan(rustReceives(n, payloadBytes, 0, false).bytes);
        expect(counted).toBeLessThan(rustReceives(n, payloadBytes, 1, true).bytes);
      }
  });

  test('are at n = 4 the messages and bytes that its code sends, counted by hand', () => {
    // 3 VAL, 8 ECHO, 4 hashes instead of ECHO, 12 READY, 8 CanDecode; 12 each of BVAL, AUX, TERM. A branch has two hashes; k = 2.
    const proof = 4 + 8 + 4 + 4 + (8 + (4 + 100) / 2) + 8 + (8 + 2 * 32) + 32 - 4;
    expect(rustReceives(4, 100, 0, false)).toEqual({
      messages: 3 + 8 + 4 + 12 + 8 + 36,
      bytes: 11 * proof + 24 * (16 + 32) + 24 * 29 + 12 * 25,
    });
  });
});

test('the Python implementation receives at n = 4 what its encoder writes, counted by hand', () => {
  const fragment = 100 / 2 + 1 + 32 + 2 * 32 + 71;
  expect(pythonReceives(4, 100)).toEqual({
    messages: 3 + 12 + 12 + 4 * 36,
    bytes:
      3 * (4 + 2 + 1 + 5 + fragment) + 12 * (4 + 2 + 1 + 6 + fragment) + 12 * 40 + 4 * 12 * (10 + 10 + 39),
  });
});
