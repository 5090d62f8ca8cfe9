import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { compileCircuit, root } from '../../../scripts/compile-circuit.ts';
import { namesFromSym } from '../../../src/audit/names.ts';
import { prove } from '../../../src/audit/prove/prove.ts';
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
  return unrangedComparisons(prover.store).map(
    ({ bits, open }) => `${bits} bits: ${open.map((wire) => names.wires[wire]).join(' ')}`,
  );
};

test.each(['O1', 'O2'] as const)(
  'at --%s LessThan(32) over an input without a range is told',
  async (level) => {
    expect(await told('less-than-unranged', level)).toEqual(['32 bits: x limit']);
  },
);
test.each(['O1', 'O2'] as const)('at --%s with a range check in front nothing is told', async (level) => {
  expect(await told('less-than-ranged', level)).toEqual([]);
});
