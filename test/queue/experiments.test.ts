import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Queue, QueueEvents, Worker } from 'bullmq';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../../src/proofs/compile.ts';
import { QueueLab, until } from '../helpers/queue-lab.ts';
import { needRedis, type RedisServer, startRedis } from '../helpers/redis-server.ts';

const lab = new QueueLab();
let server: RedisServer;
beforeAll(async () => {
  needRedis();
  server = await startRedis();
  const whole = await lab.run(['experiment', 'run', 'e2', ...QUICK, '--out', 'whole']);
  expect(whole.code).toBe(0);
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

/** 80 jobs. */
const QUICK = ['--quick', '--seeds', '8'];
const JOBS = 80;
const run = (out: string, ...args: readonly string[]) =>
  lab.start(['experiment', 'run', 'e2', ...QUICK, '--queue', server.url, '--out', out, ...args]);

function expectSame(out: string): void {
  for (const name of ['results.json', 'results.csv', 'columns.csv'])
    expect(lab.text(out, name) === lab.text('whole', name), name).toBe(true);
}

/** The name of the queue that a run has put tasks into. */
async function queueName(kind = 'experiments'): Promise<string> {
  let name: string | undefined;
  await until(async () => {
    const keys = await server.redis.keys(`velum:${kind}-1-*:wait`);
    name = keys[0]?.split(':')[1];
    return name !== undefined;
  });
  return name!;
}

describe('an experiment on the workers of a queue', () => {
  test('gives the same bytes with three workers of which one is killed midway', async () => {
    const workers = await Promise.all([1, 2, 3].map(() => lab.worker(server.url, ['--jobs', '2'])));
    const running = run('three');
    await until(() => lab.jobs('three') >= 5);
    const name = await queueName();
    await until(async () => (await server.redis.llen(`velum:${name}:active`)) >= 5);
    const events = new QueueEvents(name, { connection: { url: server.url }, prefix: 'velum' });
    let stalled = 0;
    events.on('stalled', () => {
      stalled += 1;
    });
    await events.waitUntilReady();
    // Five of six hands hold something: two of them are of the one that goes.
    workers[0]!.child.kill('SIGKILL');
    const { code, out } = await running.ended;
    expect({ code, jobs: lab.jobs('three') }).toEqual({ code: 0, jobs: JOBS });
    expect(out).not.toContain('were done before');
    expectSame('three');
    expect(JSON.parse(lab.text('three', 'run.json'))).toMatchObject({
      queue: true,
      command: 'velum experiment run e2-flp --quick --seeds 8',
    });
    expect(stalled).toBeGreaterThan(0);
    await events.close();
    workers[1]!.child.kill('SIGINT');
    const ended = await workers[1]!.ended;
    expect(ended.code).toBe(0);
    expect(ended.out).toMatch(/^\d+ done, 0 failed, 0 given back\n$/);
  });

  test('goes on with what workers did while its own process was dead', async () => {
    const first = run('again');
    const name = await queueName();
    await until(async () => (await server.redis.llen(`velum:${name}:wait`)) === JOBS);
    first.child.kill('SIGKILL');
    await first.ended;
    await lab.worker(server.url);
    await until(async () => (await server.redis.zcard(`velum:${name}:completed`)) === JOBS);
    lab.killAll();
    const { code } = await run('again').ended;
    expect(code).toBe(0);
    expectSame('again');
    // All has been fetched, and nothing was done twice.
    expect(await server.redis.zcard(`velum:${name}:completed`)).toBe(0);
  });

  test('takes its jobs back at Ctrl-C, says how it goes on, and does', async () => {
    const first = run('cut', '--json');
    const name = await queueName();
    await until(async () => (await server.redis.llen(`velum:${name}:wait`)) === JOBS);
    const worker = await lab.worker(server.url, ['--jobs', '1']);
    await until(() => lab.jobs('cut') >= 3);
    first.child.kill('SIGINT');
    const { code, err } = await first.ended;
    expect(code).toBe(130);
    expect(await server.redis.llen(`velum:${name}:wait`)).toBe(0);
    const [, kept] = /stopped: (\d+) of 80 jobs are kept in cut\/jobs.jsonl; go on with:\n {2}velum /.exec(
      err,
    )!;
    const command = err.split('\n').find((line) => line.startsWith('  velum '))!;
    expect(command).toBe(
      `  velum experiment run e2-flp --quick --seeds 8 --out cut --queue ${server.url}/0 --json`,
    );
    const again = await lab.run(command.trim().split(' ').slice(1));
    expect(again.code).toBe(0);
    expect(lab.jobs('cut')).toBe(JOBS);
    expect(Number(kept)).toBeGreaterThanOrEqual(3);
    expectSame('cut');
    expect(worker.child.exitCode).toBe(null);
  });

  test('puts jobs again that the server has lost', async () => {
    const running = run('lost');
    const name = await queueName();
    await until(async () => (await server.redis.llen(`velum:${name}:wait`)) === JOBS);
    await server.redis.flushall();
    await lab.worker(server.url);
    expect((await running.ended).code).toBe(0);
    expectSame('lost');
  });
});

describe('a worker that lies', () => {
  const lies: readonly unknown[] = [
    'no JSON',
    'null',
    JSON.stringify({ ms: 1, rows: [] }),
    JSON.stringify({ ms: 1, rows: [{ rounds: 1 }] }),
    JSON.stringify({ ms: 'soon', rows: [{}] }),
    JSON.stringify({ ms: 1, rows: [{ __proto__: null, constructor: 1 }] }),
    'x'.repeat((1 << 20) + 1),
    { ms: 1, rows: [] },
    17,
    null,
  ];

  test('is not believed: honest ones do its jobs again, to the same bytes', async () => {
    const running = run('lied');
    const name = await queueName();
    let told = 0;
    const liar = new Worker(name, async () => lies[told++ % lies.length], {
      connection: { url: server.url, maxRetriesPerRequest: null },
      prefix: 'velum',
    });
    await until(() => told >= 2 * lies.length);
    await liar.close();
    // Answers to what nobody asked, and to what was asked under another name.
    const queue = new Queue(name, { connection: { url: server.url }, prefix: 'velum' });
    await queue.addBulk(
      ['jobabc', 'job-1', 'x'].map((jobId) => ({ name: 'task', data: '{}', opts: { jobId } })),
    );
    await lab.worker(server.url);
    expect((await running.ended).code).toBe(0);
    expectSame('lied');
    await queue.close();
  });

  test('ends the run when it goes on, with what it does', async () => {
    const running = run('liar');
    const name = await queueName();
    const liar = new Worker(name, async () => lies[3], {
      connection: { url: server.url, maxRetriesPerRequest: null },
      prefix: 'velum',
    });
    const { code, err } = await running.ended;
    expect(code).toBe(1);
    expect(err).toMatch(/3 times .* \(no rows of e2-flp\).*QUEUE_ANSWERS/);
    await liar.close();
  });
});

describe('a worker', () => {
  test('refuses what is no job of its experiments, and does the others', async () => {
    const running = run('hostile');
    const name = await queueName();
    const honest = JSON.parse((await server.redis.hget(`velum:${name}:${await firstTask(name)}`, 'data'))!);
    const job = JSON.parse(honest);
    const bad = [
      'no JSON',
      JSON.stringify({ ...job, id: 'e99' }),
      JSON.stringify({ ...job, point: { ...job.point, scheduler: 'evil' } }),
      JSON.stringify({ ...job, point: { ...job.point, n: '4' } }),
      JSON.stringify({ ...job, point: { n: 4 } }),
      JSON.stringify({ ...job, seed: 0.5 }),
      JSON.stringify({ ...job, measured: { a: 'b' } }),
      JSON.stringify({ ...job, file: '/etc/passwd' }),
    ];
    const queue = new Queue(name, { connection: { url: server.url }, prefix: 'velum' });
    await queue.addBulk(bad.map((data, i) => ({ name: 'task', data, opts: { jobId: `bad${i}` } })));
    await queue.add('task', { an: 'object' }, { jobId: 'bad8' });
    // What not even the engine can read.
    await queue.add('task', '', { jobId: 'broken' });
    await server.redis.hset(`velum:${name}:broken`, 'data', '{');
    const worker = await lab.worker(server.url, ['--json']);
    expect((await running.ended).code).toBe(0);
    expectSame('hostile');
    await until(async () => (await server.redis.zcard(`velum:${name}:failed`)) === 9);
    for (let i = 0; i < 9; i++)
      expect(await server.redis.hget(`velum:${name}:bad${i}`, 'failedReason')).toMatch(
        /no job|no experiment|no point|no text/,
      );
    worker.child.kill('SIGTERM');
    const { code, out } = await worker.ended;
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ done: JOBS, failed: 9, givenBack: 0 });
    await queue.close();
  });

  const firstTask = async (name: string): Promise<string> =>
    (await server.redis.lindex(`velum:${name}:wait`, 0))!;

  test('of another version of the package takes nothing, and the run says so', async () => {
    const other = join(lab.dir, 'other');
    mkdirSync(other);
    for (const each of ['node_modules', 'package.json', 'keys', 'circuits'])
      symlinkSync(join(root, each), join(other, each));
    cpSync(join(root, 'dist'), join(other, 'dist'), { recursive: true });
    writeFileSync(join(other, 'dist', 'changed.js'), '');
    await lab.worker(server.url, [], {}, join(other, 'dist/cli/main.js'));
    const running = run('version');
    await running.says('start some');
    expect(running.err()).toMatch(
      /none of the 1 workers .* another version of the program.*velum worker --queue/,
    );
    expect(lab.jobs('version')).toBe(0);
    // One of this version comes, and all goes on.
    await lab.worker(server.url);
    expect((await running.ended).code).toBe(0);
    expectSame('version');
  });

  test('runs a file of one’s own only if its command line names it, with the same content', async () => {
    const text = readFileSync(join(root, 'test/queue/mine.mjs'), 'utf8');
    writeFileSync(join(lab.dir, 'mine.mjs'), text);
    writeFileSync(join(lab.dir, 'changed.mjs'), `${text}// changed\n`);
    await lab.worker(server.url);
    await lab.worker(server.url, ['--file', './changed.mjs']);
    const running = lab.start(['experiment', 'run', './mine.mjs', '--queue', server.url, '--out', 'mine']);
    await running.says('start some');
    expect(running.err()).toMatch(/none of the 2 workers .* --file .*mine\.mjs/);
    await lab.worker(server.url, ['--file', './mine.mjs']);
    expect((await running.ended).code).toBe(0);
    const here = await lab.run(['experiment', 'run', './mine.mjs', '--out', 'mine-here']);
    expect(here.code).toBe(0);
    expect(lab.text('mine', 'results.json')).toBe(lab.text('mine-here', 'results.json'));
  });

  test('whose job fails tries it three times; then the run ends with the reason', async () => {
    const text = readFileSync(join(root, 'test/queue/mine.mjs'), 'utf8');
    writeFileSync(join(lab.dir, 'fails.mjs'), text.replace('const FAILS_AT = 0', 'const FAILS_AT = 1003'));
    const worker = await lab.worker(server.url, ['--file', './fails.mjs', '--json']);
    // One point, so that one job alone has the seed at which it fails.
    const range = ['--quick', '--seeds', '20', '--seed-from', '1000'];
    const line = ['experiment', 'run', './fails.mjs', ...range, '--queue', server.url, '--out', 'fails'];
    const { code, err } = await lab.run(line);
    expect(code).toBe(2);
    expect(err).toMatch(/"seed":1003.*the seed is 1003.*EXPERIMENT_JOB/s);
    worker.child.kill('SIGINT');
    expect(JSON.parse((await worker.ended).out)).toMatchObject({ failed: 3 });
  });
});
