import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../../../src/proofs/compile.ts';
import { writeExampleCircuit } from '../../helpers/example-circuit.ts';

let dir: string;
const file = (name: string): string => join(dir, name);
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'velum-example-'));
  await writeExampleCircuit(dir);
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
