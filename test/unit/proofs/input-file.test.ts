import { beforeAll, describe, expect, test } from 'vitest';
import { snarkjsJson } from '../../../src/groth16/json-files.ts';
import { exampleInput } from '../../../src/proofs/examples.ts';
import { parseInput } from '../../../src/proofs/input-file.ts';
import { flattenSignals } from '../../../src/proofs/signals.ts';

const circuits = ['ballot', 'orders', 'account', 'dealing'] as const;

describe('a circuit input', () => {
  test.each(circuits)('of %s survives being written and read', (name) => {
    const input = exampleInput(name);
    expect(parseInput(name, JSON.parse(snarkjsJson(input)))).toEqual(input);
  });

  test('may be numbers, decimal or hexadecimal strings', () => {
    const json = { ...(JSON.parse(snarkjsJson(exampleInput('ballot'))) as object), scope: 255, x: '0xFf' };
    expect(parseInput('ballot', json)).toMatchObject({ scope: 255n, x: 255n });
  });

  let orders: Record<string, unknown>;
  beforeAll(() => {
    orders = JSON.parse(snarkjsJson(exampleInput('orders'))) as Record<string, unknown>;
  });
  test.each<[string, unknown, string]>([
    ['fee', undefined, 'orders: fee is missing; it takes an integer of 64 bits'],
    ['fee', '18446744073709551616', 'orders: fee is out of range; fee takes an integer of 64 bits'],
    ['fee', -1, 'orders: fee is out of range'],
    ['fee', '12.5', 'orders: fee is not an integer; fee takes an integer of 64 bits'],
    ['fee', 2 ** 53, 'orders: fee is not an integer'],
    ['fee', { a: 1 }, 'orders: fee is not an integer'],
    ['side', [0, 0, 0], 'orders: side has length 3; side takes 4 integers of 1 bits'],
    ['side', '0', 'orders: side is not an array'],
    ['side', [0, 0, 2, 0], 'orders: side[2] is out of range'],
    [
      'instrument',
      [0, 0, 0, 16],
      'orders: instrument[3] is out of range; instrument takes 4 integers below 16',
    ],
    ['Y9', 1, 'orders: Y9 is not an input of this circuit; there are noteRoot, Y8'],
  ])('whose %s is %j is refused by name, shape and range', (signal, value, message) => {
    const json = JSON.parse(JSON.stringify({ ...orders, [signal]: value })) as unknown;
    expect(() => parseInput('orders', json)).toThrow(message);
  });
  test.each<[string, string]>([
    [
      '12345678901234567890123456789012345678901234567890123456789012345678901234567',
      'a key of 77 characters',
    ],
    ['0x2f9a1c44', 'a key of 10 characters'],
    ['deadbeefcafe', 'a key of 12 characters'],
    ['sk2024', 'a key of 6 characters'],
    ['x'.repeat(100_000), 'a key of 100000 characters'],
    ['a\u001b[31mred', 'a key of 9 characters'],
    ['', 'a key of 0 characters'],
  ])('never repeats an unknown key that may be a secret or disturb a terminal: %s', (key, named) => {
    const message = `orders: ${named} that is no name is not an input of this circuit`;
    for (const read of [
      () => parseInput('orders', { ...orders, [key]: '1' }),
      () => flattenSignals('orders', { [key]: 1n }),
    ])
      expect(read).toThrow(expect.objectContaining({ message: expect.stringContaining(message) }));
  });
  test('of a ballot with x = 0 is refused: its proof would publish the identity secret', () => {
    expect(() =>
      parseInput('ballot', { ...JSON.parse(snarkjsJson(exampleInput('ballot'))), x: '0' }),
    ).toThrow('x is 0');
  });
  test.each(['fee', 'side'])(
    'whose %s is nested 400,000 deep is refused like any other wrong shape',
    (signal) => {
      const nested = '['.repeat(400_000) + ']'.repeat(400_000);
      const deep = JSON.parse(`{"${signal}":${nested}}`) as Record<string, unknown>;
      expect(() => parseInput('orders', { ...orders, ...deep })).toThrow(
        expect.objectContaining({ code: 'CIRCUIT_INPUT', data: { circuit: 'orders', signal } }),
      );
    },
  );
  test.each([null, 1, 'x', []])('%j is none', (json) => {
    expect(() => parseInput('orders', json)).toThrow('is not a JSON object of signals');
  });
});
