import type { Fact, FactOf, PointRule, ProofStep, StepOf } from '../../src/audit/certificate/certificate.ts';
import type { LinearForm } from '../../src/audit/system/linear-form.ts';
import { PrimeField } from '../../src/audit/system/prime-field.ts';
import type { ConstraintSystem } from '../../src/audit/system/system.ts';
import { BASE, multiplyBase } from '../../src/crypto/babyjub.ts';
import { l, r } from '../../src/params/fields.ts';

const field = new PrimeField(r);
/** v² = u³ + A·u² + u */
const A = 168698n;
/** Two points, a slope, what is made of them, a square, a bit, the sum between, and its slope. No wire is an input. */
const [u1, v1, u2, v2, slope, u3, v3, s, b, us, slope2] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] as const;
const WIRES = 12;

type Terms = Readonly<Record<number, bigint>>;
type Row = readonly [Terms, Terms, Terms];
const form = (terms: Terms): LinearForm =>
  new Map(Object.entries(terms).flatMap(([wire, c]) => (c === 0n ? [] : [[Number(wire), field.mod(c)]])));
const wire = (one: number): Terms => ({ [one]: 1n });

function systemOf(rows: readonly Row[]): ConstraintSystem {
  const constraints = rows.map(([a, b, c], origin) => ({ a: form(a), b: form(b), c: form(c), origin }));
  return {
    field,
    wireCount: WIRES,
    isInput: Array.from({ length: WIRES }, () => false),
    targets: [],
    constraints,
    readers: Array.from({ length: WIRES }, () => constraints.map(({ origin }) => origin)),
    resolve: (at) => ({ wire: at, factor: 1n, constant: 0n }),
  };
}

type Base = FactOf<'point'>['base'];
const constants = (x: bigint, y: bigint): Base => [form({ 0: x }), form({ 0: y })];
const base = constants(BASE.x, BASE.y);
const other = constants(multiplyBase(2n).x, multiplyBase(2n).y);

type Said = Partial<Pick<FactOf<'point'>, 'curve' | 'base'>> & { readonly k: readonly bigint[] };
/** (u, v) is [k]B for a k of these. */
const point = (u: Terms, v: Terms, { k, curve = 'montgomery', base: of = base }: Said): Fact => ({
  kind: 'point',
  curve,
  u: form(u),
  v: form(v),
  base: of,
  multiples: k.map((one) => ({ low: one, high: one, step: 0n })),
});
const nonzero = (terms: Terms): Fact => ({ kind: 'nonzero', form: form(terms) });
const set = (...values: bigint[]): Fact => ({ kind: 'set', wire: b, values });
const P = (k = 3n, more: Partial<Said> = {}): Fact => point(wire(u1), wire(v1), { k: [k], ...more });
const Q = (k = 5n, more: Partial<Said> = {}): Fact => point(wire(u2), wire(v2), { k: [k], ...more });
const R = (k: bigint, more: Partial<Said> = {}): Fact => point(wire(u3), wire(v3), { k: [k], ...more });

/** A step, what it rests on, and the constraints, which it names in their order unless it says which. */
interface Case {
  readonly rows: readonly Row[];
  readonly given: readonly Fact[];
  readonly says: readonly Fact[];
  /** Facts that are taken for points, and their signs: unless said, each that is given. */
  readonly points?: StepOf<'point-add'>['points'];
  readonly constraints?: readonly number[];
  /** Of `point-known`: logarithms, and wires with few values. */
  readonly logs?: readonly bigint[];
  readonly wires?: readonly number[];
}
/** A case that holds, and what makes each lie of it: one thing of it that is not so. */
type Law = readonly [holds: Case, lies: Readonly<Record<string, Partial<Case>>>];

const changed = (rows: readonly Row[], at: number, row: Row): readonly Row[] => rows.with(at, row);

