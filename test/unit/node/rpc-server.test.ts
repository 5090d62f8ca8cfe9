import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toHex } from '../../../src/base/bytes.ts';
import { dealGenesis } from '../../../src/committee/dealer.ts';
import { SAMPLE_MARKET, SAMPLE_PRICES, SAMPLE_TIME_S } from '../../../src/committee/sample-market.ts';
import { ChainView } from '../../../src/node/chain-view.ts';
import { NodeMetrics } from '../../../src/node/node-metrics.ts';
import type { AnsweringNode } from '../../../src/node/rpc/methods.ts';
import { RateLimit } from '../../../src/node/rpc/rate-limit.ts';
import { RpcServer } from '../../../src/node/rpc/rpc-server.ts';
import { height, itemId, validatorIndex } from '../../../src/params/ids.ts';

const PORT = 20_000 + (process.pid % 20_000);
const submitted: Uint8Array[] = [];
let server: RpcServer;
let view: ChainView;
let state = { isReady: true, waitingProofs: 0 };

beforeAll(async () => {
  const { chain, epoch } = dealGenesis(
    1,
    1,
    { params: SAMPLE_MARKET, oracle: [{ timeS: SAMPLE_TIME_S, values: SAMPLE_PRICES }] },
    [],
    0n,
  );
  view = new ChainView(chain, epoch, validatorIndex(0), [{ snapshot: undefined, log: new Uint8Array(0) }]);
  const metrics = new NodeMetrics({
    height: height(9),
    isReady: true,
    waitingProofs: 2,
    peers: () => [{ ...PEER, isUp: true, faults: 3 }],
  });
  const node: AnsweringNode = {
    metrics,
    self: validatorIndex(0),
    chainHash: new Uint8Array(32),
    height: height(1),
    view,
    get isReady() {
      return state.isReady;
    },
    get waitingProofs() {
      return state.waitingProofs;
    },
    peers: () => [],
    block: () => undefined,
    submit: (bytes) => void submitted.push(bytes),
  };
  server = new RpcServer(node, { host: '127.0.0.1', port: PORT });
  await server.open();
});
afterAll(() => server.close());

const PEER = {
  index: validatorIndex(1),
  address: { host: '10.0.0.2', port: 1 },
  connects: 1,
  violations: 0,
  bytesIn: 5,
  bytesOut: 6,
};

