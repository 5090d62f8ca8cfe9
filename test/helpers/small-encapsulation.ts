import type { Swap } from './mutant.ts';
import { compileFormal, type FormalCircuit, type Swaps } from './small-circuit.ts';
import { type SmallCurve, SmallGroup, type SmallPoint } from './small-curves.ts';
import { SmallSolver } from './small-solver.ts';

/** The ladder and the encapsulation (fixed base and ladder) over small curves: all their solutions, beside what they must be. */

const START: Swap = ['Q[bits - 1] <== Triple()(M);', 'Q[bits - 1] <== M;'];

/** The ladder with bits that are bits, as its caller has to see to; `startsAtP` is the mutant that begins with [1]P. */
export const compileLadder = (bits: number, startsAtP = false): Promise<FormalCircuit> =>
  compileFormal(
    startsAtP ? 'ladder-from-p' : 'ladder',
    `pragma circom 2.2.0;
include "ladder.circom";
template SmallLadder() {
    signal input t[${bits}];
    signal input P[2];
    signal output out[2];
    for (var i = 0; i < ${bits}; i++) t[i] * (t[i] - 1) === 0;
    out <== Ladder()(t, P);
}
component main = SmallLadder();
`,
    bits,
    startsAtP ? { 'ladder.circom': [START] } : {},
  );

/**
 * circomlib's fixed base with its base as an input. The first segment has as many windows as fit into bits − 2, where the circuit has
 * 83 of 3 bits for 249 of 251.
 */
export const FIXED_BASE = (bits: number): Swaps => ({
  'escalarmulfix.circom': [
    [
      'template EscalarMulFix(n, BASE) {\n    signal input e[n]; ',
      'template EscalarMulFix(n) {\n    signal input e[n];\n    signal input BASE[2];',
    ],
    ['(n-1)\\246 +1', `(n-1)\\${bits - 2} +1`],
    ['(nsegments-1)*249', `(nsegments-1)*${bits - 2}`],
    ['? 249 :', `? ${bits - 2} :`],
    ['e[s*249+i]', `e[s*${bits - 2}+i]`],
  ],
  'babyjub.circom': [['EscalarMulFix(253, BASE8);', 'EscalarMulFix(253);\n    mulFix.BASE <== BASE8;']],
});

/**
 * The whole encapsulation, its base and [2^bits]base as inputs.
 * @param bits 3·windows + 2
 */
export const compileEncapsulation = (bits: number): Promise<FormalCircuit> =>
  compileFormal(
    'encapsulation',
    'pragma circom 2.2.0;\ninclude "encapsulation.circom";\ncomponent main = Encapsulation();\n',
    bits,
    {
      'encapsulation.circom': [
        ['signal input Y8[2];', 'signal input Y8[2];\n    signal input B[2];\n    signal input shift[2];'],
        ['EscalarMulFix(bits, [BASE_X(), BASE_Y()])(t)', 'EscalarMulFix(bits)(t, B)'],
        ['SHIFT_X()', 'shift[0]'],
        ['SHIFT_Y()', 'shift[1]'],
      ],
      ...FIXED_BASE(bits),
    },
  );

/** What a search found: systems are pairs of inputs and bits; a problem is one whose solutions are not the expected. */
export interface Found {
  readonly systems: number;
  readonly unsatisfiable: number;
  readonly problems: readonly string[];
}

type Expected = (t: number, m: number) => readonly SmallPoint[] | undefined;

/** Ways to start a search: m stands for the point [m]G. */
type Inputs = (m: number) => Readonly<Record<string, number>>;

function search(
  circuit: FormalCircuit,
  curve: SmallCurve,
  multiples: readonly number[],
  inputs: Inputs,
  outputs: readonly string[],
  expected: Expected,
): Found {
  const solver = new SmallSolver(circuit, curve, Object.keys(inputs(multiples[0]!)));
  const bits = Array.from({ length: curve.bits }, (_, i) => solver.wire(`t[${i}]`));
  const wires = outputs.flatMap((name) => [solver.wire(`${name}[0]`), solver.wire(`${name}[1]`)]);
  const problems: string[] = [];
  let unsatisfiable = 0;
  for (const m of multiples) {
    const solutions = new Int32Array(2 ** curve.bits);
    solver.solve(inputs(m), (values) => {
      const t = bits.reduce((sum, wire, i) => sum + values[wire]! * 2 ** i, 0);
      solutions[t]!++;
      const wanted = expected(t, m)?.flat();
      if (wires.some((wire, i) => values[wire] !== wanted?.[i]))
        problems.push(`m = ${m}, t = ${t}: a wrong result`);
      return problems.length < 5;
    });
    for (const [t, count] of solutions.entries()) {
      const wanted = expected(t, m) === undefined ? 0 : 1;
      if (count !== wanted) problems.push(`m = ${m}, t = ${t}: ${count} solutions instead of ${wanted}`);
      unsatisfiable += 1 - wanted;
    }
  }
  return { systems: multiples.length * 2 ** curve.bits, unsatisfiable, problems };
}

