import { beforeAll, describe, expect, test } from 'vitest';
import { clearCofactor, multiplyBase, type Point } from '../../src/crypto/babyjub.ts';
import { encryptShares } from '../../src/crypto/dealing/encrypted-share.ts';
import type { Witness } from '../../src/groth16/r1cs.ts';
import { l, r } from '../../src/params/fields.ts';
import type { CircuitTester } from '../../src/testing/circuit-tester.ts';
import type { CircuitInput } from '../../src/testing/input-shape.ts';
import { circomlibOracle } from '../helpers/circomlib-oracle.ts';
import { openCircuit } from '../helpers/circuit.ts';

const TOP = 2n ** 251n;
const affine = (P: Point): readonly [bigint, bigint] => [P.toAffine().x, P.toAffine().y];
const BASE = affine(multiplyBase(1n));

interface Statement {
  readonly key8: Point;
  readonly context: bigint;
  readonly t: bigint;
  readonly share: readonly [bigint, bigint];
}
const example: Statement = {
  key8: clearCofactor(multiplyBase(77n)),
  context: 99n,
  t: 0x3d3f5b7927c6e80413a2594be7f60d8c2f9a71e3b5c4d60897a1b2c3d4e5f607n % l,
  share: [1_234_567n, l - 5n],
};
const signals = (change: Partial<Statement> = {}): CircuitInput => {
  const { key8, context, t, share } = { ...example, ...change };
  return { PK8: [...affine(key8)], context, t, share };
};

let circuit: CircuitTester;
let oracle: Awaited<ReturnType<typeof circomlibOracle>>;
beforeAll(async () => {
  circuit = await openCircuit('circuits/dealing.circom');
  oracle = await circomlibOracle();
});

/** What S4r says, by another library: t and shares are any integers below 2^251. */
function outputs(change: Partial<Statement> = {}): bigint[] {
  const { key8, context, t, share } = { ...example, ...change };
  const [, z1, z2] = oracle.poseidonEx([...oracle.multiply(affine(key8), TOP + t), context], 3);
  const points = [t, ...share].flatMap((k) => [...oracle.multiply(BASE, k)]);
  return [...points, (share[0] + z1!) % r, (share[1] + z2!) % r];
}
const OUTPUTS = ['R[0]', 'R[1]', 'A[0][0]', 'A[0][1]', 'A[1][0]', 'A[1][1]', 'c[0]', 'c[1]'];
const read = (witness: Witness): bigint[] => OUTPUTS.map((name) => circuit.read(witness, name));
/** t of k = 2^251 + t for a residue k. */
const ephemeral = (k: bigint): bigint => (((k - TOP) % l) + l) % l;

describe('S4r dealing', () => {
  const scalars: readonly [string, bigint][] = [
    ['2', 2n],
    ['3', 3n],
    ['l − 3', l - 3n],
    ['(l − 1)/2', (l - 1n) / 2n],
    ['(l + 1)/2', (l + 1n) / 2n],
    ['2^250 − 1', 2n ** 250n - 1n],
    ['2^250', 2n ** 250n],
    ['2^250 + 1', 2n ** 250n + 1n],
    ['2^251, where t = 0 and R is O', TOP % l],
  ];
  test.each(scalars)('agrees with circomlibjs for k = %s', async (_, k) => {
    const t = ephemeral(k);
    expect(read(await circuit.witness(signals({ t })))).toEqual(outputs({ t }));
  });
  test.each([
    ['0', 0n],
    ['1', 1n],
    ['l − 1', l - 1n],
    ['l, which is 0 again', l],
    ['l + 1', l + 1n],
    ['2^249', 2n ** 249n],
    ['2^251 − 1', TOP - 1n],
  ])('agrees with circomlibjs for t and a share of %s: below 2^251, reduced or not', async (_, value) => {
    const change = { t: value, share: [value, value] as const };
    expect(read(await circuit.witness(signals(change)))).toEqual(outputs(change));
  });
  test('agrees with encryptShares', async () => {
    for (const change of [{}, { key8: clearCofactor(multiplyBase(5n)), context: r - 1n, t: l - 9n }]) {
      const { key8, context, t, share } = { ...example, ...change };
      const { commitments, ciphertexts } = encryptShares(key8, context, t, {
        decryption: share[0],
        coin: share[1],
      });
      expect(read(await circuit.witness(signals(change)))).toEqual([
        ...affine(multiplyBase(t)),
        ...affine(commitments.decryption),
        ...affine(commitments.coin),
        ciphertexts.decryption,
        ciphertexts.coin,
      ]);
    }
  });
  test('t and t + l, s and s + l give the same points: what differs is c, by l, and a recipient reduces', async () => {
    const t = 5n;
    const [low, high] = [await circuit.witness(signals({ t })), await circuit.witness(signals({ t: t + l }))];
    expect(read(high)).toEqual(read(low));
    const raised = read(await circuit.witness(signals({ t, share: [1_234_567n + l, l - 5n] })));
    expect(raised).toEqual(read(low).map((value, i) => (OUTPUTS[i] === 'c[0]' ? (value + l) % r : value)));
  });
  test.each([
    ['0', 0n],
    ['1', 1n],
    ['−1', l - 1n],
    ['−2', l - 2n],
  ])('k = %s has no witness', async (_, k) => {
    expect(circuit.brokenParts(await circuit.attempt(signals({ t: ephemeral(k) })))).toContain('Ladder');
  });
  test('t and shares that the fixed base cannot add up have no witness: four of 2^251', async () => {
    const value = l - 2n * 8n ** 83n - (8n ** 83n - 1n) / 7n;
    for (const top of [0n, 3n]) {
      const bad = value + top * 2n ** 249n;
      for (const change of [{ t: bad }, { share: [bad, 2n] as const }, { share: [2n, bad] as const }])
        expect(circuit.satisfies(await circuit.attempt(signals(change)))).toBe(false);
    }
    expect(circuit.satisfies(await circuit.attempt(signals({ share: [value + 1n, value - 1n] })))).toBe(true);
  });
  test('a key of O has no witness', async () => {
    const attempt = await circuit.attempt({ ...signals(), PK8: [0n, 1n] });
    expect(circuit.brokenParts(attempt)).toContain('Ladder');
  });
  test('has the reviewed number of constraints, which leaves one row of the 2^12 domain', () => {
    expect(circuit.constraintCount).toBe(4083);
    expect(circuit.publicSignals).toEqual([...OUTPUTS, 'PK8[0]', 'PK8[1]', 'context']);
    expect(2 ** 12 - circuit.constraintCount - circuit.publicSignals.length - 1).toBe(1);
  });
});

