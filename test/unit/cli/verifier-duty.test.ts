import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BASE, clearCofactor, multiplyBase, multiplySumPublic } from '../../../src/crypto/babyjub.ts';
import { hash } from '../../../src/crypto/hash.ts';
import { proofFromBytes } from '../../../src/groth16/encoding.ts';
import { snarkjsJson } from '../../../src/groth16/json-files.ts';
import { l, r } from '../../../src/params/fields.ts';
import { loadCircuitProver } from '../../../src/proofs/circuit-prover.ts';
import type { CircuitName } from '../../../src/proofs/circuits.ts';
import { exampleInput } from '../../../src/proofs/examples.ts';
import { flattenSignals, type Signals } from '../../../src/proofs/signals.ts';
import { dutyBroken } from '../../../src/proofs/verifier-duty.ts';
import { velumIn } from '../../helpers/cli.ts';
import { smallOrderPoints } from '../../helpers/small-order.ts';

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'velum-duty-'));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));
const velum = (line: string) => velumIn(cwd, ...line.split(' '));
const write = (name: string, value: unknown): Promise<void> => writeFile(join(cwd, name), snarkjsJson(value));

/** A true proof of a statement that nobody may take: the circuit does not refuse it. Written as NAME.proof.json, NAME.public.json. */
async function prove(circuit: CircuitName, change: Signals, name: string): Promise<readonly bigint[]> {
  const flat = flattenSignals(circuit, { ...exampleInput(circuit), ...change });
  const { proof, publicSignals } = await (await loadCircuitProver(circuit))(flat);
  await write(`${name}.proof.json`, proofFromBytes(proof));
  await write(`${name}.public.json`, publicSignals);
  return publicSignals;
}

describe('a ballot with x = 0', () => {
  test('is not proved: its y would be the identity secret', async () => {
    await write('zero.json', { ...exampleInput('ballot'), x: 0n });
    expect(await velum('prove ballot --input zero.json')).toMatchObject({
      exitCode: 2,
      out: '',
      err: expect.stringMatching(/x is 0: the ballot would publish the identity secret \(CIRCUIT_INPUT\)/),
    });
  });

  test('is not verified, alone or in a folder, though its proof is valid', async () => {
    const signals = await prove('ballot', { x: 0n }, 'zero');
    expect(signals[1]).toBe(exampleInput('ballot')['identitySecret']);
    expect(await velum('verify ballot --proof zero.proof.json --public zero.public.json')).toMatchObject({
      exitCode: 1,
      out: '',
      err: expect.stringMatching(/nobody may take zero\.public\.json: x is 0: .*NOT_VERIFIED/),
    });
    await prove('ballot', {}, 'good');
    const batch = await velum('verify-batch ballot . --json');
    expect(batch.exitCode).toBe(1);
    expect(JSON.parse(batch.out)).toMatchObject({ proofs: 2, bad: ['zero.proof.json'] });
    expect((await velum('verify-batch ballot .')).err).toContain('zero.proof.json: nobody may take');
  });
});

test('an account action of 2^64 units is not verified, though its proof is valid', async () => {
  const amount = 1n << 64n;
  const commitment = hash('note', amount, hash('owner', 11n), 15n);
  await prove('account', { amount, commitment }, 'large');
  expect(await velum('verify account --proof large.proof.json --public large.public.json')).toMatchObject({
    exitCode: 1,
    err: expect.stringContaining('amount is 2^64 or more'),
  });
});

test('what is left to whoever verifies is named', async () => {
  await prove('account', {}, 'plain');
  const line = 'verify account --proof plain.proof.json --public plain.public.json';
  expect((await velum(line)).err).toContain(
    'left to you: that account exists and can pay amount; that message',
  );
  expect(JSON.parse((await velum(`${line} --json`)).out)).toMatchObject({
    verified: true,
    unchecked: [expect.any(String), expect.any(String), expect.any(String)],
  });
});

describe('the duties that the signals alone show', () => {
  const { x, y } = clearCofactor(multiplyBase(77n)).toAffine();
  const table = [...Array<bigint>(16).fill(2n ** 32n - 1n), ...Array<bigint>(16).fill(2n ** 64n - 1n)];
  const orders = [1n, 2n, BASE.x, BASE.y, 3n, 4n, 5n, 6n, 7n, x, y, 8n, 2n ** 64n - 1n, ...table];
  const dealing = [BASE.x, BASE.y, ...Array<bigint>(6).fill(r - 1n), x, y, r - 1n];
  const opposite = multiplySumPublic([[-(2n ** 251n % l), BASE]]).toAffine();
  const small = smallOrderPoints().map((point) => point.toAffine());

  test('are kept by the greatest values', () => {
    expect(dutyBroken('orders', orders)).toBeUndefined();
    expect(dutyBroken('ballot', [1n, 2n, r - 1n, 0n, r - 1n])).toBeUndefined();
    expect(dutyBroken('account', [0n, 2n ** 64n - 1n, 0n, 0n])).toBeUndefined();
    expect(dutyBroken('dealing', dealing)).toBeUndefined();
    expect(dutyBroken('dealing', dealing.with(0, 0n).with(1, 1n))).toBeUndefined();
  });

  test.each<[string, CircuitName, readonly bigint[]]>([
    ['U is the neutral element', 'orders', orders.with(2, 0n).with(3, 1n)],
    ['noteRoot is 0', 'orders', orders.with(8, 0n)],
    ['Y8 is no point', 'orders', orders.with(9, 5n)],
    ['Y8 is no point', 'orders', orders.with(9, 0n).with(10, 1n)],
    ...small.map((point): [string, CircuitName, readonly bigint[]] => [
      'Y8 is no point',
      'orders',
      orders.with(9, point.x).with(10, point.y),
    ]),
    ['fee is 2^64', 'orders', orders.with(12, 2n ** 64n)],
    ['table[0] is 2^32', 'orders', orders.with(28, 2n ** 32n)],
    ['table[1] is 2^64', 'orders', orders.with(29, 2n ** 64n)],
    ['table[1] is 2^64', 'orders', orders.with(44, 2n ** 64n)],
    ['committeeRoot is 0', 'ballot', [1n, 2n, 0n, 3n, 4n]],
    ['x is 0', 'ballot', [1n, 2n, 3n, 3n, 0n]],
    ['amount is 2^64', 'account', [1n, 2n ** 64n, 3n, 4n]],
    ['amount is 2^64', 'account', [1n, r - 1n, 3n, 4n]],
    ['PK8 is no point', 'dealing', dealing.with(8, 0n).with(9, 1n)],
    ['PK8 is no point', 'dealing', dealing.with(8, small[0]!.x).with(9, small[0]!.y)],
    ['R no point', 'dealing', dealing.with(0, 5n)],
    ['R + [2^251]B is the neutral element', 'dealing', dealing.with(0, opposite.x).with(1, opposite.y)],
  ])('%s in %s', (why, circuit, signals) => {
    expect(dutyBroken(circuit, signals)).toContain(why);
  });
});
