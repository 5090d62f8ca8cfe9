import { Field } from '@noble/curves/abstract/modular.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { freeWires, inputWires } from '../../src/audit/rank.ts';
import { BASE, IDENTITY, multiply, type Point, pointFromY } from '../../src/crypto/babyjub.ts';
import { l, r } from '../../src/params/fields.ts';
import type { CircuitTester } from '../../src/testing/circuit-tester.ts';
import { openCircuit } from '../helpers/circuit.ts';
import { smallOrderPoints } from '../helpers/small-order.ts';

const Fr = Field(r);
const affine = (P: Point): Coordinates => {
  const { x, y } = P.toAffine();
  return [x, y];
};
const inverse8 = [1n, 2n, 3n, 4n, 5n, 6n, 7n].map((j) => 1n + j * l).find((n) => n % 8n === 0n)! / 8n;

let circuit: CircuitTester;
beforeAll(async () => {
  circuit = await openCircuit('test/circuits/subgroup.circom');
});
const read = (witness: Awaited<ReturnType<CircuitTester['witness']>>, name: string): Coordinates => [
  circuit.read(witness, `${name}[0]`),
  circuit.read(witness, `${name}[1]`),
];
type Coordinates = [bigint, bigint];
/** The affine doubling that the circuit uses; right on the curve, computable also off it. */
const double = ([x, y]: Coordinates): Coordinates => {
  const [axx, yy] = [168700n * x * x, y * y];
  return [
    Fr.div(Fr.create(2n * x * y), Fr.create(axx + yy)),
    Fr.div(Fr.create(yy - axx), Fr.create(2n - axx - yy)),
  ];
};
/** Everything the circuit computes from S, and P as said. */
const fromPreimage = (S: Coordinates, P: Coordinates): Record<string, bigint> => {
  const values: Record<string, bigint> = { 'P[0]': P[0], 'P[1]': P[1] };
  let Q = S;
  for (const [i, n] of ['', '2', '4'].entries()) {
    const name = n === '' ? 'S' : `P${n}`;
    const [x, y] = Q;
    Object.assign(values, { [`${name}[0]`]: x, [`${name}[1]`]: y });
    Object.assign(values, { [`xx${n}`]: x * x, [`yy${n}`]: y * y, [`Double#${i}.xy`]: x * y });
    Q = double(Q);
  }
  return values;
};
const eightTimes = (S: Coordinates): Coordinates => double(double(double(S)));

describe('SubgroupPoint', () => {
  test.each([
    ['O', IDENTITY],
    ['B', BASE],
    ['−B', BASE.negate()],
    ['[2]B', multiply(BASE, 2n)],
    ['[l − 2]B', multiply(BASE, l - 2n)],
    ['[(l + 1)/2]B', multiply(BASE, (l + 1n) / 2n)],
    ['[123456789]B', multiply(BASE, 123_456_789n)],
  ])('accepts %s with the preimage [1/8]P', async (_, P) => {
    const witness = await circuit.witness({ P: affine(P) });
    const S = P.equals(IDENTITY) ? IDENTITY : multiply(P, inverse8);
    expect(read(witness, 'S')).toEqual(affine(S));
    expect(read(witness, 'P2')).toEqual(affine(S.double()));
    expect(read(witness, 'P4')).toEqual(affine(S.double().double()));
  });
  test('all eight preimages serve: S is a hint and nothing else', async () => {
    const honest = await circuit.witness({ P: affine(BASE) });
    const S = multiply(BASE, inverse8);
    for (const T of smallOrderPoints()) {
      const forged = circuit.forge(honest, fromPreimage(affine(S.add(T)), affine(BASE)));
      expect(circuit.satisfies(forged)).toBe(true);
    }
  });
  test('to first order the point determines every wire', async () => {
    const witness = await circuit.witness({ P: affine(BASE) });
    expect(freeWires(circuit.r1cs, witness, inputWires(circuit.r1cs))).toEqual([]);
  });
  test('has the reviewed number of constraints', () => expect(circuit.constraintCount).toBe(16));
});

describe('SubgroupPoint refuses', () => {
  test('C4 the seven points of small order, alone and added to a point of the subgroup', async () => {
    const small = smallOrderPoints();
    expect(small).toHaveLength(7);
    for (const T of small)
      for (const P of [T, BASE.add(T)])
        expect(circuit.satisfies(await circuit.attempt({ P: affine(P) }))).toBe(false);
  });
  test('C4 any P that is not eight times S, whatever S of the curve', async () => {
    const honest = await circuit.witness({ P: affine(BASE) });
    for (const S of [BASE, pointFromY(3n, false) ?? pointFromY(5n, false)!, ...smallOrderPoints()]) {
      const eight = S.double().double().double();
      expect(circuit.satisfies(circuit.forge(honest, fromPreimage(affine(S), affine(eight))))).toBe(true);
      const other = affine(eight.add(smallOrderPoints()[0]!));
      const forged = circuit.forge(honest, fromPreimage(affine(S), other));
      expect(circuit.brokenParts(forged)).not.toEqual([]);
      for (const part of circuit.broken(forged)) expect(part).toMatch(/P4|xx4|yy4|Double#2/);
    }
  });
  test('C1 a preimage off the curve breaks the curve’s equation only', async () => {
    const S: Coordinates = [3n, 4n];
    const honest = await circuit.witness({ P: affine(BASE) });
    const forged = circuit.forge(honest, fromPreimage(S, eightTimes(S)));
    expect(circuit.broken(forged)).toEqual(['one xx yy']);
  });
  test.each([
    ['C1', 'xx'],
    ['C1', 'yy'],
    ['C2', 'P2[0]'],
    ['C2', 'P2[1]'],
    ['C2', 'Double#0.xy'],
    ['C3', 'xx2'],
    ['C3', 'yy2'],
    ['C3', 'P4[0]'],
    ['C3', 'P4[1]'],
    ['C3', 'Double#1.xy'],
    ['C4', 'xx4'],
    ['C4', 'yy4'],
    ['C4', 'Double#2.xy'],
    ['C4', 'P[0]'],
    ['C4', 'P[1]'],
  ])('%s another %s', async (_, signal) => {
    const honest = await circuit.witness({ P: affine(BASE) });
    const forged = circuit.forge(honest, { [signal]: circuit.read(honest, signal) + 1n });
    expect(circuit.satisfies(forged)).toBe(false);
    for (const broken of circuit.broken(forged)) expect(broken).toContain(signal);
  });
});
