import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { root } from '../../../scripts/compile-circuit.ts';
import { loadVerifier } from '../../../src/proofs/circuit-verifier.ts';
import { openProverPool, type ProverPoolOptions, type ProverProgress } from '../../../src/proofs/pool.ts';
import type { Prover } from '../../../src/proofs/prover.ts';
import { isAlive, proversOf } from '../../helpers/processes.ts';
import { makeToyKeys, type ToyKeys, toyInput } from '../../helpers/toy-keys.ts';

let keys: ToyKeys;
let pool: Prover | undefined;
beforeAll(async () => {
  keys = await makeToyKeys();
});
afterAll(() => keys.remove());
afterEach(() => pool?.close());

const open = (options: ProverPoolOptions = {}): Prover => {
  pool = openProverPool({ processes: 1, keysDir: keys.dir, ...options });
  return pool;
};

test('proofs of several processes verify, and each finished one is reported', async () => {
  const progress: ProverProgress[] = [];
  const prover = open({ processes: 2, onProgress: (p) => progress.push(p) });
  const verifier = await loadVerifier('ballot', keys.dir);
  const proved = await Promise.all([1n, 2n, 3n, 4n, 5n].map((x) => prover.prove('ballot', toyInput({ x }))));
  expect(proversOf(process.pid)).toHaveLength(2);
  for (const [i, { proof, publicSignals }] of proved.entries()) {
    expect(publicSignals.at(-1)).toBe(BigInt(i + 1));
    expect(proof).toHaveLength(256);
    expect(await verifier.verify(publicSignals, proof)).toBe(true);
  }
  expect(progress.map(({ finished, wanted }) => [finished, wanted])).toEqual(
    [1, 2, 3, 4, 5].map((finished) => [finished, 5]),
  );
  expect(progress.every(({ circuit, proveMs }) => circuit === 'ballot' && proveMs > 0)).toBe(true);
});

test('two proofs of one statement differ: a proof is blinded', async () => {
  const prover = open();
  const [a, b] = [await prover.prove('ballot', toyInput()), await prover.prove('ballot', toyInput())];
  expect(a.publicSignals).toEqual(b.publicSignals);
  expect(a.proof).not.toEqual(b.proof);
});

test('bad inputs and unsatisfied ones are refused by name, and the process goes on', async () => {
  const prover = open();
  await expect(prover.prove('ballot', { ...toyInput(), scope: -1n })).rejects.toMatchObject({
    code: 'CIRCUIT_INPUT',
    message: expect.stringContaining('scope'),
  });
  const unsatisfied = prover.prove('ballot', { ...toyInput(), committeeRoot: 987654321n });
  await expect(unsatisfied).rejects.toMatchObject({
    name: 'VelumError',
    code: 'CIRCUIT_UNSATISFIED',
    message: expect.stringMatching(/Toy.* line: 22/),
  });
  await expect(unsatisfied).rejects.not.toThrow(/1234567|987654321/);
  await expect(prover.prove('ballot', toyInput())).resolves.toBeDefined();
});

test('missing and stale keys are reported with their code, and are read again for the next proof', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'velum-keys-'));
  try {
    const prover = open({ keysDir: dir });
    await expect(prover.prove('ballot', toyInput())).rejects.toMatchObject({ code: 'KEYS_MISSING' });
    await cp(keys.dir, dir, { recursive: true });
    await writeFile(join(dir, 'ballot/witness.wasm'), 'other');
    await expect(prover.prove('ballot', toyInput())).rejects.toMatchObject({ code: 'KEYS_STALE' });
    await writeFile(join(dir, 'ballot/witness.wasm'), keys.wasm);
    await expect(prover.prove('ballot', toyInput())).resolves.toBeDefined();
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});

test('the queue is bounded: what exceeds it is refused, the rest is proved', async () => {
  const prover = open({ maxWaiting: 2 });
  const asked = [1, 2, 3, 4].map(() => prover.prove('ballot', toyInput()));
  const outcomes = await Promise.allSettled(asked);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
  expect(outcomes[3]).toMatchObject({ reason: { code: 'PROVER_BUSY', data: { waiting: 2 } } });
  await expect(prover.prove('ballot', toyInput())).resolves.toBeDefined();
});

test('a process that dies fails its proof only, and is replaced', async () => {
  const prover = open();
  const asked = Promise.allSettled([1, 2].map(() => prover.prove('ballot', toyInput())));
  const first = await vi.waitUntil(() => proversOf(process.pid)[0]);
  process.kill(first, 'SIGKILL');
  expect(await asked).toMatchObject([
    { status: 'rejected', reason: { code: 'PROVER_FAILED', data: { how: 'signal SIGKILL' } } },
    { status: 'fulfilled' },
  ]);
  const [second] = proversOf(process.pid);
  expect(second).not.toBe(first);
});

