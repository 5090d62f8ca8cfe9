import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { r } from '../../../src/params/fields.ts';
import { bit, fieldElement, inputOf, notOfBits, ofBits } from '../../../src/testing/arbitraries.ts';
import { openCircuit } from '../../helpers/circuit.ts';

/** Values of a run of the usual length. */
const drawn = <T>(arbitrary: fc.Arbitrary<T>, seed: number): T[] =>
  fc.sample(arbitrary, { numRuns: 100, seed });

describe('generators', () => {
  test('stay in their ranges', () => {
    fc.assert(
      fc.property(fieldElement(), bit(), (x, b) => {
        expect(x >= 0n && x < r).toBe(true);
        expect(b === 0n || b === 1n).toBe(true);
      }),
    );
    const bits = fc.integer({ min: 1, max: 253 });
    fc.assert(
      fc.property(
        bits.chain((n) => fc.tuple(fc.constant(n), ofBits(n), notOfBits(n))),
        ([n, below, not]) => {
          expect(below >= 0n && below < 2n ** BigInt(n)).toBe(true);
          expect(not >= 2n ** BigInt(n) && not < r).toBe(true);
        },
      ),
    );
  });
  test.each([1, 2, 3, 4, 5])('meet the edges within 100 cases, and more than edges (seed %i)', (seed) => {
    const bounded = drawn(ofBits(64), seed);
    expect(bounded).toEqual(expect.arrayContaining([0n, 2n ** 64n - 1n]));
    expect(new Set(bounded).size).toBeGreaterThan(40);
    expect(drawn(notOfBits(64), seed)).toEqual(expect.arrayContaining([2n ** 64n, r - 1n]));
    expect(drawn(fieldElement(), seed).filter((x) => x < 3n || x > r - 3n).length).toBeGreaterThan(2);
  });
  test.each([0, 254, 1.5, Number.NaN])('have no numbers of %s bits', (n) =>
    expect(() => ofBits(n)).toThrow('is no number of bits: from 1 to 253'),
  );
});

test('inputs of a circuit: a statement holds for all within the range, and is refused beyond', async () => {
  const circuit = await openCircuit('test/circuits/priced-total.circom');
  const price = fieldElement().filter((x) => x !== 0n);
  await fc.assert(
    fc.asyncProperty(inputOf(circuit, { price, lots: ofBits(8) }), async (input) => {
      const [p, lots, limit] = [input['price'], input['lots'], input['limit']] as [bigint, bigint[], bigint];
      const paid = lots.map((one) => (p * one) % r);
      await circuit.expectPass(input, { paid, left: limit - paid[0]! - paid[1]! });
    }),
  );
  await fc.assert(
    fc.asyncProperty(inputOf(circuit, { price, lots: notOfBits(8) }), async (input) => {
      await circuit.expectFail(input, { constraint: 'Bits:13' });
    }),
  );
  expect(() => inputOf(circuit, { prize: bit() })).toThrow('prize is no input of priced-total');
  expect(() => inputOf({ name: 'unnamed', inputs: undefined })).toThrow('without a .sym file');
});
