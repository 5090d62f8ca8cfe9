import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../../src/proofs/compile.ts';
import { snarkjs, velumCli } from '../helpers/stock-snarkjs.ts';
import {
  ENTRY,
  INPUT,
  MULTIPLIER,
  type StrangersProject,
  strangersProject,
} from '../helpers/strangers-project.ts';

const DEPTH = 10;
const PACKAGES = 'node_modules';
/** A member in a tree of four: the tree may be any, its root is an output. */
const MEMBER = {
  secret: '123456789',
  merkleProofLength: '2',
  merkleProofIndex: '1',
  merkleProofSiblings: Array.from({ length: DEPTH }, (_, i) => (i < 2 ? String(i + 5) : '0')),
  message: '77',
  scope: '88',
};

let project: StrangersProject;
const velum = (line: string): Promise<string> => velumCli(project.root, line);
const stock = (line: string): Promise<string> => snarkjs(project.root, ...line.split(' '));
const text = (path: string): Promise<string> => readFile(project.at(path), 'utf8');

beforeAll(async () => {
  project = await strangersProject();
  // As npm has it in a workspace: a link to packages elsewhere.
  await symlink(join(root, PACKAGES), project.at(PACKAGES));
  await project.write('circuits/multiplier.circom', MULTIPLIER);
  await project.write('circuits.json', {
    multiplier: ENTRY,
    semaphore: {
      file: `${PACKAGES}/@semaphore-protocol/circuits/src/semaphore.circom`,
      template: 'Semaphore',
      params: [DEPTH],
      pubs: ['message', 'scope'],
      include: [`${PACKAGES}/@zk-kit/binary-merkle-root.circom/src`],
      optimize: 'O2',
    },
  });
  await project.write('multiplier.json', INPUT);
  await project.write('semaphore.json', MEMBER);
});
afterAll(() => project.remove());

describe.each([
  { circuit: 'multiplier', constraints: 13, signals: 2 },
  { circuit: 'semaphore', constraints: 3971, signals: 4 },
])('$circuit, from its source', ({ circuit, constraints, signals }) => {
  test('has the constraints that its authors see', async () => {
    const [row] = JSON.parse(await velum(`circuits inspect ${circuit} --json`)).circuits;
    expect(row).toMatchObject({ constraints });
    const said = await stock(`r1cs info build/${circuit}/${circuit}.r1cs`);
    expect(said).toContain(`# of Constraints: ${constraints}`);
  });
  test('is proved, and stock snarkjs verifies key and proof', async () => {
    await velum(`keys setup ${circuit} --dev`);
    await velum(`prove ${circuit} --input ${circuit}.json --proof p.json --public s.json`);
    expect(await velum(`verify ${circuit} --proof p.json --public s.json`)).toContain('verified');
    expect(JSON.parse(await text('s.json'))).toHaveLength(signals);
    expect(await stock(`groth16 verify keys/${circuit}/vkey.json s.json p.json`)).toContain('OK!');
    const power = Math.ceil(Math.log2(constraints + signals + 1));
    const ptau = `build/powers-of-tau/development-${power}.ptau`;
    const said = await stock(
      `zkey verify build/${circuit}/${circuit}.r1cs ${ptau} keys/${circuit}/proving.zkey`,
    );
    expect(said).toContain('ZKey Ok!');
  });
  test('has the contract and the calldata that stock snarkjs exports, byte for byte', async () => {
    await velum(`export solidity ${circuit} --out ours.sol`);
    await stock(`zkey export solidityverifier keys/${circuit}/proving.zkey theirs.sol`);
    expect(await text('ours.sol')).toBe(await text('theirs.sol'));
    expect(await text('ours.sol')).toContain(`uint[${signals}] calldata _pubSignals`);
    const ours = await velum(`export calldata ${circuit} --proof p.json --public s.json`);
    expect(ours.trim()).toBe((await stock('zkey export soliditycalldata s.json p.json')).trim());
  });
  test('takes a witness of the stock tool, and gives it one', async () => {
    await velum(`witness ${circuit} --input ${circuit}.json --out w.wtns`);
    expect(await stock(`wtns check build/${circuit}/${circuit}.r1cs w.wtns`)).toContain('WITNESS IS CORRECT');
    await stock(`groth16 prove keys/${circuit}/proving.zkey w.wtns p2.json s2.json`);
    expect(await velum(`verify ${circuit} --proof p2.json --public s2.json`)).toContain('verified');
  });
});
