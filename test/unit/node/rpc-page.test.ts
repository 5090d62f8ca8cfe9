import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listPageFiles } from '../../../src/node/rpc/page-files.ts';
import { RpcServer } from '../../../src/node/rpc/rpc-server.ts';
import { CIRCUITS } from '../../../src/proofs/circuits.ts';
import { refusedSocket, socketTo } from '../../helpers/running-rpc.ts';
import { answeringNode } from './answering-node.ts';

const PORT = 20_000 + (process.pid % 20_000);
const HERE = `127.0.0.1:${PORT}`;
const scratch = mkdtempSync(join(tmpdir(), 'velum-page-'));
const built = join(scratch, 'page');
const keys = join(scratch, 'keys');
const genesis = join(scratch, 'genesis.json');

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

let server: RpcServer;
beforeAll(async () => {
  write(join(built, 'index.html'), '<!doctype html>the page');
  write(join(built, 'assets/main-abc.js'), 'the code');
  write(join(scratch, 'secret'), 'a secret');
  for (const circuit of Object.keys(CIRCUITS))
    for (const name of ['proving.zkey', 'vkey.json', 'witness.wasm'])
      write(join(keys, circuit, name), `${name} of ${circuit}`);
  server = new RpcServer(
    answeringNode().node,
    { host: '127.0.0.1', port: PORT },
    listPageFiles(built, genesis, keys),
  );
  await server.open();
});
afterAll(async () => {
  await server.close();
  rmSync(scratch, { recursive: true });
});

interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
}

/** A request as it stands, for a path and a Host that `fetch` would put in order. */
const get = (path: string, headers: Record<string, string> = {}, method = 'GET', body = ''): Promise<Got> =>
  new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port: PORT, path, method, headers: { ...headers } },
      (reply) => {
        let text = '';
        reply.setEncoding('utf8');
        reply.on('data', (piece) => {
          text += piece;
        });
        reply.on('end', () => resolve({ status: reply.statusCode!, headers: reply.headers as never, text }));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
const codeOf = ({ text }: Got): string => JSON.parse(text).error.data.code;
const ASK = '{"jsonrpc":"2.0","id":1,"method":"health"}';
const json = { 'content-type': 'application/json' };

describe('a node that serves its page', () => {
  test('gives browsers the page, its code and the keys, each with what a browser may do with it', async () => {
    const page = await get('/', { 'sec-fetch-site': 'none' });
    expect([page.status, page.text]).toEqual([200, '<!doctype html>the page']);
    const policy = page.headers['content-security-policy']!.split('; ');
    expect(policy).toEqual([
      "default-src 'none'",
      "script-src 'self' 'wasm-unsafe-eval'",
      "style-src 'self'",
      "img-src 'self' data:",
      `connect-src 'self' ws://${HERE}`,
      "worker-src 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'same-origin',
    });
    const code = await get('/assets/main-abc.js', { 'sec-fetch-site': 'same-origin' });
    expect([code.text, code.headers['content-type']]).toEqual(['the code', 'text/javascript; charset=utf-8']);
    expect(code.headers['cache-control']).toContain('immutable');
    const key = await get('/keys/orders/proving.zkey');
    expect([key.text, key.headers['content-length'], key.headers['cache-control']]).toEqual([
      'proving.zkey of orders',
      '22',
      'no-cache',
    ]);
    // A member that generates the first keys writes it later.
    expect((await get('/genesis.json')).status).toBe(404);
    write(genesis, '{}');
    expect((await get('/genesis.json')).text).toBe('{}');
    expect((await get('/keys/account/witness.wasm')).headers['content-type']).toBe('application/wasm');
    expect(code.headers['access-control-allow-origin']).toBeUndefined();
  });

  test.each([
    '/../secret',
    '/assets/../../secret',
    '/assets/..%2f..%2fsecret',
    '/assets/%2e%2e/%2e%2e/secret',
    '/assets/..\\..\\secret',
    '/assets/....//....//secret',
    '/assets//main-abc.js',
    '/assets/',
    '/keys/orders/../../secret',
    '/keys/orders/proving.zkey/../../../secret',
    '/keys/__proto__/vkey.json',
    '/assets/main-abc.js%00',
    '//etc/passwd',
    '/index.html',
    '/secret',
  ])('has nothing at %s', async (path) => {
    const answer = await get(path);
    expect([answer.status >= 400, answer.text.includes('secret')]).toEqual([true, false]);
  });

  test('answers requests of its own page, and of no other', async () => {
    const own = { ...json, origin: `http://${HERE}`, 'sec-fetch-site': 'same-origin' };
    expect((await get('/', own, 'POST', ASK)).status).toBe(200);
    const byName = { ...own, host: `localhost:${PORT}`, origin: `http://localhost:${PORT}` };
    expect((await get('/', byName, 'POST', ASK)).status).toBe(200);
    for (const wrong of [
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { origin: `https://${HERE}` },
      { origin: `http://localhost:${PORT}` },
      { origin: 'http://127.0.0.1:1' },
      { origin: `http://${HERE}`, 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'cross-site' },
      { host: '10.0.0.7:80', origin: 'http://10.0.0.7:80' },
    ])
      expect([wrong, codeOf(await get('/', { ...json, ...wrong }, 'POST', ASK))]).toEqual([
        wrong,
        'RPC_ORIGIN',
      ]);
    const rebound = { ...json, host: 'rebound.example', origin: 'http://rebound.example' };
    expect(['RPC_ORIGIN', 'RPC_HOST']).toContain(codeOf(await get('/', rebound, 'POST', ASK)));
    expect(codeOf(await get('/', { host: 'rebound.example' }))).toBe('RPC_HOST');
    expect(codeOf(await get('/', { 'sec-fetch-site': 'cross-site' }))).toBe('RPC_ORIGIN');
  });

  test('opens a WebSocket to its own page, and to no other', async () => {
    const { socket, ask } = await socketTo(HERE, { origin: `http://${HERE}` });
    expect(await ask('status', {})).toMatchObject({ result: { certified: 0 } });
    socket.terminate();
    expect(await refusedSocket(HERE, { origin: 'http://evil.example' })).toBe('RPC_ORIGIN');
  });
});

describe('what is no built page', () => {
  const refused = (dir: string, from = keys) => {
    try {
      listPageFiles(dir, genesis, from);
      return 'taken';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  test('is refused before anything is served: no folder, no page in it, too many or too large files, no keys', () => {
    const many = join(scratch, 'many');
    for (let i = 0; i < 65; i++) write(join(many, `${i === 0 ? 'index.html' : `${i}.js`}`), '');
    const large = join(scratch, 'large');
    write(join(large, 'index.html'), new Uint8Array((1 << 22) + 1));
    const bare = join(scratch, 'bare');
    write(join(bare, 'other.html'), '');
    for (const dir of [join(scratch, 'nowhere'), many, large, bare]) expect(refused(dir)).toBe('NODE_PAGE');
    expect([refused(built), refused(built, bare)]).toEqual(['taken', 'NODE_PAGE']);
  });

  test('and what a link in its folder leads to is not among the files', () => {
    const linked = join(scratch, 'linked');
    write(join(linked, 'index.html'), '');
    symlinkSync(join(scratch, 'secret'), join(linked, 'link.js'));
    expect(listPageFiles(linked, genesis, keys).map(({ url }) => url)).not.toContain('/link.js');
  });
});