test('a process that dies idle is replaced too', async () => {
  const prover = open();
  await prover.prove('ballot', toyInput());
  const [first] = proversOf(process.pid);
  process.kill(first!, 'SIGKILL');
  await vi.waitUntil(() => proversOf(process.pid).length === 0);
  await expect(prover.prove('ballot', toyInput())).resolves.toBeDefined();
});

test('a proof given to processes that have died idle, before the pool can know it, is given to their successors', async () => {
  const prover = open({ processes: 2 });
  const two = () => Promise.all([1n, 2n].map((x) => prover.prove('ballot', toyInput({ x }))));
  await two();
  const before = proversOf(process.pid);
  expect(before).toHaveLength(2);
  for (const pid of before) process.kill(pid, 'SIGKILL');
  // No event reaches the pool meanwhile: it believes both to be idle.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  expect((await two()).map(({ publicSignals }) => publicSignals.at(-1))).toEqual([1n, 2n]);
  for (const pid of proversOf(process.pid)) expect(before).not.toContain(pid);
});

test('closing rejects all that is wanted, ends the processes, and may be done twice', async () => {
  const prover = open();
  const asked = Promise.allSettled([1, 2, 3].map(() => prover.prove('ballot', toyInput())));
  const child = await vi.waitUntil(() => proversOf(process.pid)[0]);
  await prover.close();
  const closed = { status: 'rejected', reason: { code: 'PROVER_CLOSED' } };
  expect(await asked).toMatchObject([closed, closed, closed]);
  expect(isAlive(child)).toBe(false);
  await prover.close();
  await expect(prover.prove('ballot', toyInput())).rejects.toMatchObject({ code: 'PROVER_CLOSED' });
});

/** A program with a pool of its own; it prints a line when the first proof is made, and then the script goes on. */
const program = (afterwards: string) => {
  const script = `
    import { openProverPool } from '${root}/dist/proofs/pool.js';
    const pool = openProverPool({ processes: 1, keysDir: ${JSON.stringify(keys.dir)} });
    const path = [2n, 3n, 4n, 5n].map((c) => [c, 0n, 0n, 0n]);
    const input = { identitySecret: 7n, path, committeeRoot: 14n, scope: 5n, x: 3n };
    await pool.prove('ballot', input);
    console.log('proved');
    ${afterwards}`;
  return spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
};

test('a program ends by itself with an idle pool open, and its processes with it', async () => {
  const parent = program("await new Promise((resolve) => setTimeout(resolve, 500)); console.log('done');");
  await once(parent.stdout, 'data');
  const [child] = proversOf(parent.pid!);
  expect(child).toBeDefined();
  expect(await once(parent, 'exit')).toEqual([0, null]);
  await vi.waitUntil(() => !isAlive(child!));
});

test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
  '%s to a program leaves no process behind',
  async (signal) => {
    const parent = program('for (;;) await pool.prove("ballot", input);');
    await once(parent.stdout, 'data');
    const [child] = proversOf(parent.pid!);
    expect(isAlive(child!)).toBe(true);
    parent.kill(signal);
    expect(await once(parent, 'exit')).toEqual([null, signal]);
    await vi.waitUntil(() => !isAlive(child!), { timeout: 5000 });
  },
);

test('a proof reports its stages, the keys only the first time', async () => {
  const prover = open();
  const stages: string[] = [];
  const onStage = (stage: string) => stages.push(stage);
  await prover.prove('ballot', toyInput(), { onStage });
  await prover.prove('ballot', toyInput(), { onStage });
  expect(stages.join(' ')).toBe('keys witness prove verify witness prove verify');
});

test('a cancelled proof leaves the queue or takes its process with it, and the pool goes on', async () => {
  const prover = open();
  const abort = new AbortController();
  const running = prover.prove('ballot', toyInput(), { signal: abort.signal });
  const waiting = prover.prove('ballot', toyInput(), { signal: abort.signal });
  const other = prover.prove('ballot', toyInput({ x: 8n }));
  const [pid] = proversOf(process.pid);
  abort.abort();
  for (const proof of [running, waiting])
    await expect(proof).rejects.toMatchObject({ code: 'PROVER_CANCELLED' });
  expect((await other).publicSignals.at(-1)).toBe(8n);
  expect(isAlive(pid!)).toBe(false);
  await expect(prover.prove('ballot', toyInput(), { signal: abort.signal })).rejects.toMatchObject({
    code: 'PROVER_CANCELLED',
  });
});
