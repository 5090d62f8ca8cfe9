import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileCircuit, root } from '../../../scripts/compile-circuit.ts';
import type { CompiledFiles } from '../../helpers/audited.ts';
import { velumIn } from '../../helpers/cli.ts';

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'velum-audit-'));
});
afterAll(() => rm(cwd, { recursive: true }));

const compiled = (name: string): Promise<CompiledFiles> =>
  compileCircuit(join(root, 'test/circuits/audit', `${name}.circom`), join(root, 'build/audit-o1'), 'O1');
const audit = ({ r1cs, sym }: CompiledFiles, ...more: readonly string[]) =>
  velumIn(cwd, 'audit', '--r1cs', r1cs, '--sym', sym, '--json', ...more);

test('a witness program finds first witnesses that constraints do not lead to, and they are forged', async () => {
  const files = await compiled('root');
  const without = await audit(files);
  expect(JSON.parse(without.out).outputs).toMatchObject([{ name: 'root', verdict: 'UNKNOWN' }]);
  expect(without.exitCode).toBe(0);
  const { exitCode, out } = await audit(files, '--wasm', files.wasm);
  expect(JSON.parse(out).outputs).toMatchObject([{ name: 'root', verdict: 'FORGED' }]);
  expect(exitCode).toBe(1);
});

test('a witness program that does not end is ended, and the audit is not', async () => {
  const files = await compiled('endless');
  const { out } = await audit(files, '--wasm', files.wasm, '--budget', '3');
  const { outputs, notChecked } = JSON.parse(out);
  expect(outputs).toMatchObject([{ name: 'q' }]);
  expect(notChecked).toContainEqual(
    expect.stringMatching(/^what the witness program leads to: it (had not answered|takes more than)/),
  );
});

test('a program of another circuit, and what is none, are refused', async () => {
  const [files, other] = [await compiled('root'), await compiled('endless')];
  await writeFile(join(cwd, 'text.wasm'), 'no program');
  for (const wasm of [other.wasm, 'text.wasm']) {
    const { exitCode, out } = await audit(files, '--wasm', wasm);
    expect([exitCode, JSON.parse(out).error.code]).toEqual([2, 'AUDIT_PROGRAM']);
  }
  const nameless = await velumIn(cwd, 'audit', '--r1cs', files.r1cs, '--wasm', files.wasm);
  expect([nameless.exitCode, nameless.err]).toEqual([2, expect.stringContaining('--sym')]);
});
