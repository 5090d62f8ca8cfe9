import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'bullmq';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { parseGroth16Proof, parsePublicSignals } from '../../src/groth16/json-files.ts';
import { createVerifier, type Verifier } from '../../src/groth16/verifier.ts';
import { QueueSeal } from '../../src/queue/sealed.ts';
import { QueueLab, until } from '../helpers/queue-lab.ts';
import { dumpOf, needRedis, type RedisServer, startRedis } from '../helpers/redis-server.ts';
import { makeToyKeys, toyInput } from '../helpers/toy-keys.ts';

const lab = new QueueLab();
const path = (...parts: readonly string[]): string => join(lab.dir, ...parts);
let server: RedisServer;
let verifier: Verifier;
const NAMES = ['in0', 'in1', 'in2', 'in3', 'in4', 'in5'];
/** Numbers that stand nowhere else. */
const SECRETS = NAMES.map((_, i) => 0x5eed_1357_9bdf_0246_8aceb0b0n + BigInt(i) * 7919n);
const FILES = ['--zkey', 'toy.zkey', '--wasm', 'toy.wasm'];

function writeInput(file: string, identitySecret: bigint, root?: bigint): void {
  const input = { ...toyInput({ identitySecret }), ...(root === undefined ? {} : { committeeRoot: root }) };
  writeFileSync(
    path(file),
    JSON.stringify(input, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
  );
}

beforeAll(async () => {
  needRedis();
  server = await startRedis();
  const toy = await makeToyKeys();
  copyFileSync(join(toy.dir, 'ballot/proving.zkey'), path('toy.zkey'));
  copyFileSync(join(toy.dir, 'ballot/witness.wasm'), path('toy.wasm'));
  verifier = await createVerifier(toy.vkey, 'toy');
  await toy.remove();
  mkdirSync(path('inputs'));
  SECRETS.forEach((secret, i) => {
    writeInput(`inputs/in${i}.json`, secret);
  });
  expect((await lab.run(['worker-key', 'queue.key'])).code).toBe(0);
});
afterEach(async () => {
  lab.killAll();
  await server.redis.flushall();
});
afterAll(async () => {
  lab.remove();
  // Without redis-server none was started; that is told already.
  await server?.stop();
});

const batch = (out: string, ...args: readonly string[]) =>
  lab.start(['prove-batch', 'inputs', ...FILES, '--out', out, ...args]);
const queued = (out: string, ...args: readonly string[]) =>
  batch(out, '--queue', server.url, '--key', 'queue.key', ...args);
const prover = (...args: readonly string[]) =>
  lab.worker(server.url, [...FILES, '--key', 'queue.key', ...args]);

async function expectProofs(out: string): Promise<void> {
  for (const [i, name] of NAMES.entries()) {
    const read = (kind: string): unknown => JSON.parse(lab.text(out, `${name}.${kind}.json`));
    const publics = parsePublicSignals(read('public'), name);
    expect(await verifier.verify(publics, parseGroth16Proof(read('proof'), name))).toBe(true);
    // Each is the proof of its own input: the root of the toy is twice the secret.
    expect(publics).toContain(2n * SECRETS[i]!);
  }
}

async function queueName(): Promise<string> {
  let name: string | undefined;
  await until(async () => {
    name = (await server.redis.keys('velum:proofs-1-*:wait'))[0]?.split(':')[1];
    return name !== undefined;
  });
  return name!;
}

/** Nothing that a server holds may have a secret in any spelling. */
function expectNoSecret(dump: string): void {
  for (const secret of SECRETS)
    for (const spelling of [secret.toString(), secret.toString(16), (2n * secret).toString(16)]) {
      expect(dump.includes(spelling), spelling).toBe(false);
      expect(dump.includes(Buffer.from(spelling).toString('base64').slice(0, 16)), spelling).toBe(false);
    }
  expect(dump).not.toContain('identitySecret');
  expect(dump).not.toContain(Buffer.from('identitySecret').toString('base64').slice(0, 16));
}

describe('a batch of proofs', () => {
  test('is made on this machine, kept by the next run, and made anew of what changed', async () => {
    const first = await batch('here', '--jobs', '2', '--json').ended;
    expect(JSON.parse(first.out)).toMatchObject({ circuit: 'toy', proofs: 6, kept: 0, reason: null });
    await expectProofs('here');
    const again = await batch('here', '--json').ended;
    expect(JSON.parse(again.out)).toMatchObject({ proofs: 0, kept: 6 });
    await new Promise((done) => setTimeout(done, 20));
    writeInput('inputs/in3.json', SECRETS[3]!);
    writeFileSync(path('here', 'in1.proof.json'), '{}');
    expect(JSON.parse((await batch('here', '--json').ended).out)).toMatchObject({ proofs: 2, kept: 4 });
    await expectProofs('here');
    const named = await lab.run(['verify-batch', 'here', '--vkey', 'none.json', '--json']);
    expect(named.code).toBe(2);
  });

  test('names the inputs that satisfy no proof, and proves the others', async () => {
    mkdirSync(path('mixed'));
    writeInput('mixed/good.json', SECRETS[0]!);
    writeInput('mixed/wrong.json', SECRETS[1]!, 7n);
    const { code, out } = await lab.run(['prove-batch', 'mixed', ...FILES, '--out', 'mixed-out', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ proofs: 1, refused: { wrong: expect.stringContaining('toy') } });
    expect(existsSync(path('mixed-out', 'good.proof.json'))).toBe(true);
    expect(existsSync(path('mixed-out', 'wrong.proof.json'))).toBe(false);
    writeFileSync(path('lines.jsonl'), `${lab.text('mixed/good.json')}\n\n${lab.text('inputs/in1.json')}\n`);
    const lines = await lab.run(['prove-batch', 'lines.jsonl', ...FILES, '--out', 'lines-out']);
    expect(lines.code).toBe(0);
    for (const name of ['000001', '000003'])
      expect(existsSync(path('lines-out', `${name}.proof.json`))).toBe(true);
  });

  test('goes to workers sealed: Redis never holds an input, and the requester may die meanwhile', async () => {
    const first = queued('sealed');
    const name = await queueName();
    await until(async () => (await server.redis.llen(`velum:${name}:wait`)) === 6);
    const waiting = await dumpOf(server.redis);
    expect(waiting.length).toBeGreaterThan(6 * 500);
    expectNoSecret(waiting);
    first.child.kill('SIGKILL');
    await first.ended;
    const worker = await prover('--json');
    await until(async () => (await server.redis.zcard(`velum:${name}:completed`)) === 6);
    expectNoSecret(await dumpOf(server.redis));
    worker.child.kill('SIGINT');
    expect(JSON.parse((await worker.ended).out)).toMatchObject({ done: 6, failed: 0 });
    const { code, out } = await queued('sealed', '--json').ended;
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ proofs: 6, reason: null });
    await expectProofs('sealed');
  });

  test('loses nothing with a worker that is killed', async () => {
    const doomed = await prover('--jobs', '2');
    const running = queued('killed');
    const name = await queueName();
    await until(async () => (await server.redis.llen(`velum:${name}:active`)) > 0);
    doomed.child.kill('SIGKILL');
    await prover();
    expect((await running.ended).code).toBe(0);
    await expectProofs('killed');
  });

  test('tells who asked what is wrong with an input, and Redis nothing', async () => {
    mkdirSync(path('bad'));
    writeInput('bad/wrong.json', SECRETS[1]!, 7n);
    const worker = await prover();
    const line = ['prove-batch', 'bad', ...FILES, '--out', 'bad-out', '--json'];
    const { code, out } = await lab.run([...line, '--queue', server.url, '--key', 'queue.key']);
    expect(code).toBe(1);
    expect(JSON.parse(out).refused.wrong).toContain('toy');
    expectNoSecret(await dumpOf(server.redis));
    expect(worker.child.exitCode).toBe(null);
  });

  test('takes no proof from who has not the key, nor one of another input', async () => {
    const running = queued('forged');
    const name = await queueName();
    const good = await batch('good').ended;
    expect(good.code).toBe(0);
    const proof = lab.text('good/in0.proof.json');
    const liar = new Worker(name, async () => proof, {
      connection: { url: server.url, maxRetriesPerRequest: null },
      prefix: 'velum',
    });
    const { code, err } = await running.ended;
    await liar.close();
    expect(code).toBe(1);
    expect(err).toMatch(/not sealed by a worker with this key.*QUEUE_ANSWERS/);
    expect(existsSync(path('forged', 'in0.proof.json'))).toBe(false);
    await server.redis.flushall();
    // With the key, but without a proof.
    const seal = new QueueSeal(readFileSync(path('queue.key')));
    const again = queued('forged');
    await queueName();
    const circuit = (await import('node:crypto'))
      .createHash('sha256')
      .update(readFileSync(path('toy.zkey')))
      .digest('hex');
    const said = { type: 'proved', proof: '0'.repeat(512), publicSignals: ['0'.repeat(64)] };
    const insider = new Worker(
      name,
      async ({ id }) => seal.seal({ what: 'answer', task: id!, circuit }, utf8(JSON.stringify(said))),
      { connection: { url: server.url, maxRetriesPerRequest: null }, prefix: 'velum' },
    );
    const ended = await again.ended;
    await insider.close();
    expect(ended.err).toMatch(/its proof does not verify.*QUEUE_ANSWERS/);
  });

  test('is left alone by workers with another key, and the run says so', async () => {
    expect((await lab.run(['worker-key', 'other.key'])).code).toBe(0);
    await lab.worker(server.url, [...FILES, '--key', 'other.key']);
    const running = queued('other');
    await running.says('start some');
    expect(running.err()).toMatch(/none of the 1 workers .*--key FILE/s);
    expect(await server.redis.llen(`velum:${await queueName()}:wait`)).toBe(6);
  });
});

