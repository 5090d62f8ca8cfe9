import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

test('the built package gives its prover to who imports velum/groth16', () => {
  const code = "console.log(JSON.stringify(Object.keys(await import('velum/groth16'))))";
  const cwd = resolve(import.meta.dirname, '../..');
  const names = JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', code], { cwd, encoding: 'utf8' }),
  );
  expect(names).toEqual(
    expect.arrayContaining(['loadWasmProver', 'createWitnessCalculator', 'createVerifier']),
  );
});
