import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseR1cs, parseWitness, satisfies } from '../../../src/groth16/r1cs.ts';
import { buildCircuit } from '../../../src/project/build.ts';
import { findProject, type Project, requireProject } from '../../../src/project/project-file.ts';
import { runWitnessProgram } from '../../../src/project/witness-thread.ts';
import { root as packageRoot } from '../../../src/proofs/compile.ts';

const GATE = `pragma circom 2.0.0;
template Gate(n) {
  signal input a;
  signal input b[n];
  signal output c;
  c <== a * b[0] + b[n - 1];
}
`;
const ENTRY = { file: 'gate', template: 'Gate', params: [2], pubs: ['a'] };

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'velum-project-'));
  await mkdir(join(root, 'circuits'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function project(circuits: object, sources: Readonly<Record<string, string>>): Promise<Project> {
  await writeFile(join(root, 'circuits.json'), JSON.stringify(circuits));
  for (const [path, text] of Object.entries(sources)) await writeFile(join(root, path), text);
  return requireProject(root);
}

const build = (of: Project, name: string) => buildCircuit(of, of.circuits.get(name)!);

test("a circuit in circomkit's file is compiled and proves true, and is not compiled again until a source changes", async () => {
  const made = await project({ gate: ENTRY }, { 'circuits/gate.circom': GATE });
  const { r1cs, wasm, folder } = await build(made, 'gate');
  expect(folder).toBe(join(root, 'build/gate'));
  const system = parseR1cs(await readFile(r1cs));
  expect([system.constraints.length, system.outputCount, system.publicInputCount]).toEqual([1, 1, 1]);
  const witness = parseWitness(
    await runWitnessProgram('gate', await readFile(wasm), { a: [3n], b: [5n, 7n] }),
  );
  expect(witness.slice(0, 5)).toEqual([1n, 22n, 3n, 5n, 7n]);
  expect(satisfies(system, witness)).toBe(true);
  const { mtimeMs } = await stat(r1cs);
  await build(made, 'gate');
  expect((await stat(r1cs)).mtimeMs).toBe(mtimeMs);
  await writeFile(join(root, 'circuits/gate.circom'), GATE.replace('a * b[0]', 'b[n - 1] * b[0]'));
  await build(made, 'gate');
  expect((await stat(r1cs)).mtimeMs).toBeGreaterThan(mtimeMs);
});

test('circomlib is found by its package, its path and its file alone, from a link to a folder elsewhere as well', async () => {
  const elsewhere = await mkdtemp(join(tmpdir(), 'velum-library-'));
  await writeFile(join(elsewhere, 'gate.circom'), GATE);
  await symlink(elsewhere, join(root, 'linked'));
  const source = `pragma circom 2.0.0;
/* include "nowhere.circom"; */
include "../linked/gate.circom"; // include "nowhere.circom";
include "circomlib/circuits/comparators.circom";
include "node_modules/circomlib/circuits/bitify.circom";
include "mux1.circom";
template All() { signal input in[2]; signal output out; component lt = LessThan(8); lt.in <== in;
  component gate = Gate(2); gate.a <== lt.out; gate.b <== in; out <== gate.c; }
`;
  const made = await project({ all: { file: 'all', template: 'All' } }, { 'circuits/all.circom': source });
  const { r1cs } = await build(made, 'all');
  expect(parseR1cs(await readFile(r1cs)).constraints.length).toBeGreaterThan(9);
  await rm(elsewhere, { recursive: true });
});

test('a folder above the project serves as a library, and circomkit.json tells of folders', async () => {
  const inner = join(root, 'packages/inner');
  await mkdir(join(inner, 'src'), { recursive: true });
  await writeFile(join(root, 'circuits/gate.circom'), GATE);
  await writeFile(
    join(inner, 'circomkit.json'),
    JSON.stringify({ dirCircuits: './src', include: ['../../circuits'], optimization: 2, prime: 'bn128' }),
  );
  await writeFile(
    join(inner, 'circuits.json'),
    JSON.stringify({ m: { file: 'm', template: 'M', pubs: [] } }),
  );
  await writeFile(
    join(inner, 'src/m.circom'),
    'pragma circom 2.0.0;\ninclude "gate.circom";\ntemplate M() { signal input a; signal output c; component g = Gate(1); g.a <== a; g.b[0] <== a; c <== g.c; }\n',
  );
  const of = requireProject(join(inner, 'src'));
  expect(of.root).toBe(inner);
  expect(of.circuits.get('m')?.optimize).toBe('O2');
  await build(of, 'm');
});

test("this package's registry of circuits is no project, and a loop that does not end is ended", async () => {
  expect(findProject(join(packageRoot, 'circuits'))).toBeUndefined();
  const loop =
    'pragma circom 2.0.0;\ntemplate Gate(n) { signal input a; signal output b; var i = 0; while (i < n) { i = 0; } b <== a; }\n';
  const made = await project({ gate: { ...ENTRY, pubs: [] } }, { 'circuits/gate.circom': loop });
  await expect(buildCircuit(made, made.circuits.get('gate')!, { limitMs: 1500 })).rejects.toMatchObject({
    code: 'PROJECT_FILE',
    message: expect.stringContaining('did not end within 1.5 s'),
  });
});

test('what the compiler refuses is told with file, line and column of the source', async () => {
  const sources = { 'circuits/gate.circom': GATE.replace('a * b[0]', 'a * b[0] * a') };
  const made = await project({ gate: ENTRY }, sources);
  await expect(build(made, 'gate')).rejects.toMatchObject({
    code: 'CIRCUIT_COMPILE',
    message: expect.stringMatching(/^circuits\/gate\.circom:6:3: error T3001: Non quadratic constraints/),
    data: { file: join(root, 'circuits/gate.circom'), line: 6, column: 3 },
  });
});
