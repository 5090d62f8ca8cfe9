import { describe, expect, test } from 'vitest';
import { auditCircuit } from '../../../src/audit/audit.ts';
import { bitGroups, spelled } from '../../../src/audit/bits.ts';
import { namesByNumber } from '../../../src/audit/names.ts';
import { inputWires } from '../../../src/audit/rank.ts';
import { Solver } from '../../../src/audit/solver.ts';
import { brokenConstraints, type Constraint, type R1cs } from '../../../src/groth16/r1cs.ts';
import { r } from '../../../src/params/fields.ts';

const form = (terms: Record<number, bigint>): Map<number, bigint> =>
  new Map(Object.entries(terms).map(([wire, coefficient]) => [Number(wire), coefficient]));
const row = (
  a: Record<number, bigint>,
  b: Record<number, bigint>,
  c: Record<number, bigint>,
): Constraint => ({
  a: form(a),
  b: form(b),
  c: form(c),
});
const bit = (wire: number): Constraint => row({ [wire]: 1n }, { [wire]: 1n, 0: r - 1n }, {});

/** Wires: 0 one, 1 output = input², 2 private input, 3 … 5 its bits. */
const square = row({ 2: 1n }, { 2: 1n }, { 1: 1n });
const sum = row({}, {}, { 3: 1n, 4: 2n, 5: 4n, 2: r - 1n });
const system = (...constraints: Constraint[]): R1cs => ({
  wireCount: 6,
  outputCount: 1,
  publicInputCount: 0,
  privateInputCount: 1,
  declaredPrivateInputs: 1,
  constraints,
});
const witness = [1n, 25n, 5n, 1n, 0n, 1n];
const audit = (r1cs: R1cs) =>
  auditCircuit({ r1cs, names: namesByNumber(r1cs), witnesses: [{ label: 'five', witness }] });
const told = async (r1cs: R1cs): Promise<string[]> =>
  (await audit(r1cs)).findings.map(({ rule, subject }) => `${rule} ${subject}`);

describe('auditCircuit', () => {
  const sound = system(square, bit(3), bit(4), bit(5), sum);
  test('finds nothing in a sound system, and every dropped constraint is noticed', async () => {
    const { findings, drops } = await audit(sound);
    expect(findings).toEqual([]);
    expect(drops?.undetected).toEqual([]);
  });
  test('a constraint said twice is redundant: dropping either is not noticed', async () => {
    const { drops } = await audit(system(square, bit(3), bit(4), bit(5), sum, square));
    expect(drops?.undetected).toEqual([0, 5]);
  });
  test('without its sum the bits are the prover’s to choose', async () => {
    expect(await told(system(square, bit(3), bit(4), bit(5)))).toEqual([
      'second-witness w3',
      'second-witness w4',
      'second-witness w5',
    ]);
  });
  test('an input that nothing reads, and a wire that nothing reads, are told apart', async () => {
    expect(await told(system(bit(3), bit(4)))).toEqual(
      expect.arrayContaining(['unused-input w2', 'unconstrained w5', 'free-wire w5']),
    );
  });
  test('every check looks at every witness: what is loose at one of them is found', async () => {
    const product: R1cs = {
      ...system(row({ 2: 1n }, { 3: 1n }, { 1: 1n })),
      wireCount: 4,
      privateInputCount: 2,
    };
    const [first, second] = [
      { label: 'two times three', witness: [1n, 6n, 2n, 3n] },
      { label: 'two times nothing', witness: [1n, 0n, 2n, 0n] },
    ];
    const found = async (...witnesses: { label: string; witness: bigint[] }[]) =>
      (await auditCircuit({ r1cs: product, names: namesByNumber(product), witnesses })).findings.map(
        ({ rule, subject }) => `${rule} ${subject}`,
      );
    expect(await found(first!)).not.toContain('loose-input w2');
    expect(await found(first!, second!)).toContain('loose-input w2');
  });
  test('a witness of another system, or a false one, is refused', async () => {
    const names = namesByNumber(sound);
    for (const [wrong, why] of [
      [witness.slice(1), 'is no witness of this system'],
      [[1n, 26n, 5n, 1n, 0n, 1n], 'breaks constraint 0'],
    ] as const)
      await expect(
        auditCircuit({ r1cs: sound, names, witnesses: [{ label: 'w', witness: wrong }] }),
      ).rejects.toThrow(why);
  });
});

describe('Solver', () => {
  const r1cs = system(square, bit(3), bit(4), bit(5), sum);
  const solver = new Solver(r1cs, witness, new Set([0]), [2]);
  test('what it says is broken is what is broken', () => {
    for (const index of r1cs.constraints.keys()) {
      const solved = solver.breaking(index, 3n);
      if (solved !== undefined) expect(solved.broken).toEqual(brokenConstraints(r1cs, solved.witness));
    }
  });
  test('takes a number apart again when it has changed', () => {
    const forward = new Solver(r1cs, witness, inputWires(r1cs));
    expect(forward.overwriting(new Map([[2, 6n]]))).toEqual({
      witness: [1n, 36n, 6n, 0n, 1n, 1n],
      broken: [],
    });
    expect(forward.overwriting(new Map([[2, 9n]])).broken).toEqual([4]);
  });
  test('one digit off by two, and the number the same, breaks that bit alone', () => {
    const [group] = bitGroups(r1cs);
    expect(spelled(r1cs, group!, witness)).toBe(5n);
    for (const [index, digit] of group!.digits.slice(0, 2).entries())
      expect(solver.miscounting(group!, digit, 1 + index)?.broken).toEqual([1 + index]);
  });
});