describe('S4r dealing refuses forged witnesses', () => {
  const made = new Map<string, Promise<Witness>>();
  const other = (change: Partial<Statement>): Promise<Witness> => {
    const input = signals(change);
    const name = Object.values(input).join(' ');
    const witness = made.get(name) ?? circuit.witness(input);
    made.set(name, witness);
    return witness;
  };
  const honest = (): Promise<Witness> => other({});
  const T = /^(t$|digits\[|R\[|FixedMultiple#0\.)/;
  const K = /^(Ladder\.|E\[|PoseidonEx|z\[|c\[)/;
  const share = (j: number): RegExp =>
    new RegExp(`^(share\\[${j}\\]|shareDigits\\[${j}\\]|A\\[${j}\\]|FixedMultiple#1\\[${j}\\])`);

  test.each([0, 1, 125, 248, 249])('C1 bit %i of t that is no bit breaks its own constraint', async (i) => {
    for (const value of [2n, -1n])
      expect(circuit.broken(circuit.forge(await honest(), { [`digits[${i}]`]: value }))).toContain(
        `one digits[${i}]`,
      );
  });
  test('C1 a t that its bits do not spell breaks the last bit, which follows from t and the others', async () => {
    const broken = circuit.broken(circuit.forge(await honest(), { t: 7n }));
    expect(broken.length).toBeGreaterThan(0);
    for (const constraint of broken) expect(constraint).toContain('one t digits[0]');
  });
  test('C1 no t of 2^251 or more has bits', async () => {
    for (const t of [TOP, TOP + 5n, r - 1n])
      expect(circuit.satisfies(await circuit.attempt(signals({ t })))).toBe(false);
  });
  test('C2 another R breaks its own equations, and so does R plus the point of order 2', async () => {
    for (const name of ['R[0]', 'R[1]'])
      expect(circuit.broken(circuit.forge(await honest(), { [name]: 7n }))).toEqual([
        expect.stringContaining(name),
      ]);
    const [x, y] = affine(multiplyBase(example.t));
    // (x, y) + (0, −1) = (−x, −y).
    const twisted = circuit.forge(await honest(), { 'R[0]': -x, 'R[1]': -y });
    expect(circuit.satisfies(twisted)).toBe(false);
  });
  test('C2 R of another t breaks where its bits enter the windows only', async () => {
    const spliced = circuit.splice(await honest(), await other({ t: 7n }), /^(R\[|FixedMultiple#0\.)/);
    expect(circuit.brokenParts(spliced)).toEqual(['FixedMultiple#0']);
    for (const constraint of circuit.broken(spliced)) expect(constraint).toMatch(/digits\[\d+\]/);
  });
  test('C3 pads of another k than R has break where the bits enter the ladder only', async () => {
    const spliced = circuit.splice(await honest(), await other({ t: 7n }), K);
    expect(circuit.brokenParts(spliced)).toEqual(['Ladder']);
    for (const constraint of circuit.broken(spliced)) expect(constraint).toMatch(/digits\[\d+\]/);
    const turned = circuit.splice(await honest(), await other({ t: 7n }), T);
    expect(circuit.brokenParts(turned)).toEqual(['Ladder']);
  });
  test('C3 pads for another key break at the conversion of PK8 only', async () => {
    const spliced = circuit.splice(
      await honest(),
      await other({ key8: clearCofactor(multiplyBase(78n)) }),
      K,
    );
    expect(circuit.broken(spliced)).toHaveLength(2);
    for (const constraint of circuit.broken(spliced)) expect(constraint).toMatch(/PK8\[[01]\]/);
  });
  test('C3 another E breaks both where it is made and where it is read', async () => {
    for (const name of ['E[0]', 'E[1]'])
      expect(circuit.brokenParts(circuit.forge(await honest(), { [name]: 5n }))).toEqual([
        'Ladder',
        'PoseidonEx',
      ]);
  });
  test('C4 another context breaks the permutation only', async () => {
    expect(circuit.brokenParts(circuit.forge(await honest(), { context: 98n }))).toEqual(['PoseidonEx']);
  });
  test('C4 the pads of another context break the permutation only', async () => {
    const spliced = circuit.splice(await honest(), await other({ context: 98n }), /^c\[/);
    expect(circuit.brokenParts(spliced)).toEqual(['PoseidonEx']);
  });
  test.each([0, 1])('C5 bits of share %i that are none break their own constraints', async (j) => {
    for (const i of [0, 249])
      for (const value of [2n, -1n]) {
        const forged = circuit.forge(await honest(), { [`shareDigits[${j}][${i}]`]: value });
        expect(circuit.broken(forged)).toContain(`one shareDigits[${j}][${i}]`);
      }
  });
  test.each([0, 1])(
    'C5 no share %i of 2^251 or more has bits: what is added to the pad is the committed integer',
    async (j) => {
      for (const s of [TOP, TOP + 5n, r - 1n]) {
        const changed = [j === 0 ? s : 2n, j === 1 ? s : 2n] as const;
        expect(circuit.satisfies(await circuit.attempt(signals({ share: changed })))).toBe(false);
      }
    },
  );
  test.each([0, 1])(
    'C6 a commitment to another share %i breaks where its bits enter the windows only',
    async (j) => {
      const changed = await other({
        share: [j === 0 ? 9n : example.share[0], j === 1 ? 9n : example.share[1]],
      });
      const spliced = circuit.splice(
        await honest(),
        changed,
        new RegExp(`^(A\\[${j}\\]|FixedMultiple#1\\[${j}\\])`),
      );
      expect(circuit.brokenParts(spliced)).toEqual([`FixedMultiple#1[${j}]`]);
      for (const constraint of circuit.broken(spliced)) expect(constraint).toMatch(/shareDigits/);
      for (const name of [`A[${j}][0]`, `A[${j}][1]`])
        expect(circuit.broken(circuit.forge(await honest(), { [name]: 7n }))).toEqual([
          expect.stringContaining(name),
        ]);
    },
  );
  test.each([0, 1])(
    'C7 a wrong pad of share %i breaks the permutation only, by any amount, l and r − l too',
    async (j) => {
      const right = circuit.read(await honest(), `c[${j}]`);
      for (const amount of [1n, -1n, l, -l, TOP])
        expect(circuit.brokenParts(circuit.forge(await honest(), { [`c[${j}]`]: right + amount }))).toEqual([
          'PoseidonEx',
        ]);
    },
  );
  test.each([0, 1])('C7 the ciphertext of another share %i than the committed one breaks', async (j) => {
    const changed = await other({
      share: [j === 0 ? 9n : example.share[0], j === 1 ? 9n : example.share[1]],
    });
    expect(circuit.brokenParts(circuit.splice(await honest(), changed, new RegExp(`^c\\[${j}\\]`)))).toEqual([
      'PoseidonEx',
    ]);
    expect(circuit.brokenParts(circuit.splice(await honest(), changed, share(j)))).toEqual(['PoseidonEx']);
  });
  test('C7 the two shares cannot change places with their ciphertexts: each has its own pad', async () => {
    const swapped = await other({ share: [example.share[1], example.share[0]] });
    const [a, b] = [circuit.read(await honest(), 'c[0]'), circuit.read(await honest(), 'c[1]')];
    const forged = circuit.forge(swapped, { 'c[0]': b, 'c[1]': a });
    expect(circuit.brokenParts(forged)).toEqual(['PoseidonEx']);
    expect(circuit.satisfies(forged)).toBe(false);
  });
  test.each(['PK8[0]', 'PK8[1]', 'context', ...OUTPUTS])('another %s breaks a constraint', async (name) => {
    const base = await honest();
    expect(circuit.satisfies(circuit.forge(base, { [name]: circuit.read(base, name) + 1n }))).toBe(false);
  });
});
