import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compileCircuit, root } from '../../scripts/compile-circuit.ts';
import { parseAssumption } from '../../src/audit/assumptions.ts';
import { namesFromSym } from '../../src/audit/names.ts';
import { prove } from '../../src/audit/prove/prove.ts';
import { normalForm } from '../../src/audit/system/normal-form.ts';
import { rawSystem } from '../../src/audit/system/raw-system.ts';
import { parseR1csOverAny } from '../../src/groth16/r1cs.ts';

/** Names of the outputs that are proved. */
async function provedOf(file: string, level: 'O1' | 'O2', assume: readonly string[]): Promise<string[]> {
  const compiled = await compileCircuit(file, join(root, 'build/audit-points', level), level);
  const r1cs = parseR1csOverAny(await readFile(compiled.r1cs));
  const { wires } = namesFromSym(r1cs, await readFile(compiled.sym, 'utf8'));
  const signals = new Map(wires.map((name, wire) => [wire, name]));
  const { modulus } = r1cs.field;
  const assumptions = assume.flatMap((text) => parseAssumption(text, { inputs: signals, signals }, modulus));
  const { proved, refused } = prove(normalForm(rawSystem(r1cs, modulus)), assumptions, () => false);
  expect(refused).toBeUndefined();
  return proved.map((wire) => wires[wire]!);
}

const OF_KEYS = ['subgroup=Y8[*]', 'input=t[*]'];
test.each([
  ['test/circuits/audit/fixed-base.circom', [], ['out[0]', 'out[1]']],
  ['test/circuits/audit/variable-base.circom', ['subgroup=P[*]'], ['out[0]', 'out[1]']],
  ['test/circuits/audit/babypbk.circom', [], ['Ax', 'Ay']],
  ['test/circuits/audit/pedersen-253.circom', ['bits=in[*]'], ['out[0]', 'out[1]']],
  ['test/circuits/ladder.circom', ['subgroup=P[*]', 'bits=t[*]'], ['out[0]', 'out[1]']],
  ['test/circuits/encapsulation.circom', OF_KEYS, ['U[0]', 'U[1]', 'K[0]', 'K[1]']],
] as const)(
  '%s is proved at --O1 and --O2',
  async (file, assume, outputs) => {
    for (const level of ['O1', 'O2'] as const)
      expect(await provedOf(join(root, file), level, assume)).toEqual(outputs);
  },
  600_000,
);

test('both outputs of Semaphore v4, as npm has it, are proved at --O1 and --O2', async () => {
  const folder = join(root, 'build/audit-points');
  await mkdir(folder, { recursive: true });
  for (const file of [
    '@semaphore-protocol/circuits/src/semaphore.circom',
    '@zk-kit/binary-merkle-root.circom/src/binary-merkle-root.circom',
  ])
    await cp(join(root, 'node_modules', file), join(folder, file.split('/').at(-1)!));
  const main = join(folder, 'semaphore-10.circom');
  await writeFile(
    main,
    'pragma circom 2.1.5;\ninclude "semaphore.circom";\ncomponent main {public [message, scope]} = Semaphore(10);\n',
  );
  for (const level of ['O1', 'O2'] as const)
    expect(await provedOf(main, level, [])).toEqual(['merkleRoot', 'nullifier']);
});

test('all outputs of our orders are proved at --O1 and --O2, with the key in the subgroup and the free bits as inputs', async () => {
  const assume = ['subgroup=Y8[*]', 'input=Encapsulation.t[*]'];
  for (const level of ['O1', 'O2'] as const)
    expect(await provedOf(join(root, 'circuits/orders.circom'), level, assume)).toHaveLength(8);
});