/** k = 2l − 2, 2l − 1, 2l and 2l + 1 have no solution, says the ladder's argument; where l is well inside its range no other k is ≡ 0, ±1, −2. */
export const ladderHas = (k: number, l: number): boolean => k < 2 * l - 2 || k > 2 * l + 1;
const range = (from: number, below: number): number[] =>
  Array.from({ length: below - from }, (_, i) => from + i);

/** All solutions of the ladder for every P ≠ O of the subgroup and all bits, beside [2^bits + t]P. */
export function searchLadder(circuit: FormalCircuit, curve: SmallCurve): Found {
  const group = new SmallGroup(curve);
  const G = group.multiples(group.generator());
  const { l, bits } = curve;
  return search(
    circuit,
    curve,
    range(1, l),
    (m) => ({ 'P[0]': G[m]![0], 'P[1]': G[m]![1] }),
    ['out'],
    (t, m) => (ladderHas(2 ** bits + t, l) ? [G[((2 ** bits + t) * m) % l]!] : undefined),
  );
}

/** The fixed base has no solution where its first segment adds S to −S, says its argument. */
export function fixedBaseHas(t: number, { l, bits }: SmallCurve): boolean {
  const windows = (bits - 2) / 3;
  let sum = 2 * 8 ** windows;
  for (let i = 0; i < windows; i++) {
    sum += (1 + (Math.floor(t / 8 ** i) % 8)) * 8 ** i;
    if (sum % l === 0) return false;
  }
  return true;
}

/** All solutions of the encapsulation for every base B ≠ O of the subgroup, Y8 = [3]B and all bits, beside [k]B and [k]Y8. */
export function searchEncapsulation(
  circuit: FormalCircuit,
  curve: SmallCurve,
  bases = range(1, curve.l),
): Found {
  const group = new SmallGroup(curve);
  const G = group.multiples(group.generator());
  const { l, bits } = curve;
  const inputs: Inputs = (m) => {
    const [B, shift, Y8] = [G[m]!, G[(2 ** bits * m) % l]!, G[(3 * m) % l]!];
    return {
      'B[0]': B[0],
      'B[1]': B[1],
      'shift[0]': shift[0],
      'shift[1]': shift[1],
      'Y8[0]': Y8[0],
      'Y8[1]': Y8[1],
    };
  };
  return search(circuit, curve, bases, inputs, ['U', 'K'], (t, m) => {
    const k = 2 ** bits + t;
    return ladderHas(k, l) && fixedBaseHas(t, curve) ? [G[(k * m) % l]!, G[(3 * k * m) % l]!] : undefined;
  });
}

/** Different results of the ladder for one point and one t, beside the right one: empty if there are no two. */
export interface Ambiguity {
  readonly point: SmallPoint;
  readonly order: number;
  readonly t: number;
  readonly results: number;
}

/** Every point among those given, with some t for which the constraints admit more than one result. */
export function ambiguities(
  circuit: FormalCircuit,
  curve: SmallCurve,
  points: readonly SmallPoint[],
): Ambiguity[] {
  const group = new SmallGroup(curve);
  const solver = new SmallSolver(circuit, curve, ['P[0]', 'P[1]']);
  const bits = Array.from({ length: curve.bits }, (_, i) => solver.wire(`t[${i}]`));
  return points.flatMap((point) => {
    const results = new Map<number, Set<number>>();
    solver.solve({ 'P[0]': point[0], 'P[1]': point[1] }, (values) => {
      const t = bits.reduce((sum, wire, i) => sum + values[wire]! * 2 ** i, 0);
      results.set(t, (results.get(t) ?? new Set()).add(values[1]! * curve.p + values[2]!));
      return true;
    });
    const [most] = [...results].sort(([, a], [, b]) => b.size - a.size);
    if (most === undefined || most[1].size < 2) return [];
    return [{ point, order: group.multiples(point).length, t: most[0], results: most[1].size }];
  });
}
