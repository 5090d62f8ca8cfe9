import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { compileCircuit, root } from '../../../scripts/compile-circuit.ts';
import { examine, type OutputsAnswer } from '../../../src/audit/examine.ts';
import { namesFromSym } from '../../../src/audit/names.ts';
import { prove } from '../../../src/audit/prove/prove.ts';
import { SourceLines } from '../../../src/audit/source-lines.ts';
import { normalForm } from '../../../src/audit/system/normal-form.ts';
import { rawSystem } from '../../../src/audit/system/raw-system.ts';
import { unrangedComparisons } from '../../../src/audit/unranged.ts';
import { parseR1csOverAny } from '../../../src/groth16/r1cs.ts';

const told = async (file: string, level: 'O1' | 'O2') => {
  const into = `${root}/build/test-circuits/${level}`;
  const compiled = await compileCircuit(`${root}/test/circuits/audit/${file}.circom`, into, level);
  const r1cs = parseR1csOverAny(await readFile(compiled.r1cs));
  const names = namesFromSym(r1cs, await readFile(compiled.sym, 'utf8'));
  const { prover } = prove(normalForm(rawSystem(r1cs, r1cs.field.modulus)), [], () => false);
  return unrangedComparisons(prover.store, names).map(({ bits, open, bit }) => {
    const operands = open.map((wire) => names.wires[wire]).sort();
    return `${names.wires[bit]!.replace(/\.n2b\..*/, '')}: ${bits} bits: ${operands.join(' ')}`;
  });
};

test.each(['O1', 'O2'] as const)(
  'at --%s LessThan(32) over an input without a range is told',
  async (level) => {
    expect(await told('less-than-unranged', level)).toEqual([expect.stringMatching(/: 32 bits: limit x$/)]);
  },
);
test.each(['O1', 'O2'] as const)('at --%s with a range check in front nothing is told', async (level) => {
  expect(await told('less-than-ranged', level)).toEqual([]);
});

test.each(['O1', 'O2'] as const)(
  'at --%s comparisons whose answer is demanded, or that are with a constant, are told unless the operands have a range',
  async (level) => {
    const refused = (part: string, x: string, y: string) => [
      ...['asked', 'greater.lt', 'greaterEqual.lt', 'less', 'lessEqual.lt', 'times'].map(
        (name) => `${part}.${name}: 32 bits: ${x} ${y}`,
      ),
      ...['above.lt', 'below', 'notAbove.lt'].map((name) => `${part}.${name}: 32 bits: ${x}`),
    ];
    expect((await told('demanded-comparisons', level)).sort()).toEqual(
      [
        ...refused('bare', 'x[0]', 'y[0]'),
        ...refused('wide', 'z[0]', 'z[1]'),
        ...['greater.lt', 'greaterEqual.lt', 'less', 'lessEqual.lt'].map(
          (name) => `yes[1].${name}: 32 bits: a[1] b[1]`,
        ),
        'yes[1].small: 32 bits: a[1]',
      ].sort(),
    );
  },
);

test.each(['O1', 'O2'] as const)(
  'at --%s each comparison of circomlib is told, inside another component and with its line, and none whose operands have a range',
  async (level) => {
    const file = `${root}/test/circuits/audit/all-comparisons.circom`;
    const compiled = await compileCircuit(file, `${root}/build/test-circuits/${level}`, level);
    const text = await readFile(file, 'utf8');
    let answer: OutputsAnswer | undefined;
    await examine(
      {
        files: {
          r1cs: { name: 'c.r1cs', bytes: await readFile(compiled.r1cs) },
          sym: { name: 'c.sym', text: await readFile(compiled.sym, 'utf8') },
          witnesses: [],
        },
        assume: [],
        target: [],
      },
      {
        endingAt: () => undefined,
        onStage: () => {},
        onAnswer: (one) => {
          answer = one;
        },
        onChecks: () => {},
      },
    );
    const lines = new SourceLines([{ name: 'c.circom', text }]);
    const said = answer!.findings.map(({ rule, subject, message }) => {
      const { line } = lines.placeOf(subject)!;
      return [rule, text.split('\n')[line - 1]!.trim(), message];
    });
    const message = 'compares 32 bits, and nothing keeps x[1], y[1] below 2^32';
    expect(said.sort()).toEqual(
      [
        'greater = GreaterThan',
        'greaterEqual = GreaterEqThan',
        'less = LessThan',
        'lessEqual = LessEqThan',
      ].map((made) => ['unranged-comparison', `component ${made}(32);`, message]),
    );
    expect(answer!.outputs.map(({ verdict }) => verdict)).toEqual(Array(8).fill('PROVED'));
  },
);
