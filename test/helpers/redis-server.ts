import 'reflect-metadata';
import { spawn, spawnSync } from 'node:child_process';
import { webcrypto } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cryptoProvider, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';
import { Redis } from 'ioredis';

/** A Redis server that a test starts: it keeps all in memory, and its folder goes with it. */
export interface RedisServer {
  /** Without a password. */
  readonly url: string;
  readonly dir: string;
  /** A connection of the test's own. */
  readonly redis: Redis;
  stop(): Promise<void>;
}

/** @throws with what to do, if there is no redis-server */
export function needRedis(): void {
  if (spawnSync('redis-server', ['--version']).status === 0) return;
  throw new Error('these tests start redis-server and find none: apt-get install redis-server');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}

/** @param password that it requires  @param isTls TLS and nothing else, with the certificate `dir/ca.pem` */
export async function startRedis({
  password,
  isTls = false,
}: {
  password?: string;
  isTls?: boolean;
} = {}): Promise<RedisServer> {
  const dir = mkdtempSync(join(tmpdir(), 'velum-redis-'));
  const port = await freePort();
  const options = ['--save', '', '--appendonly', 'no', '--bind', '127.0.0.1', '--dir', dir];
  if (password !== undefined) options.push('--requirepass', password);
  const tls = isTls ? await writeCertificate(dir) : undefined;
  if (tls === undefined) options.push('--port', `${port}`);
  else {
    options.push('--port', '0', '--tls-port', `${port}`, '--tls-auth-clients', 'no');
    options.push('--tls-cert-file', tls.file, '--tls-key-file', tls.key, '--tls-ca-cert-file', tls.file);
  }
  const child = spawn('redis-server', options, { stdio: 'ignore' });
  const redis = new Redis({
    host: '127.0.0.1',
    port,
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls: { ca: tls.certificate } }),
    maxRetriesPerRequest: null,
    retryStrategy: () => 50,
  });
  redis.on('error', () => {});
  await redis.ping();
  return {
    url: `${isTls ? 'rediss' : 'redis'}://127.0.0.1:${port}`,
    dir,
    redis,
    async stop() {
      redis.disconnect();
      const ended = new Promise((done) => child.once('exit', done));
      if (child.exitCode === null && child.kill('SIGKILL')) await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function writeCertificate(dir: string): Promise<{ file: string; key: string; certificate: string }> {
  cryptoProvider.set(webcrypto as never);
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const made = await X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=queue',
    notBefore: new Date(Date.now() - 86_400_000),
    notAfter: new Date(Date.now() + 86_400_000),
    signingAlgorithm: algorithm,
    keys: keys as never,
    extensions: [new SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
  });
  const certificate = made.toString('pem');
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const [file, key] = [join(dir, 'ca.pem'), join(dir, 'key.pem')];
  writeFileSync(file, certificate);
  writeFileSync(key, `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`);
  return { file, key, certificate };
}

/** All that a server holds, of every type, as one text. */
export async function dumpOf(redis: Redis): Promise<string> {
  const parts: string[] = [];
  for (const key of await redis.keys('*')) {
    const type = await redis.type(key);
    const value =
      type === 'hash'
        ? await redis.hgetall(key)
        : type === 'list'
          ? await redis.lrange(key, 0, -1)
          : type === 'zset'
            ? await redis.zrange(key, '0', '-1')
            : type === 'set'
              ? await redis.smembers(key)
              : type === 'stream'
                ? await redis.xrange(key, '-', '+')
                : await redis.get(key);
    parts.push(key, JSON.stringify(value));
  }
  return parts.join('\n');
}
