import { expect, test } from 'vitest';
import { fuzzWire } from '../helpers/net-fuzz.ts';

test('200,000 streams with random damage are read or refused, never thrown at, within the memory of what came', () => {
  const { thrown, beyond, refused, read } = fuzzWire(200_000, 20);
  expect([thrown, beyond]).toEqual([0, 0]);
  expect(Math.min(refused, read)).toBeGreaterThan(20_000);
});
