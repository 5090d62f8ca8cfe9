import { beforeAll, describe, expect, test } from 'vitest';
import { clearCofactor, multiplyBase, multiplySumPublic, type Point } from '../../src/crypto/babyjub.ts';
import type { Witness } from '../../src/groth16/r1cs.ts';
import { l } from '../../src/params/fields.ts';
import type { CircuitTester } from '../../src/testing/circuit-tester.ts';
import type { CircuitInput } from '../../src/testing/input-shape.ts';
import { openCircuit } from '../helpers/circuit.ts';

const TOP = 2n ** 251n;
const P = clearCofactor(multiplyBase(31n));

/** Every k = 2^251 + t, 0 ≤ t < 2^251, of a residue. */
const representations = (residue: bigint): bigint[] =>
  [0n, 1n, 2n].map((c) => residue + c * l).filter((k) => k >= TOP && k < 2n * TOP);
const bitsOf = (k: bigint): bigint[] => Array.from({ length: 251 }, (_, i) => ((k - TOP) >> BigInt(i)) & 1n);
const signals = (k: bigint, point: Point = P): CircuitInput => {
  const { x, y } = point.toAffine();
  return { t: bitsOf(k), P: [x, y] };
};
/** Name of the merged step that adds the digit e_i: components are numbered as they are made, from i = 249 down. */
const stepName = (i: number): string => `AddAgain#0[${249 - i}]`;
const residue = (k: bigint): bigint => ((k % l) + l) % l;

let circuit: CircuitTester;
beforeAll(async () => {
  circuit = await openCircuit('test/circuits/ladder.circom');
});
const result = (witness: Witness): bigint[] => [
  circuit.read(witness, 'out[0]'),
  circuit.read(witness, 'out[1]'),
];

/** Residues at the edges: small, near l, halves, and where prefixes of k come close to l. */
const EDGES: [string, bigint][] = [
  ['2', 2n],
  ['3', 3n],
  ['4', 4n],
  ['l − 3', l - 3n],
  ['l − 4', l - 4n],
  ['(l − 1)/2', (l - 1n) / 2n],
  ['(l + 1)/2', (l + 1n) / 2n],
  ['(l − 3)/2', (l - 3n) / 2n],
  ['(l + 3)/2', (l + 3n) / 2n],
  ['2^250 − 1', 2n ** 250n - 1n],
  ['2^250', 2n ** 250n],
  ['2^250 + 1', 2n ** 250n + 1n],
  ['2^251 mod l', TOP % l],
  ['2^251 − 1 mod l', (TOP - 1n) % l],
  ['2^251 + 1 mod l', (TOP + 1n) % l],
  ['2^252 − 1 mod l', (2n * TOP - 1n) % l],
  ['a third of l', l / 3n],
  ['random', 0x1d3f5b7927c6e80413a2594be7f60d8c2f9a71e3b5c4d60897a1b2c3d4e5f607n % l],
];

describe('Ladder', () => {
  test.each(EDGES)('agrees with the native multiplication for k ≡ %s', async (_, k) => {
    const all = representations(k);
    expect(all.length).toBeGreaterThan(0);
    for (const representation of all) {
      const witness = await circuit.witness(signals(representation));
      const { x, y } = multiplySumPublic([[k, P]]).toAffine();
      expect(result(witness)).toEqual([x, y]);
    }
  });
  test.each([TOP, TOP + 1n, 2n * TOP - 1n, 2n * TOP - 2n])(
    'agrees at the ends of the range, k = %i',
    async (k) => {
      const { x, y } = multiplySumPublic([[residue(k), P]]).toAffine();
      expect(result(await circuit.witness(signals(k)))).toEqual([x, y]);
    },
  );
  test('two representations of one residue give one point', async () => {
    const [first, second, ...none] = representations(l / 3n);
    expect(none).toEqual([]);
    expect(result(await circuit.witness(signals(first!)))).toEqual(
      result(await circuit.witness(signals(second!))),
    );
  });
  test('agrees for the point −P and for B', async () => {
    for (const point of [P.negate(), multiplyBase(1n)]) {
      const { x, y } = multiplySumPublic([[5n, point]]).toAffine();
      expect(result(await circuit.witness(signals(representations(5n)[0]!, point)))).toEqual([x, y]);
    }
  });
  test('has the reviewed number of constraints', () => expect(circuit.constraintCount).toBe(1515));
});

describe('Ladder has no witness for 0, 1, −1 and −2', () => {
  const degenerate: [string, bigint][] = [
    ['0', 0n],
    ['1', 1n],
    ['−1', l - 1n],
    ['−2', l - 2n],
  ];
  test.each(degenerate)('k ≡ %s has one representation, and a step that no slope satisfies', async (_, k) => {
    const [only, ...none] = representations(k);
    expect(none).toEqual([]);
    const forged = await circuit.attempt(signals(only!));
    // The prefix above the last digit is l itself: the step to it would add Q + P and Q = −(Q + P), and its
    // (x_Q − x_S)·(λ1 + λ2) = 2·y_Q reads 0 = 2·y_Q ≠ 0.
    const step = stepName(1);
    expect(circuit.broken(forged)[0]).toBe(`Q[2][0] Q[2][1] ${step}.xS ${step}.slopes`);
    for (const slopes of [0n, 1n, 2n, l]) {
      const again = circuit.broken(circuit.forge(forged, { [`${step}.slopes`]: slopes }));
      expect(again).toContain(`Q[2][0] Q[2][1] ${step}.xS ${step}.slopes`);
    }
  });
});