const post = (body: string, headers: Record<string, string> = {}, path = '/'): Promise<Response> =>
  fetch(`http://127.0.0.1:${PORT}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
const call = async (method: string, params: object = {}) =>
  (await post(JSON.stringify({ jsonrpc: '2.0', id: 7, method, params }))).json();
const code = (answer: unknown) => (answer as { error?: { data: { code: string } } }).error?.data.code;

describe('JSON-RPC over HTTP', () => {
  test('answers a request by its id, several in a batch, and a notification with nothing', async () => {
    expect(await call('health')).toEqual({ jsonrpc: '2.0', id: 7, result: { ok: true } });
    const one = { jsonrpc: '2.0', method: 'status' };
    const both = await post(JSON.stringify([{ ...one, id: 'a' }, one, { ...one, id: 2, method: 'nothing' }]));
    expect(await both.json()).toMatchObject([
      { id: 'a', result: { height: 1, certified: 0 } },
      { id: 2, error: { code: -32601 } },
    ]);
    expect((await post(JSON.stringify(one))).status).toBe(204);
  });

  test.each([
    ['{', 'RPC_PARSE'],
    ['[]', 'RPC_REQUEST'],
    ['7', 'RPC_REQUEST'],
    ['{"jsonrpc":"1.0","id":1,"method":"health"}', 'RPC_REQUEST'],
    ['{"jsonrpc":"2.0","id":1,"method":"__proto__"}', 'RPC_METHOD'],
    ['{"jsonrpc":"2.0","id":1,"method":"toString"}', 'RPC_METHOD'],
    ['{"jsonrpc":"2.0","id":1,"method":"health","params":{"a":1}}', 'RPC_PARAMS'],
    ['{"jsonrpc":"2.0","id":1,"method":"block","params":{"height":0}}', 'RPC_PARAMS'],
    ['{"jsonrpc":"2.0","id":1,"method":"block","params":{"height":3}}', 'RPC_UNKNOWN'],
    ['{"jsonrpc":"2.0","id":1,"method":"account","params":{"account":"zz"}}', 'RPC_PARAMS'],
  ])('refuses %s with %s', async (body, refusal) => {
    expect(code(await (await post(body)).json())).toBe(refusal);
  });

  test('refuses bodies that are too long or of another type, and more than 16 requests in one', async () => {
    expect(code(await (await post(`"${'x'.repeat(70_000)}"`)).json())).toBe('RPC_BODY');
    expect(code(await (await post('{}', { 'content-type': 'text/plain' })).json())).toBe('RPC_BODY');
    const one = { jsonrpc: '2.0', id: 1, method: 'health' };
    const many = JSON.stringify(Array.from({ length: 17 }, () => one));
    expect(code(await (await post(many)).json())).toBe('RPC_REQUEST');
    expect((await post('{}', {}, '/elsewhere')).status).toBe(404);
  });

  test('refuses whatever comes from a page, or by a name of elsewhere', async () => {
    const ask = '{"jsonrpc":"2.0","id":1,"method":"health"}';
    for (const origin of ['http://evil.example', 'null', `http://127.0.0.1:${PORT}`])
      expect(code(await (await post(ask, { origin })).json())).toBe('RPC_ORIGIN');
    const { request } = await import('node:http');
    const answerTo = (host: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const headers = { host, 'content-type': 'application/json' };
        const asked = request({ port: PORT, host: '127.0.0.1', method: 'POST', headers }, (reply) => {
          reply.resume();
          resolve(reply.statusCode!);
        });
        asked.on('error', reject);
        asked.end(ask);
      });
    const hosts = ['localhost:1', '127.0.0.1', '[::1]:7', 'rebound.example', '127.0.0.1.rebound.example'];
    expect(await Promise.all(hosts.map(answerTo))).toEqual([200, 200, 200, 403, 403]);
  });

  test('takes an item that can be read, and says why it takes no other', async () => {
    expect(await call('submit', { item: 'ff' })).toMatchObject({
      error: { data: { code: 'RPC_ITEM', reason: 'ITEM_MALFORMED' } },
    });
    expect(code(await call('submit', { item: 'xyz' }))).toBe('RPC_PARAMS');
    expect(code(await call('submit', { item: '00'.repeat(5_000) }))).toBe('RPC_PARAMS');
    expect(submitted).toEqual([]);
    const deposit = `03${'00'.repeat(8)}${'11'.repeat(32)}01${'00'.repeat(7)}${'22'.repeat(64)}`;
    state = { isReady: false, waitingProofs: 0 };
    expect(code(await call('submit', { item: deposit }))).toBe('RPC_NOT_READY');
    state = { isReady: true, waitingProofs: 1_000 };
    expect(code(await call('submit', { item: deposit }))).toBe('RPC_BUSY');
    state = { isReady: true, waitingProofs: 0 };
    const { result } = (await call('submit', { item: deposit })) as { result: { id: string } };
    expect(submitted.map(toHex)).toEqual([deposit]);
    expect(await call('itemStatus', { id: result.id })).toMatchObject({ result: { status: 'waiting' } });
    view.said({ type: 'refused', item: itemId(result.id), code: 'ITEM_SIGNATURE' });
    expect(await call('itemStatus', { id: result.id })).toMatchObject({
      result: { status: 'refused', code: 'ITEM_SIGNATURE' },
    });
  });

  test('serves metrics as Prometheus reads them, to programs alone', async () => {
    const at = `http://127.0.0.1:${PORT}/metrics`;
    const text = await (await fetch(at)).text();
    const lines = [
      'velum_height 9',
      'velum_waiting_proofs 2',
      'velum_peer_faults{peer="1"} 3',
      'velum_peer_up{peer="1"} 1',
    ];
    expect(text.split('\n')).toEqual(expect.arrayContaining(lines));
    expect((await fetch(at, { headers: { origin: 'http://evil.example' } })).status).toBe(403);
  });

  test('each call of a batch counts by what it costs', async () => {
    const submit = { jsonrpc: '2.0', id: 1, method: 'submit', params: { item: '01' } };
    const codes = new Set<string | undefined>();
    for (let batches = 0; batches < 40 && !codes.has('RPC_RATE'); batches++) {
      const response = await post(JSON.stringify(Array.from({ length: 16 }, () => submit)));
      for (const answer of [await response.json()].flat()) codes.add(code(answer));
    }
    expect(codes).toEqual(new Set(['RPC_ITEM', 'RPC_RATE']));
  });

  test('an address has a rate, and another one is not held back by it', () => {
    const rate = new RateLimit();
    const taken = Array.from({ length: 1_100 }, () => rate.take('a', 0, 1)).filter(Boolean).length;
    expect([taken, rate.take('a', 1, 1), rate.take('b', 1, 1), rate.take('a', 10, 1)]).toEqual([
      1_000,
      false,
      true,
      true,
    ]);
  });
});