const CHORD: Row = [wire(slope), { [u2]: 1n, [u1]: -1n }, { [v2]: 1n, [v1]: -1n }];
const THIRD: Row = [wire(slope), { [u1]: 1n, [u3]: -1n }, { [v3]: 1n, [v1]: 1n }];
const ADD: readonly Row[] = [
  CHORD,
  [wire(slope), wire(slope), { [u3]: 1n, 0: A, [u1]: 1n, [u2]: 1n }],
  THIRD,
];
const DOUBLE: readonly Row[] = [
  [wire(u1), wire(u1), wire(s)],
  [wire(slope), { [v1]: 2n }, { [s]: 3n, [u1]: 2n * A, 0: 1n }],
  [wire(slope), wire(slope), { [u3]: 1n, 0: A, [u1]: 2n }],
  THIRD,
];
const AGAIN: readonly Row[] = [
  CHORD,
  [wire(slope), wire(slope), { [us]: 1n, 0: A, [u1]: 1n, [u2]: 1n }],
  [{ [slope]: 1n, [slope2]: 1n }, { [u1]: 1n, [us]: -1n }, { [v1]: 2n }],
  [wire(slope2), wire(slope2), { [u3]: 1n, 0: A, [us]: 1n, [u1]: 1n }],
  [wire(slope2), { [u1]: 1n, [u3]: -1n }, { [v3]: 1n, [v1]: 1n }],
];
const TO_EDWARDS: readonly Row[] = [
  [wire(u3), wire(v1), wire(u1)],
  [wire(v3), { [u1]: 1n, 0: 1n }, { [u1]: 1n, 0: -1n }],
];
const CHOOSE: readonly Row[] = [
  [wire(b), { [u2]: 1n, [u1]: -1n }, { [u3]: 1n, [u1]: -1n }],
  [wire(b), { [v2]: 1n, [v1]: -1n }, { [v3]: 1n, [v1]: -1n }],
];
const chosenOf = (k: readonly bigint[]): Fact => point(wire(u3), wire(v3), { k });

/** [k]B: u = (1 + y)/(1 − y), v = u/x. */
function montgomery(k: bigint): readonly [u: bigint, v: bigint] {
  const { x, y } = multiplyBase(k);
  const u = field.mod((1n + y) * field.inv(field.mod(1n - y)));
  return [u, (u * field.inv(x)) % r];
}
const [first, second] = [montgomery(3n), montgomery(5n)];
/** (−x, −y) is (x, y) plus the point of order 2. */
function besideSubgroup(k: bigint): Fact {
  const { x, y } = multiplyBase(k);
  const u = field.mod((1n - y) * field.inv(field.mod(1n + y)));
  const more = { k: [k], base: constants(-BASE.x, -BASE.y) };
  return point({ 0: u }, { 0: field.mod(-u * field.inv(x)) }, more);
}
/** [3]B where the bit is 0, [5]B where it is 1. */
const inTable = (k: readonly bigint[], more: Partial<Said> = {}, off = 0n): Fact =>
  point(
    { 0: first[0] + off, [b]: second[0] - first[0] },
    { 0: first[1], [b]: second[1] - first[1] },
    { k, ...more },
  );

