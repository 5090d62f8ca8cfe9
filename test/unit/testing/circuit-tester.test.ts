import { AssertionError } from 'node:assert';
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileCircuit, root } from '../../../scripts/compile-circuit.ts';
import { r } from '../../../src/params/fields.ts';
import { CircuitTester } from '../../../src/testing/circuit-tester.ts';
import { openCircuit } from '../../helpers/circuit.ts';

const SOURCE = 'test/circuits/priced-total.circom';
const input = { price: 3n, lots: [4, '0x5'], limit: 100n };
let circuit: CircuitTester;
beforeAll(async () => {
  circuit = await openCircuit(SOURCE);
});

/** What an expectation says that is not met. */
async function failureOf(work: () => Promise<unknown>): Promise<AssertionError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof AssertionError) return error;
    throw error;
  }
  throw new Error('the expectation was met');
}

describe('a circuit under test', () => {
  test('tells its inputs with their lengths, its public signals and its constraints', () => {
    expect(circuit.inputs).toEqual({ price: [], lots: [2], limit: [] });
    expect(circuit.publicSignals).toEqual(['paid[0]', 'paid[1]', 'left', 'price', 'limit']);
    // Two products, two times eight bits, and what is left; the optimiser has put each sum in the place of a bit.
    circuit.expectConstraintCount(2 + 2 * 8 + 1);
    expect(circuit.constraintCount).toBe(19);
    expect(() => circuit.expectConstraintCount(20)).toThrow(
      'priced-total has 19 constraints, expected were 20',
    );
  });
  test('reads signals by name, one or all of an array', async () => {
    const witness = await circuit.witness(input);
    expect(circuit.read(witness, 'range[1].out[2]')).toBe(1n);
    expect(circuit.readAll(witness, 'lots')).toEqual([4n, 5n]);
    expect(circuit.readAll(witness, 'left')).toEqual([73n]);
    expect(() => circuit.read(witness, 'rest')).toThrow('priced-total: rest is no signal');
  });
  test('does not leave out what the optimiser has substituted away', async () => {
    const witness = await circuit.witness(input);
    expect(() => circuit.readAll(witness, 'range[1].out')).toThrow(
      'range[1].out[7] has no wire: the optimiser',
    );
  });
  test('takes a witness of another circuit for a mistake of the test', () =>
    expect(() => circuit.satisfies([1n, 2n])).toThrow('it has 2 wires of 22'));
  test('without a .sym file wires are called by their numbers, and the witness program counts the inputs', async () => {
    const { r1cs, wasm } = await compileCircuit(`${root}/${SOURCE}`, `${root}/build/test-circuits`);
    const unnamed = new CircuitTester({
      name: 'unnamed',
      r1cs: await readFile(r1cs),
      sym: undefined,
      wasm: await readFile(wasm),
    });
    await unnamed.expectPass(input, { w1: 12n, w2: 15n, w3: 73n });
    await expect(unnamed.witness({ ...input, lots: [1n] })).rejects.toThrow('other inputs');
  });
});

describe('expectPass', () => {
  test('is met by the outputs, of main and within, and gives the witness', async () => {
    const witness = await circuit.expectPass(input, { paid: [12n, 15n], left: 73, 'range[0].out[2]': 1n });
    expect(circuit.satisfies(witness)).toBe(true);
  });
  test('is not met by another output, and shows both', async () => {
    const failure = await failureOf(() => circuit.expectPass(input, { paid: [12n, 16n] }));
    expect(failure.message).toBe('priced-total paid is [12, 15], expected was [12, 16]');
    expect([failure.actual, failure.expected]).toEqual([
      [12n, 15n],
      [12n, 16n],
    ]);
  });
  test('is not met by fewer outputs than there are', async () =>
    expect((await failureOf(() => circuit.expectPass(input, { paid: [12n] }))).message).toContain(
      '[12, 15]',
    ));
  test('is not met where the witness program stops, and says where', async () =>
    expect((await failureOf(() => circuit.expectPass({ ...input, lots: [256n, 0n] }))).message).toBe(
      'priced-total must pass, and stops at Bits:13 in PricedTotal:25',
    ));
  test.each([
    [{ ...input, lots: [1n] }, 'lots has 1 numbers and takes 2; the inputs are price, limit, lots[2]'],
    [{ ...input, lot: 1n }, 'lot is no input'],
    [{ price: 1n, limit: 1n }, 'lots is missing'],
    [{ ...input, limit: 2 ** 60 }, 'limit is no integer'],
    [{ ...input, lots: ['1', 'one'] }, 'lots[1] is no integer'],
  ])('inputs that the circuit has not are a mistake of the test: %#', async (wrong, said) => {
    await expect(circuit.expectPass(wrong)).rejects.toMatchObject({ code: 'TEST_INPUT' });
    await expect(circuit.expectFail(wrong)).rejects.toThrow(said);
  });
});

describe('expectFail', () => {
  test('tells lines and broken constraints of an input', async () => {
    expect(await circuit.expectFail({ ...input, lots: [4n, 256n] })).toEqual({
      lines: ['Bits:13', 'PricedTotal:25'],
      places: [],
      constraints: [['one', 'lots[1]', ...[0, 1, 2, 3, 4, 5, 6].map((i) => `range[1].out[${i}]`)]],
    });
  });
  test.each([
    'Bits',
    'Bits:13',
    'lots[1]',
    'lots',
    'range[1].out[6]',
    'range[1].out',
    'range',
    /^range\[1\]/,
  ])('is met at %s', async (constraint) => {
    await circuit.expectFail({ ...input, lots: [4n, 256n] }, { constraint });
  });
  test.each(['Bit', 'Bits:11', 'lots[0]', 'range[0]', 'rang', 'paid', /paid/])(
    'is not met elsewhere, at %s',
    async (constraint) => {
      const failure = await failureOf(() =>
        circuit.expectFail({ ...input, lots: [4n, 256n] }, { constraint }),
      );
      expect(failure.message).toContain('is refused at Bits:13');
      expect(failure.message).toContain(`expected was ${constraint}`);
    },
  );
  test('is not met by a true statement', async () =>
    expect((await failureOf(() => circuit.expectFail(input))).message).toContain('accepts it'));
  test('is not met by an assert, which a cheating prover leaves out', async () =>
    expect((await failureOf(() => circuit.expectFail({ ...input, price: 0n }))).message).toContain(
      'only its witness program does, at PricedTotal:29: every constraint holds',
    ));
  test('takes a forged witness, and the constraints that it breaks', async () => {
    const forged = circuit.forge(await circuit.witness(input), { 'paid[0]': 13n });
    const { lines, constraints } = await circuit.expectFail(forged, { constraint: 'price' });
    expect(lines).toEqual([]);
    // The product, and what is left.
    expect(constraints).toHaveLength(2);
    const failure = await failureOf(() => circuit.expectFail(forged, { constraint: 'range' }));
    expect(failure.message).toContain('expected was range');
  });
  test('is not met by a forgery that every constraint accepts', async () => {
    const witness = await circuit.witness(input);
    const same = circuit.forge(witness, { left: 73n - r });
    expect((await failureOf(() => circuit.expectFail(same))).message).toContain('every constraint holds');
  });
});
