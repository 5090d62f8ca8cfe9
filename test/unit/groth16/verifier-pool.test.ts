import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { VerifierPool } from '../../../src/groth16/verifier-pool.ts';
import { loadCircuitProver } from '../../../src/proofs/circuit-prover.ts';
import { loadVerifierPool } from '../../../src/proofs/circuit-verifier-pool.ts';
import { root } from '../../../src/proofs/compile.ts';
import { flattenSignals } from '../../../src/proofs/signals.ts';
import { childrenOf } from '../../helpers/stock-snarkjs.ts';
import { makeToyKeys, type ToyKeys, toyInput } from '../../helpers/toy-keys.ts';

let keys: ToyKeys;
let pool: VerifierPool;
const publics: bigint[][] = [];
const proofs: Uint8Array[] = [];
beforeAll(async () => {
  keys = await makeToyKeys();
  const prove = await loadCircuitProver('ballot', { keysDir: keys.dir });
  for (let i = 0; i < 3; i++) {
    const made = await prove(flattenSignals('ballot', toyInput({ x: BigInt(i + 1) })));
    publics.push(made.publicSignals);
    proofs.push(made.proof);
  }
});
afterAll(() => keys.remove());
afterEach(() => pool?.close());
const open = async (processes = 2): Promise<VerifierPool> => {
  pool = await loadVerifierPool('ballot', { processes, keysDir: keys.dir });
  return pool;
};
const batch = (n: number) => ({
  publics: Array.from({ length: n }, (_, i) => publics[i % 3]!),
  proofs: Array.from({ length: n }, (_, i) => proofs[i % 3]!),
});

test.each([0, 1, 7, 8, 17])('%i proofs are split among processes, and the bad ones named', async (n) => {
  const verifier = await open();
  const all = batch(n);
  expect(await verifier.verifyBatch(all.publics, all.proofs)).toEqual([]);
  const bad = Array.from({ length: n }, (_, i) => i).filter((i) => i % 5 === 0);
  const wrong = all.publics.map((signals, i) => (bad.includes(i) ? signals.with(0, 7n) : signals));
  expect(await verifier.verifyBatch(wrong, all.proofs)).toEqual(bad);
});

test('single proofs and many asked for at once are answered each for itself', async () => {
  const verifier = await open();
  expect(verifier.nPublic).toBe(5);
  const answers = Array.from({ length: 12 }, (_, i) =>
    verifier.verify(i % 4 === 3 ? publics[0]!.with(1, 1n) : publics[i % 3]!, proofs[i % 3]!),
  );
  expect(await Promise.all(answers)).toEqual(Array.from({ length: 12 }, (_, i) => i % 4 !== 3));
});

test('what is no proof, and what cannot even cross to a process, is bad and nothing more', async () => {
  const verifier = await open();
  const wild = [undefined, null, 'x', () => 1, new Uint8Array(3)] as unknown as Uint8Array[];
  expect(
    await verifier.verifyBatch([...wild.map(() => publics[0]!), publics[0]!], [...wild, proofs[0]!]),
  ).toEqual([0, 1, 2, 3, 4]);
  expect(await verifier.verifyBatch([publics[0]!, publics[1]!], [proofs[0]!])).toEqual([1]);
});

test('a pool that is closed in the middle, or was before, still tells good from bad', async () => {
  const verifier = await open();
  const all = batch(16);
  const wrong = all.publics.with(5, all.publics[5]!.with(0, 7n));
  const asked = verifier.verifyBatch(wrong, all.proofs);
  await verifier.close();
  expect(await asked).toEqual([5]);
  expect(await verifier.verifyBatch(wrong, all.proofs)).toEqual([5]);
  await verifier.close();
});

test('the work is done by processes; one that is killed costs nothing but time', async () => {
  const verifier = await open();
  expect(await verifier.verifyBatch(publics, proofs)).toEqual([]);
  const helpers = await childrenOf(process.pid);
  expect(helpers).toHaveLength(2);
  const all = batch(64);
  const asked = verifier.verifyBatch(all.publics.with(40, all.publics[0]!), all.proofs);
  for (const pid of helpers) process.kill(pid, 'SIGKILL');
  expect(await asked).toEqual([40]);
});

test('an unsafe key is refused when the pool is opened', async () => {
  await expect(loadVerifierPool('orders', { keysDir: keys.dir })).rejects.toMatchObject({
    code: 'KEYS_STALE',
  });
});

test('a program with an idle pool ends by itself', async () => {
  const script = `
    import { loadVerifierPool } from '${root}/dist/proofs/circuit-verifier-pool.js';
    const pool = await loadVerifierPool('ballot', { processes: 2, keysDir: ${JSON.stringify(keys.dir)} });
    console.log(await pool.verifyBatch([[1n]], [new Uint8Array(256)]));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  expect(stdout).toBe('[ 0 ]\n');
});