describe('the key file', () => {
  test('is 32 bytes for its user alone, and none is replaced', async () => {
    const { size, mode } = statSync(path('queue.key'));
    expect([size, mode & 0o777]).toEqual([32, 0o600]);
    const before = readFileSync(path('queue.key'));
    expect(await lab.run(['worker-key', 'queue.key'])).toMatchObject({ code: 2 });
    expect(readFileSync(path('queue.key'))).toEqual(before);
  });

  test('is asked for, and refused if others can read it or it is none', async () => {
    const line = ['prove-batch', 'inputs', ...FILES, '--out', 'refused', '--queue', server.url];
    expect(await lab.run(line)).toMatchObject({
      code: 2,
      err: expect.stringContaining('inputs are secrets'),
    });
    const worker = ['worker', '--queue', server.url, ...FILES];
    expect(await lab.run(worker)).toMatchObject({ code: 2, err: expect.stringContaining('secrets') });
    writeFileSync(path('open.key'), readFileSync(path('queue.key')));
    chmodSync(path('open.key'), 0o644);
    writeFileSync(path('short.key'), 'short', { mode: 0o600 });
    for (const [file, why] of [
      ['open.key', 'chmod 600'],
      ['short.key', 'no key of 32 bytes'],
      ['no.key', 'is not there'],
    ] as const)
      expect(await lab.run([...line, '--key', file])).toMatchObject({
        code: 2,
        err: expect.stringContaining(why),
      });
    expect(await server.redis.dbsize()).toBe(0);
  });
});