/** Of each rule about points: a step that holds, and others that lack one of its premises or conclude something else. */
const LAWS: { readonly [R in PointRule]: readonly Law[] } = {
  'point-add': [
    [
      { rows: ADD, given: [P(), Q()], says: [R(8n), nonzero({ [u2]: 1n, [u1]: -1n })] },
      {
        'the points may be one': { given: [P(), Q(3n)], says: [R(6n)] },
        'the points are one modulo l': { given: [P(), Q(3n + l)], says: [R(6n + l)] },
        'one of several multiples is equal': {
          given: [P(), point(wire(u2), wire(v2), { k: [5n, 3n] })],
          says: [point(wire(u3), wire(v3), { k: [8n, 6n] })],
        },
        'another base': { given: [P(), Q(5n, { base: other })] },
        'a point of the other form': { given: [P(), Q(5n, { curve: 'edwards' })] },
        'no point': { given: [P(), nonzero(wire(u2))] },
        'one point only': { points: [[0, 1]] },
        'the opposite point': {
          points: [
            [0, 1],
            [1, -1],
          ],
        },
        'a slope of the sum of v': { rows: changed(ADD, 0, [CHORD[0], CHORD[1], { [v2]: 1n, [v1]: 1n }]) },
        'a slope twice as steep': { rows: changed(ADD, 0, [{ [slope]: 2n }, CHORD[1], CHORD[2]]) },
        'u without A': {
          rows: changed(ADD, 1, [wire(slope), wire(slope), { [u3]: 1n, [u1]: 1n, [u2]: 1n }]),
        },
        'a square of something else': { rows: changed(ADD, 1, [wire(slope), wire(s), ADD[1]![2]]) },
        'v with the wrong sign': { rows: changed(ADD, 2, [THIRD[0], THIRD[1], { [v3]: 1n, [v1]: -1n }]) },
        'v from no point of the line': {
          rows: changed(ADD, 2, [THIRD[0], { [s]: 1n, [u3]: -1n }, THIRD[2]]),
        },
        'a constraint less': { constraints: [0, 1] },
        'a constraint that is not there': { constraints: [0, 1, 3] },
        'another multiple': { says: [R(9n)] },
        'a sum of another base': { says: [R(8n, { base: other })] },
        'a sum of the other form': { says: [R(8n, { curve: 'edwards' })] },
        'the opposite sum': { says: [point(wire(u3), { [v3]: -1n }, { k: [8n] })] },
        'another form is not 0': { says: [nonzero({ [u2]: 1n, [u1]: 1n })] },
        'the sum is unique': { says: [{ kind: 'unique', form: form(wire(u3)) }] },
        'no witness': { says: [{ kind: 'absurd' }] },
      },
    ],
  ],
  'point-double': [
    [
      { rows: DOUBLE, given: [P()], says: [R(6n), nonzero(wire(v1))] },
      {
        'two points': { given: [P(), Q()] },
        'a point of the other form': { given: [P(3n, { curve: 'edwards' })] },
        'a square of something else': { rows: changed(DOUBLE, 0, [wire(u2), wire(u2), wire(s)]) },
        'a tangent with 2s': {
          rows: changed(DOUBLE, 1, [wire(slope), { [v1]: 2n }, { [s]: 2n, [u1]: 2n * A, 0: 1n }]),
        },
        'a tangent divided by v': { rows: changed(DOUBLE, 1, [wire(slope), wire(v1), DOUBLE[1]![2]]) },
        'u once': { rows: changed(DOUBLE, 2, [wire(slope), wire(slope), { [u3]: 1n, 0: A, [u1]: 1n }]) },
        'v with the wrong sign': { rows: changed(DOUBLE, 3, [THIRD[0], THIRD[1], { [v3]: 1n, [v1]: -1n }]) },
        'the same multiple': { says: [R(3n)] },
        'a constraint less': { constraints: [0, 1, 2] },
        'u is not 0': { says: [nonzero(wire(u3))] },
      },
    ],
  ],
  'point-again': [
    [
      { rows: AGAIN, given: [P(), Q()], says: [R(11n), nonzero({ [u1]: 1n, [us]: -1n })] },
      {
        'the points may be one': { given: [P(), Q(3n)], says: [R(9n)] },
        'the other point twice': { says: [R(13n)] },
        'the points in another order': {
          points: [
            [1, 1],
            [0, 1],
          ],
        },
        'another base': { given: [P(), Q(5n, { base: other })] },
        'a slope of the sum of v': { rows: changed(AGAIN, 0, [CHORD[0], CHORD[1], { [v2]: 1n, [v1]: 1n }]) },
        'a sum between that is another': {
          rows: changed(AGAIN, 1, [wire(slope), wire(slope), { [us]: 1n, 0: A, [u1]: 1n }]),
        },
        'v once': { rows: changed(AGAIN, 2, [AGAIN[2]![0], AGAIN[2]![1], { [v1]: 1n }]) },
        'a difference of slopes': {
          rows: changed(AGAIN, 2, [{ [slope]: -1n, [slope2]: 1n }, AGAIN[2]![1], AGAIN[2]![2]]),
        },
        'divided by another difference': {
          rows: changed(AGAIN, 2, [AGAIN[2]![0], { [u1]: 1n, [u3]: -1n }, AGAIN[2]![2]]),
        },
        'u without the sum between': {
          rows: changed(AGAIN, 3, [wire(slope2), wire(slope2), { [u3]: 1n, 0: A, [u2]: 1n, [u1]: 1n }]),
        },
        'v by the first slope': { rows: changed(AGAIN, 4, [wire(slope), AGAIN[4]![1], AGAIN[4]![2]]) },
        'a constraint less': { constraints: [0, 1, 2, 3] },
      },
    ],
  ],
  'point-convert': [
    [
      { rows: TO_EDWARDS, given: [P()], says: [R(3n, { curve: 'edwards' })] },
      {
        'a point of the other form': { given: [P(3n, { curve: 'edwards' })] },
        'no point': { given: [nonzero(wire(u1))] },
        'x with the wrong sign': { rows: changed(TO_EDWARDS, 0, [wire(u3), wire(v1), { [u1]: -1n }]) },
        'y by u − 1': { rows: changed(TO_EDWARDS, 1, [wire(v3), { [u1]: 1n, 0: -1n }, { [u1]: 1n, 0: 1n }]) },
        'another multiple': { says: [R(4n, { curve: 'edwards' })] },
        'the same form': { says: [R(3n)] },
        'another base': { says: [R(3n, { curve: 'edwards', base: other })] },
        'a constraint less': { constraints: [0] },
      },
    ],
    [
      {
        rows: [
          [wire(u3), { [v1]: -1n, 0: 1n }, { [v1]: 1n, 0: 1n }],
          [wire(v3), wire(u1), wire(u3)],
        ],
        given: [P(3n, { curve: 'edwards' })],
        says: [R(3n)],
      },
      {
        'a point of the other form': { given: [P()] },
        'u by 1 + y': {
          rows: [
            [wire(u3), { [v1]: 1n, 0: 1n }, { [v1]: -1n, 0: 1n }],
            [wire(v3), wire(u1), wire(u3)],
          ],
        },
      },
    ],
  ],
  'point-coordinates': [
    [
      { rows: [], given: [P()], says: [nonzero(wire(u1)), nonzero(wire(v1)), nonzero({ [u1]: 1n, 0: 1n })] },
      {
        'no point': { given: [nonzero(wire(v1))] },
        'u − 1': { says: [nonzero({ [u1]: 1n, 0: -1n })] },
        'u of another point': { says: [nonzero(wire(u2))] },
        'a sum': { says: [nonzero({ [u1]: 1n, [v1]: 1n })] },
        'what holds in the other form': { says: [nonzero({ [v1]: 1n, 0: 1n })] },
        'a point': { says: [P()] },
      },
    ],
    [
      {
        rows: [],
        given: [P(3n, { curve: 'edwards' })],
        says: [nonzero(wire(u1)), nonzero({ [v1]: 1n, 0: 1n }), nonzero({ [v1]: 1n, 0: -1n })],
      },
      {
        'y − 2': { says: [nonzero({ [v1]: 1n, 0: -2n })] },
        'x + 1': { says: [nonzero({ [u1]: 1n, 0: 1n })] },
      },
    ],
  ],
  'point-choose': [
    [
      {
        rows: CHOOSE,
        given: [P(), Q(), set(0n, 1n)],
        points: [
          [0, 1],
          [1, 1],
        ],
        says: [chosenOf([3n, 5n])],
      },
      {
        'a wire of any value': { given: [P(), Q(), nonzero(wire(b))] },
        'a third value': { given: [P(), Q(), set(0n, 1n, 2n)] },
        'other values': { given: [P(), Q(), set(0n, 2n)] },
        'values in another order': { given: [P(), Q(), set(1n, 0n)] },
        'one point less': { points: [[0, 1]] },
        'the points in another order': {
          points: [
            [1, 1],
            [0, 1],
          ],
        },
        'an opposite point': {
          points: [
            [0, 1],
            [1, -1],
          ],
          says: [chosenOf([3n, -5n])],
        },
        'another base': { given: [P(), Q(5n, { base: other }), set(0n, 1n)] },
        'a point of the other form': { given: [P(), Q(5n, { curve: 'edwards' }), set(0n, 1n)] },
        'no constraint for v': { constraints: [0] },
        'no constraint for u': { constraints: [1] },
        'another v': { rows: changed(CHOOSE, 1, [wire(b), { [v2]: 1n, [v1]: 1n }, { [v3]: 1n, [v1]: -1n }]) },
        'chosen by another wire': { rows: changed(CHOOSE, 1, [wire(s), CHOOSE[1]![1], CHOOSE[1]![2]]) },
        'the first alone': { says: [chosenOf([3n])] },
        'the second alone': { says: [chosenOf([5n])] },
        'a choice of the other form': {
          says: [point(wire(u3), wire(v3), { k: [3n, 5n], curve: 'edwards' })],
        },
      },
    ],
  ],
  'point-known': [
    [
      { rows: [], given: [set(0n, 1n)], says: [inTable([3n, 5n])], logs: [3n, 5n], wires: [b] },
      {
        'a wire of any value': { given: [nonzero(wire(b))] },
        'a third value': { given: [set(0n, 1n, 2n)] },
        'a third value with a logarithm': {
          given: [set(0n, 1n, 2n)],
          logs: [3n, 5n, 7n],
          says: [inTable([3n, 5n, 7n])],
        },
        'values in another order': { given: [set(1n, 0n)] },
        'no wire': { wires: [] },
        'another wire': { wires: [s] },
        'logarithms in another order': { logs: [5n, 3n] },
        'the logarithm of the opposite': { logs: [3n, -5n], says: [inTable([3n, -5n])] },
        'one logarithm less': { logs: [3n] },
        'no logarithm': { logs: [] },
        'a set without the second': { says: [inTable([3n])] },
        'another multiple': { says: [inTable([3n, 6n])] },
        'coordinates beside': { says: [inTable([3n, 5n], {}, 1n)] },
        'the other form': { says: [inTable([3n, 5n], { curve: 'edwards' })] },
        'another base': { says: [inTable([3n, 5n], { base: other })] },
        'O for a base': { says: [inTable([3n, 5n], { base: constants(0n, 1n) })] },
        'a base with the point of order 2 in it': {
          says: [inTable([3n, 5n], { base: constants(-BASE.x, -BASE.y) })],
        },
        'a base outside of the subgroup, and its multiple': {
          given: [],
          wires: [],
          logs: [3n],
          says: [besideSubgroup(3n)],
        },
        'a base that is no point': { says: [inTable([3n, 5n], { base: constants(BASE.x, BASE.y + 1n) })] },
        'a base that is a wire': { says: [inTable([3n, 5n], { base: [form(wire(u1)), form(wire(v1))] })] },
        'a form is not 0': { says: [nonzero(wire(u1))] },
      },
    ],
  ],
};

