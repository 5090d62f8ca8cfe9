import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/compile-circuit.ts';
import { swapped } from './mutant.ts';
import { compileFormal, type FormalCircuit } from './small-circuit.ts';
import { type SmallCurve, SmallGroup } from './small-curves.ts';
import { FIXED_BASE, type Found, fixedBaseHas, ladderHas } from './small-encapsulation.ts';
import { SmallSolver } from './small-solver.ts';

/**
 * The dealing circuit for one share over small curves: bits, fixed base and ladder. Two linear parts and the permutation are left out:
 * that bits spell t and the share, and that c is the share plus a pad.
 * @param bits 3·windows + 2
 */
export const compileDealing = (bits: number): Promise<FormalCircuit> =>
  compileFormal(
    'dealing',
    swapped(readFileSync(join(root, 'circuits/dealing.circom'), 'utf8'), [
      ['include "bitify.circom";\n', ''],
      ['include "poseidon.circom";\n', ''],
      ['include "lib/curve.gen.circom";', 'include "curve.gen.circom";'],
      ['include "lib/ladder.circom";', 'include "ladder.circom";'],
      ['signal output digits[bits];', 'signal input B[2];\n    signal output digits[bits];'],
      [
        'digits <== Num2Bits(bits)(scalar);',
        'for (var i = 0; i < bits; i++) {\n        digits[i] <-- (scalar >> i) & 1;\n        digits[i] * (digits[i] - 1) === 0;\n    }',
      ],
      ['EscalarMulFix(bits, [BASE_X(), BASE_Y()])(digits)', 'EscalarMulFix(bits)(digits, B)'],
      ['signal input context;', 'signal input B[2];'],
      ['(digits, R) <== FixedMultiple()(t);', '(digits, R) <== FixedMultiple()(t, B);'],
      ['signal E[2] <== Ladder()(digits, PK8);', 'signal output E[2] <== Ladder()(digits, PK8);'],
      ['signal z[keys + 1] <== PoseidonEx(3, keys + 1)([E[0], E[1], context], 0);', ''],
      ['signal output c[keys];', ''],
      ['FixedMultiple()(share[j]);', 'FixedMultiple()(share[j], B);'],
      ['c[j] <== share[j] + z[j + 1];', ''],
      ['component main {public [PK8, context]} = Dealing(2);', 'component main = Dealing(1);'],
    ]),
    bits,
    FIXED_BASE(bits),
  );

/** All solutions for every base B ≠ O given, PK8 = [3]B and all bits of t and of the share, beside what S4r says. */
export function searchDealing(circuit: FormalCircuit, curve: SmallCurve, bases: readonly number[]): Found {
  const group = new SmallGroup(curve);
  const G = group.multiples(group.generator());
  const { l, bits } = curve;
  const inputs = (m: number): Record<string, number> => {
    const [B, PK8] = [G[m]!, G[(3 * m) % l]!];
    return { 'B[0]': B[0], 'B[1]': B[1], 'PK8[0]': PK8[0], 'PK8[1]': PK8[1] };
  };
  const solver = new SmallSolver(circuit, curve, Object.keys(inputs(1)));
  const read = (name: string, values: Int32Array): number =>
    Array.from({ length: bits }, (_, i) => values[solver.wire(`${name}[${i}]`)]! * 2 ** i).reduce(
      (a, b) => a + b,
      0,
    );
  const outputs = ['R[0]', 'R[1]', 'A[0][0]', 'A[0][1]', 'E[0]', 'E[1]'].map((name) => solver.wire(name));
  const problems: string[] = [];
  let unsatisfiable = 0;
  for (const m of bases) {
    const solutions = new Map<string, number>();
    solver.solve(inputs(m), (values) => {
      const [t, s] = [read('digits', values), read('shareDigits[0]', values)];
      solutions.set(`${t} ${s}`, (solutions.get(`${t} ${s}`) ?? 0) + 1);
      const at = (k: number): readonly [number, number] => G[(k * m) % l]!;
      const wanted = [...at(t), ...at(s), ...at(3 * (2 ** bits + t))];
      if (outputs.some((wire, i) => values[wire] !== wanted[i]))
        problems.push(`m = ${m}, t = ${t}, s = ${s}: a wrong result`);
      return problems.length < 5;
    });
    for (let t = 0; t < 2 ** bits; t++)
      for (let s = 0; s < 2 ** bits; s++) {
        const has = ladderHas(2 ** bits + t, l) && fixedBaseHas(t, curve) && fixedBaseHas(s, curve);
        const count = solutions.get(`${t} ${s}`) ?? 0;
        if (count !== Number(has))
          problems.push(`m = ${m}, t = ${t}, s = ${s}: ${count} solutions instead of ${Number(has)}`);
        unsatisfiable += 1 - Number(has);
      }
  }
  return { systems: bases.length * 4 ** bits, unsatisfiable, problems };
}
