import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { QueueLab, until } from '../helpers/queue-lab.ts';
import { dumpOf, needRedis, type RedisServer, startRedis } from '../helpers/redis-server.ts';

const PASSWORD = 'a pass:word/of %the queue';
const lab = new QueueLab();
let server: RedisServer;
beforeAll(async () => {
  needRedis();
  server = await startRedis({ password: PASSWORD, isTls: true });
  mkdirSync(join(lab.dir, 'files'));
  writeFileSync(join(lab.dir, 'files/password'), `${PASSWORD}\n`);
});
afterEach(() => lab.killAll());
afterAll(async () => {
  lab.remove();
  // Without redis-server none was started; that is told already.
  await server?.stop();
});

const run = (out: string, ...args: readonly string[]): string[] => [
  ...['experiment', 'run', 'e2', '--quick', '--seeds', '2', '--out', out],
  ...args,
];
const withPassword = (): string => server.url.replace('//', `//:${encodeURIComponent(PASSWORD)}@`);
const hidden = [PASSWORD, encodeURIComponent(PASSWORD)];

describe('a queue behind TLS and a password', () => {
  test('is used with a file, the environment or an address that hold it, and nothing shows it', async () => {
    const ca = ['--queue-ca', join(server.dir, 'ca.pem')];
    const file = ['--queue-password-file', 'files/password'];
    const first = await lab.worker(server.url, [...ca, ...file, '--jobs', '1']);
    const second = await lab.worker(withPassword(), [...ca, '--jobs', '1']);
    const cmdline = readFileSync(`/proc/${second.child.pid}/cmdline`, 'utf8');
    for (const each of hidden) expect(cmdline).not.toContain(each);
    const env = { VELUM_QUEUE_PASSWORD: PASSWORD, NODE_EXTRA_CA_CERTS: join(server.dir, 'ca.pem') };
    const { code, out, err } = await lab.run(run('tls', '--queue', server.url), env);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const told = [first.err(), second.err(), out, lab.text('tls/run.json'), lab.text('tls/jobs.jsonl')];
    for (const worker of [first, second]) {
      worker.child.kill('SIGINT');
      const ended = await worker.ended;
      told.push(ended.out, ended.err);
    }
    told.push(await dumpOf(server.redis));
    for (const text of told) for (const each of hidden) expect(text).not.toContain(each);
  });

  test('says how an interrupted run goes on without its password', async () => {
    const ca = ['--queue-ca', join(server.dir, 'ca.pem')];
    const running = lab.start(run('cut', '--queue', withPassword(), ...ca));
    await until(() => existsSync(join(lab.dir, 'cut/jobs.jsonl')));
    running.child.kill('SIGTERM');
    const { code, err } = await running.ended;
    expect(code).toBe(143);
    expect(err).toContain(`--queue ${server.url}/0 --queue-ca `);
    for (const each of hidden) expect(err).not.toContain(each);
  });

  test.each([
    ['another password', ['--queue-ca', 'CA'], { VELUM_QUEUE_PASSWORD: 'wrong-password' }, 'QUEUE_REFUSED'],
    ['no password', ['--queue-ca', 'CA'], {}, 'QUEUE_REFUSED'],
    [
      'a database that it has not',
      ['--queue-ca', 'CA'],
      { VELUM_QUEUE_PASSWORD: PASSWORD },
      'QUEUE_REFUSED',
      '/99',
    ],
    ['no trust in its certificate', [], { VELUM_QUEUE_PASSWORD: PASSWORD }, 'QUEUE_UNREACHABLE'],
  ])('is refused with %s', async (_, args, env, code, database = '') => {
    const named = args.map((each) => (each === 'CA' ? join(server.dir, 'ca.pem') : each));
    const ended = await lab.run(
      run('refused', '--queue', `${server.url}${database}`, ...named),
      env as Record<string, string>,
    );
    expect(ended.code).toBe(1);
    expect(ended.err).toContain(code);
    for (const each of [...hidden, 'wrong-password']) expect(ended.err).not.toContain(each);
  });

  test('says what is wrong with an address, and does not repeat it', async () => {
    for (const url of [
      'http://:hush@x',
      'redis://:hush@x/db',
      'hush',
      'redis://:hush@x:99999',
      'redis://:%zz@x?a=hush',
    ])
      for (const line of [run('wrong', '--queue', url), ['worker', '--queue', url]]) {
        const { code, err } = await lab.run(line);
        expect({ code, is: err.includes('QUEUE_ADDRESS'), tells: err.includes('hush') }).toEqual({
          code: 2,
          is: true,
          tells: false,
        });
      }
  });
});

describe('a queue that is not there', () => {
  test('ends a command soon with an error: no server, and one that never answers', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
    const { port } = silent.address() as { port: number };
    for (const url of ['redis://127.0.0.1:1', `redis://127.0.0.1:${port}`])
      for (const line of [run('none', '--queue', url), ['worker', '--queue', url]]) {
        const { code, err } = await lab.run(line);
        expect(code).toBe(1);
        expect(err).toMatch(
          /^velum: the queue redis:\/\/127\.0\.0\.1:\d+\/0 cannot be reached: .*QUEUE_UNREACHABLE/m,
        );
      }
    silent.close();
  });

  test('that goes away for good ends run and worker, and what was done is kept', async () => {
    const passing = await startRedis();
    const worker = await lab.worker(passing.url, ['--jobs', '1']);
    const line = ['experiment', 'run', 'e2', '--quick', '--seeds', '8', '--out', 'gone'];
    const running = lab.start([...line, '--queue', passing.url]);
    await until(() => lab.jobs('gone') >= 3);
    await passing.stop();
    for (const { ended } of [running, worker]) {
      const { code, err } = await ended;
      expect(code).toBe(1);
      expect(err).toContain('QUEUE_UNREACHABLE');
    }
    const kept = lab.jobs('gone');
    const again = await lab.run([...line, '--json']);
    expect(again.code).toBe(0);
    expect(kept).toBeGreaterThanOrEqual(3);
    expect(lab.jobs('gone')).toBe(80);
  });
});
