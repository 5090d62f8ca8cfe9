import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { powersOfTau, zKey } from 'snarkjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadCurve } from '../../../src/groth16/curve.ts';
import { compileCircuit, root } from '../../../src/proofs/compile.ts';
import { tameSnarkjs } from '../../helpers/toy-keys.ts';

const CIRCUIT = `pragma circom 2.1.9;
template Example() {
  signal input value;
  signal input path[3];
  signal output sum;
  sum <== value + path[1] + path[0] * path[2];
}
component main = Example();
`;
/** Domain 4 holds one constraint, the sum and 1. */
const POWER = 2;

let dir: string;
const file = (name: string): string => join(dir, name);
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'velum-example-'));
  await tameSnarkjs();
  await writeFile(file('circuit.circom'), CIRCUIT);
  const { r1cs, wasm } = await compileCircuit(file('circuit.circom'), file('build'));
  await copyFile(wasm, file('circuit.wasm'));
  await powersOfTau.newAccumulator(await loadCurve(), POWER, file('0.ptau'));
  await powersOfTau.contribute(file('0.ptau'), file('1.ptau'), 'one', 'entropy');
  await powersOfTau.preparePhase2(file('1.ptau'), file('2.ptau'));
  await zKey.newZKey(await readFile(r1cs), file('2.ptau'), file('0.zkey'));
  await zKey.contribute(file('0.zkey'), file('circuit.zkey'), 'one', 'more entropy');
  await writeFile(file('vkey.json'), JSON.stringify(await zKey.exportVerificationKey(file('circuit.zkey'))));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

test('the example of the page proves and verifies, with files that snarkjs takes', async () => {
  const page = await readFile(join(root, 'src/groth16/README.md'), 'utf8');
  const [, example] = page.match(/```ts\n([\s\S]*?)```/)!;
  const face = pathToFileURL(join(root, 'src/groth16/index.ts')).href;
  expect(example).toContain("from 'velum/groth16'");
  await writeFile(file('example.mts'), example!.replace("'velum/groth16'", `'${face}'`));
  const tsx = pathToFileURL(join(root, 'node_modules/tsx/dist/esm/index.mjs')).href;
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', tsx, 'example.mts'], {
    cwd: dir,
  });
  expect(stdout).toBe('true\n');
  await writeFile(file('public.json'), JSON.stringify(['4']));
  const args = ['groth16', 'verify', 'vkey.json', 'public.json', 'proof.json'];
  const checked = await promisify(execFile)(join(root, 'node_modules/.bin/snarkjs'), args, { cwd: dir });
  expect(checked.stdout).toContain('OK!');
});