function stepOf(rule: PointRule, one: Case): ProofStep {
  const from = [...one.given.keys()];
  const facts = one.says;
  const points = one.points ?? from.map((index) => [index, 1] as const);
  const constraints = one.constraints ?? [...one.rows.keys()];
  if (rule === 'point-known')
    return { rule, from, facts, wires: one.wires ?? [], definitions: [], logs: one.logs ?? [] };
  if (rule === 'point-choose') return { rule, from, facts, points, constraints, wire: b };
  return { rule, from, facts, points, constraints };
}

type Check = typeof import('../../src/audit/certificate/check.ts').check;

/** What a checker gets wrong of the rules about points: what holds and is refused, lies that are accepted, and where it fails. */
export function wrongPointLaws(check: Check): string[] {
  const wrong: string[] = [];
  for (const [rule, laws] of Object.entries(LAWS))
    for (const [holds, lies] of laws)
      for (const [name, change] of [['what holds', {}] as const, ...Object.entries(lies)]) {
        const one = { ...holds, ...change };
        const assumptions = one.given.map((fact) => ({ as: 'given', fact }));
        const steps = [stepOf(rule as PointRule, one)];
        let said: string;
        try {
          said = check(systemOf(one.rows), { assumptions, proved: [], steps }).accepted
            ? 'accepted'
            : 'refused';
        } catch (error) {
          said = `fails (${error})`;
        }
        if (said !== (name === 'what holds' ? 'accepted' : 'refused'))
          wrong.push(`${rule}, ${name}: ${said}`);
      }
  return wrong;
}