describe('Ladder refuses forged witnesses', () => {
  const K = representations(l / 3n)[0]!;
  const flipBit = (k: bigint, bit: bigint): bigint => TOP + ((k - TOP) ^ (1n << bit));
  const parts = (witness: Witness): string[] => circuit.brokenParts(witness);

  test('C1 the Montgomery form of another point breaks the conversion only', async () => {
    const honest = await circuit.witness(signals(K));
    const other = await circuit.witness(signals(K, P.negate()));
    const forged = circuit.splice(honest, other, /^(?!P\[|one$)/);
    expect(circuit.broken(forged)).toEqual(['P[0] M[0] M[1]']);
    const far = await circuit.witness(signals(K, multiplyBase(9n)));
    expect(circuit.broken(circuit.splice(honest, far, /^(?!P\[|one$)/))).toEqual([
      'one P[1] M[0]',
      'P[0] M[0] M[1]',
    ]);
  });
  test('C2 another start than [3]P breaks the tripling', async () => {
    const forged = circuit.forge(await circuit.witness(signals(K)), { 'Q[250][1]': 1n });
    expect(parts(forged)).toContain('Triple');
  });
  test.each([1n, 2n, 100n, 249n, 250n])(
    'C3 a digit whose sign differs from bit %i breaks that sign only',
    async (bit) => {
      const honest = await circuit.witness(signals(K));
      const other = await circuit.witness(signals(flipBit(K, bit)));
      const forged = circuit.splice(honest, other, /^(?!t\[|one$)/);
      expect(circuit.broken(forged)).toEqual([`one t[${bit}] M[1] signedV[${bit - 1n}]`]);
    },
  );
  test.each([0, 1, 17, 100, 248])(
    'C4 a jump of the accumulator before step %i breaks that step only',
    async (step) => {
      const honest = await circuit.witness(signals(K));
      const other = await circuit.witness(signals(flipBit(K, 250n)));
      const isLater = (name: string): boolean => {
        const [, own] = /^(?:Q|slope)\[(\d+)\]/.exec(name) ?? [];
        const [, made] = /^AddAgain#0\[(\d+)\]/.exec(name) ?? [];
        if (own !== undefined) return Number(own) <= step;
        return made !== undefined ? 249 - Number(made) <= step : /^(last|D|E|out)/.test(name);
      };
      const forged = honest.map((value, wire) => (isLater(circuit.names[wire]!) ? other[wire]! : value));
      expect(circuit.broken(forged).length).toBeGreaterThanOrEqual(1);
      for (const constraint of circuit.broken(forged)) expect(constraint).toContain(`Q[${step + 1}]`);
    },
  );
  test('C4 every slope of a step is fixed: forging any one breaks', async () => {
    const honest = await circuit.witness(signals(K));
    const slopes = circuit.names.filter((name) => /slope/.test(name));
    expect(slopes.length).toBeGreaterThanOrEqual(2 * 250);
    for (const name of slopes.filter((_, i) => i % 25 === 0))
      expect(circuit.satisfies(circuit.forge(honest, { [name]: 5n }))).toBe(false);
  });
  test('C5 another difference Q − P breaks', async () => {
    const honest = await circuit.witness(signals(K));
    expect(circuit.broken(circuit.forge(honest, { last: 5n }))[0]).toContain('last');
    expect(circuit.broken(circuit.forge(honest, { 'D[0]': 5n }))[0]).toContain('D[0]');
    expect(circuit.broken(circuit.forge(honest, { 'D[1]': 5n }))[0]).toContain('D[1]');
  });
  test('C6 the wrong one of Q and Q − P breaks the choice only', async () => {
    const honest = await circuit.witness(signals(K));
    const other = await circuit.witness(signals(flipBit(K, 0n)));
    const forged = circuit.splice(honest, other, /^(?!t\[|one$)/);
    for (const constraint of circuit.broken(forged)) expect(constraint).toMatch(/t\[0\].*E\[[01]\]/);
    expect(circuit.broken(forged)).toHaveLength(2);
  });
  test('C7 another result breaks its own conversion', async () => {
    const honest = await circuit.witness(signals(K));
    for (const name of ['out[0]', 'out[1]'])
      expect(circuit.broken(circuit.forge(honest, { [name]: 5n }))).toEqual([expect.stringContaining(name)]);
  });
  test('the negated result on its own is refused', async () => {
    const honest = await circuit.witness(signals(K));
    const minus = circuit.forge(honest, { 'out[0]': -circuit.read(honest, 'out[0]') });
    expect(circuit.satisfies(minus)).toBe(false);
  });
});
