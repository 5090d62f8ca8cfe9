import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { root } from '../../src/proofs/compile.ts';
import { childrenOf, snarkjs, velumCli } from '../helpers/stock-snarkjs.ts';

let cwd: string;
const stock = (line: string): Promise<string> => snarkjs(cwd, ...line.split(' '));
const velum = (line: string): Promise<string> => velumCli(cwd, line);
const file = (name: string): string => join(cwd, name);
const json = async (name: string): Promise<unknown> => JSON.parse(await readFile(file(name), 'utf8'));

/** 2^13 holds PLONK's 6,098 gates of ballot. Made on this machine, so for tests only. */
const POWER = 13;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'velum-stock-'));
  await stock(`powersoftau new bn128 ${POWER} 0.ptau`);
  await stock('powersoftau contribute 0.ptau 1.ptau --name=test -e=text');
  await stock('powersoftau prepare phase2 1.ptau p.ptau');
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

describe.each(['account', 'ballot', 'orders', 'dealing'])(
  'files about %s pass between the tools',
  (circuit) => {
    const keys = join(root, 'keys', circuit);
    const r1cs = join(root, 'build/circuits', `${circuit}.r1cs`);
    test('a proof of ours passes snarkjs groth16 verify', async () => {
      await writeFile(file('in.json'), await velum(`input ${circuit} --example`));
      await velum(`prove ${circuit} --input in.json --proof p.json --public s.json`);
      expect(await stock(`groth16 verify ${keys}/vkey.json s.json p.json`)).toContain('OK!');
    });
    test('a witness of ours passes snarkjs wtns check and is one to prove from', async () => {
      await velum(`circuits build ${circuit}`);
      await velum(`witness ${circuit} --input in.json --out w.wtns`);
      expect(await stock(`wtns check ${r1cs} w.wtns`)).toContain('WITNESS IS CORRECT');
      await stock(`groth16 prove ${keys}/proving.zkey w.wtns p2.json s2.json`);
      expect(await velum(`verify ${circuit} --proof p2.json --public s2.json`)).toContain('verified');
    });
    test('a proof of snarkjs groth16 fullprove passes velum verify', async () => {
      await stock(`groth16 fullprove in.json ${keys}/witness.wasm ${keys}/proving.zkey p3.json s3.json`);
      expect(await velum(`verify ${circuit} --proof p3.json --public s3.json`)).toContain('verified');
      expect(await json('s3.json')).toEqual(await json('s.json'));
    });
    test('exported keys and contracts are those of snarkjs', async () => {
      await velum(`keys export-vkey ${circuit} --out ours.json`);
      await stock(`zkey export verificationkey ${keys}/proving.zkey theirs.json`);
      expect(await json('ours.json')).toEqual(await json('theirs.json'));
      await velum(`export solidity ${circuit} --out ours.sol`);
      await stock(`zkey export solidityverifier ${keys}/proving.zkey theirs.sol`);
      expect(await readFile(file('ours.sol'), 'utf8')).toBe(await readFile(file('theirs.sol'), 'utf8'));
    });
  },
);

test('a ceremony on the command line: snarkjs checks its key and prints its transcript', async () => {
  await velum('keys setup account --ptau p.ptau --keys c');
  const [first] = (await velum('keys contribute account --keys c --name Ada')).split('\n').slice(1);
  await stock('zkey contribute c/account/proving.zkey bob.zkey --name=Bob -e=text');
  const taken = await velum('keys contribute account --keys c --from bob.zkey --ptau p.ptau');
  const [, , second] = taken.split('\n');
  await velum(`keys beacon account --keys c --beacon ${'0a'.repeat(32)}`);
  expect(await velum('keys verify account --keys c --ptau p.ptau')).toContain('verified the keys of account');
  const r1cs = join(root, 'build/circuits/account.r1cs');
  const said = await stock(`zkey verify ${r1cs} p.ptau c/account/proving.zkey`);
  expect(said).toContain('ZKey Ok!');
  expect(said.replaceAll(/\s/g, '')).toContain(`Ada:${first}`);
  expect(said.replaceAll(/\s/g, '')).toContain(`Bob:${second}`);
  await velum('input account --example').then((text) => writeFile(file('in.json'), text));
  await velum('prove account --input in.json --keys c');
  expect(await velum('verify account --keys c')).toContain('verified');
  expect(await stock('groth16 verify c/account/vkey.json public.json proof.json')).toContain('OK!');
});

describe.each(['account', 'ballot'])('PLONK of %s', (circuit) => {
  test('keys, proof and verification by the command line, and both ways with snarkjs', async () => {
    await velum(`keys setup ${circuit} --protocol plonk --ptau p.ptau --keys plonk`);
    expect(await velum(`keys verify ${circuit} --protocol plonk --ptau p.ptau --keys plonk`)).toContain(
      'verified the keys',
    );
    await writeFile(file('in.json'), await velum(`input ${circuit} --example`));
    await velum(
      `prove ${circuit} --protocol plonk --input in.json --keys plonk --proof pp.json --public ps.json`,
    );
    expect(await velum(`verify ${circuit} --proof pp.json --public ps.json --keys plonk`)).toContain(
      'verified',
    );
    expect(await stock(`plonk verify plonk/${circuit}/vkey.json ps.json pp.json`)).toContain('OK!');

    const [wasm, zkey] = [`plonk/${circuit}/witness.wasm`, `plonk/${circuit}/proving.zkey`];
    await stock(`plonk fullprove in.json ${wasm} ${zkey} pp2.json ps2.json`);
    expect(await velum(`verify ${circuit} --proof pp2.json --public ps2.json --keys plonk`)).toContain(
      'verified',
    );
    const signals = (await json('ps2.json')) as string[];
    await writeFile(file('other.json'), JSON.stringify(signals.with(0, '5')));
    await expect(
      velum(`verify ${circuit} --proof pp2.json --public other.json --keys plonk`),
    ).rejects.toMatchObject({ code: 1 });
  });
});

test('Ctrl-C in the middle of making keys leaves no process and no file, and the command can be given again', async () => {
  const args = ['keys', 'setup', 'ballot', '--ptau', 'p.ptau', '--keys', 'cut'];
  const child = spawn(process.execPath, [join(root, 'dist/cli/main.js'), ...args], { cwd, stdio: 'ignore' });
  const ended = once(child, 'exit');
  const inside = (): Promise<string[]> => readdir(file('cut')).catch(() => []);
  // The scratch folder of the new key.
  await vi.waitUntil(async () => (await inside()).length > 0, { timeout: 60_000, interval: 5 });
  child.kill('SIGINT');
  expect(await ended).toEqual([130, null]);
  expect(await inside()).toEqual([]);
  expect(await childrenOf(child.pid!)).toEqual([]);
  expect(await velum('keys setup ballot --ptau p.ptau --keys cut')).toContain('made keys of ballot');
});
