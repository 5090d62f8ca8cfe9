import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compileCircuit, root } from '../../scripts/compile-circuit.ts';
import { velumIn } from '../helpers/cli.ts';

// 440 bits and the padding are one block.
const MAIN = `pragma circom 2.1.5;
include "sha256/sha256.circom";
component main = Sha256(440);
`;

test('SHA-256 of one block is proved, and its certificate is accepted', async () => {
  const folder = join(root, 'build/large');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'sha256-block.circom'), MAIN);
  const { r1cs, sym } = await compileCircuit(join(folder, 'sha256-block.circom'), folder, 'O1');
  const files = ['--r1cs', r1cs, '--sym', sym];
  const { exitCode, out } = await velumIn(
    folder,
    'audit',
    ...files,
    '--budget',
    '600',
    '--out',
    'o',
    '--json',
  );
  expect(exitCode).toBe(0);
  const { outputs, snapshot } = JSON.parse(out);
  expect(snapshot.constraints).toBe(31264);
  expect(outputs).toHaveLength(256);
  expect(new Set(outputs.map(({ verdict }: { verdict: string }) => verdict))).toEqual(new Set(['PROVED']));
  const checked = await velumIn(folder, 'audit', 'check', 'o/certificate.json', '--r1cs', r1cs, '--json');
  expect(JSON.parse(checked.out)).toMatchObject({ accepted: true });
});
