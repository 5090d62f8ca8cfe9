import { beforeAll, describe, expect, test } from 'vitest';
import { PPM } from '../../src/params/sizes.ts';
import type { CircuitTester } from '../../src/testing/circuit-tester.ts';
import type { CircuitInput } from '../../src/testing/input-shape.ts';
import { openCircuit } from '../helpers/circuit.ts';
import { buy, INACTIVE, type OrderRow, packed, sell } from '../helpers/orders.ts';

const MAX = 2n ** 32n;
const table = [
  Array.from({ length: 16 }, (_, i) => 100n + BigInt(i)),
  Array.from({ length: 16 }, (_, i) => 7000n + BigInt(i)),
];
const signals = (order: OrderRow): CircuitInput => ({ ...order, table });

let circuit: CircuitTester;
beforeAll(async () => {
  circuit = await openCircuit('test/circuits/order.circom');
});
const brokenBy = async (order: Partial<OrderRow>): Promise<string[]> =>
  circuit.broken(await circuit.attempt(signals({ ...buy(3n, 500n, 20n), ...order })));

describe('Order', () => {
  const instruments = Array.from({ length: 16 }, (_, i) => BigInt(i));
  test.each(instruments)('selects both table entries of instrument %i', async (i) => {
    const bought = await circuit.witness(signals(buy(i, 500n, 20n)));
    expect(circuit.read(bought, 'need')).toBe(20n * 500n * table[0]![Number(i)]!);
    const sold = await circuit.witness(signals(sell(i, 500n, 20n)));
    expect(circuit.read(sold, 'need')).toBe(20n * PPM * table[1]![Number(i)]!);
  });
  test.each([buy(0n, 1n, 1n), buy(15n, MAX, MAX), sell(7n, MAX, 1n), sell(8n, 1n, MAX), INACTIVE])(
    'packs an order at its boundaries, %o',
    async (order) => {
      const witness = await circuit.witness(signals(order));
      expect(circuit.read(witness, 'word')).toBe(packed(order));
      expect(packed(order) < 2n ** 71n).toBe(true);
    },
  );
  test('the greatest need stays far below the field', async () => {
    const greatest = {
      ...sell(0n, MAX, MAX),
      table: [table[0]!, new Array<bigint>(16).fill(2n ** 64n - 1n)],
    };
    const witness = await circuit.witness(greatest);
    expect(circuit.read(witness, 'need')).toBe(MAX * (2n ** 64n - 1n) * PPM);
  });
  test('a reduce-only order and an inactive one need nothing', async () => {
    expect(circuit.read(await circuit.witness(signals({ ...buy(1n, 5n, 5n), reduceOnly: 1n })), 'need')).toBe(
      0n,
    );
    expect(circuit.read(await circuit.witness(signals(INACTIVE)), 'need')).toBe(0n);
  });
  test('has the reviewed number of constraints', () => expect(circuit.constraintCount).toBe(107));
});

describe('Order refuses forged witnesses', () => {
  test.each(['side', 'reduceOnly'] as const)('C1 %s = 2 breaks its own constraint only', async (flag) => {
    expect(await brokenBy({ [flag]: 2n })).toEqual([`one ${flag}`]);
  });
  test('C1 active = 2 breaks its own constraint and the one of inactive orders', async () => {
    expect(await brokenBy({ active: 2n })).toEqual([
      'one active',
      expect.stringMatching(/active.*word|word.*active/),
    ]);
  });
  test.each([16n, 17n, -1n])(
    'C2 instrument %i breaks the bit that is what the others leave',
    async (instrument) => {
      expect(await brokenBy({ instrument })).toContain(
        'one instrument entry.bits[0] entry.bits[1] entry.bits[2]',
      );
    },
  );
  test.each([0n, -1n, MAX + 1n])('C3 an active order of price %i breaks one bit', async (price) => {
    expect(await brokenBy({ price })).toEqual([expect.stringContaining('pricePart')]);
  });
  test.each([0n, -1n, MAX + 1n])('C4 an active order of %i lots breaks one bit', async (lots) => {
    expect(await brokenBy({ lots })).toEqual([expect.stringContaining('lotsPart')]);
  });
  test.each([
    { side: 1n },
    { reduceOnly: 1n },
    { instrument: 1n },
    { price: 1n },
    { lots: 1n },
    { price: MAX - 1n },
  ])('C5 an inactive order with %o breaks one constraint', async (residue) => {
    const forged = await circuit.attempt(signals({ ...INACTIVE, ...residue }));
    expect(circuit.broken(forged)).toEqual([expect.stringContaining('active')]);
  });
  test.each([3, 15])('C6 another table entry than the selected one breaks a multiplexer', async (i) => {
    const honest = await circuit.witness(signals(buy(BigInt(i), 500n, 20n)));
    const forged = circuit.forge(honest, { [`table[0][${i}]`]: 1n });
    expect(circuit.brokenParts(forged)).toEqual([expect.stringMatching(/^entry/)]);
  });
  test('C6 the entry of the other side breaks a multiplexer', async () => {
    const honest = await circuit.witness(signals(buy(3n, 500n, 20n)));
    const other = await circuit.witness(signals(sell(3n, 500n, 20n)));
    const forged = circuit.splice(honest, other, /^(entry\.out|perLot|need)$/);
    expect(circuit.broken(forged)).toContainEqual(expect.stringMatching(/side.*entry\.out/));
  });
  test('C7 another need breaks one constraint', async () => {
    const honest = await circuit.witness(signals(buy(3n, 500n, 20n)));
    expect(circuit.broken(circuit.forge(honest, { need: 0n }))).toEqual([expect.stringContaining('need')]);
  });
  test.each(['factor', 'perLot', 'openingLots'])('C7 another %s breaks', async (name) => {
    const honest = await circuit.witness(signals(buy(3n, 500n, 20n)));
    expect(circuit.broken(circuit.forge(honest, { [name]: 0n }))[0]).toContain(name);
  });
});
