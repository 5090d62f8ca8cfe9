import { beforeAll, describe, expect, test } from 'vitest';
import { r } from '../../src/params/fields.ts';
import { openCircuit } from '../helpers/circuit.ts';
import { BABYJUBJUB_A, compileFormal, evaluate, type FormalCircuit } from '../helpers/small-circuit.ts';
import { curvesOver, SmallGroup } from '../helpers/small-curves.ts';
import { compileDealing, searchDealing } from '../helpers/small-dealing.ts';
import {
  ambiguities,
  compileEncapsulation,
  compileLadder,
  searchEncapsulation,
  searchLadder,
} from '../helpers/small-encapsulation.ts';

/** The circuits' own constraints over a small curve, where all solutions can be listed. */

const [curve] = curvesOver(163, [5]).map((one) => ({ ...one, group: new SmallGroup(one) }));
const subgroup = curve!.group.multiples(curve!.group.generator());

describe('Ladder over a curve of 8·23 points', () => {
  let ladder: FormalCircuit;
  beforeAll(async () => {
    ladder = await compileLadder(5);
  });

  test('has one solution, [k]P, for every P ≠ O of the subgroup and every k, and none for k ≡ 0, 1, −1, −2', () => {
    expect(searchLadder(ladder, curve!)).toEqual({ systems: 704, unsatisfiable: 88, problems: [] });
  });
  test('admits many results for points outside the subgroup, of every order there is but 1', () => {
    const inside = new Set(subgroup.map(String));
    const outside = curve!.group.points.filter((P) => !inside.has(String(P)));
    const found = ambiguities(ladder, curve!, outside);
    expect([...new Set(found.map(({ order }) => order))].sort((a, b) => a - b)).toEqual([2, 4, 8, 46, 92]);
    expect(ambiguities(ladder, curve!, subgroup)).toEqual([]);
  });
  test('admits many results for a point of the subgroup if it starts at P', async () => {
    const [smallest] = curvesOver(43, [3]);
    const group = new SmallGroup(smallest!);
    const P = group.generator();
    expect(ambiguities(await compileLadder(3), smallest!, [P])).toEqual([]);
    const [found] = ambiguities(await compileLadder(3, true), smallest!, [P]);
    expect(found!.results).toBeGreaterThan(1);
  });
});

test('Encapsulation over that curve gives [k]B and [k]Y8 only, for every base B ≠ O and every k', async () => {
  const found = searchEncapsulation(await compileEncapsulation(5), curve!);
  expect(found).toEqual({ systems: 704, unsatisfiable: 22 * 7, problems: [] });
});

test('Dealing over that curve gives [t]B, [s]B and [k]PK8 only, for all t and shares, 0, l and more among them', async () => {
  const found = searchDealing(await compileDealing(5), curve!, [1, 5]);
  // Of 32 scalars the fixed base cannot add up 4, and the ladder has none for 4, of which one is among the former.
  const unsatisfiable = 2 * (32 * 32 - (32 - 7) * (32 - 4));
  expect(found).toEqual({ systems: 2 * 32 * 32, unsatisfiable, problems: [] });
});

test('with 251 bits and A of BabyJubJub the formal constraints are those of the circuit, one by one', async () => {
  const main = 'pragma circom 2.2.0;\ninclude "ladder.circom";\ncomponent main = Ladder();\n';
  const { constraints } = await compileFormal('whole-ladder', main, 251);
  const at = (sum: (typeof constraints)[0]['a']): [number, bigint][] =>
    [...sum].map(([wire, coefficient]) => [wire, evaluate(coefficient, BABYJUBJUB_A, r)]);
  const { r1cs } = await openCircuit('test/circuits/ladder.circom');
  expect(constraints.map(({ a, b, c }) => [at(a), at(b), at(c)])).toEqual(
    r1cs.constraints.map(({ a, b, c }) => [[...a], [...b], [...c]]),
  );
});
