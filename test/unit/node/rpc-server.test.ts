import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bigintToBytes, toHex } from '../../../src/base/bytes.ts';
import { verifyPath } from '../../../src/crypto/merkle.ts';
import { healthOf } from '../../../src/node/node-health.ts';
import { described } from '../../../src/node/rpc/methods.ts';
import { RateLimit } from '../../../src/node/rpc/rate-limit.ts';
import { RpcServer } from '../../../src/node/rpc/rpc-server.ts';
import { height, itemId } from '../../../src/params/ids.ts';
import { NOTE_TREE_DEPTH } from '../../../src/params/sizes.ts';
import { openRpcProblems } from '../../helpers/openrpc.ts';
import { READY } from '../../helpers/ready-facts.ts';
import { answeringNode, NOTES } from './answering-node.ts';

const PORT = 20_000 + (process.pid % 20_000);
const { node, state, submitted } = answeringNode();
const server = new RpcServer(node, { host: '127.0.0.1', port: PORT });

beforeAll(() => server.open());
afterAll(() => server.close());

/** Each on a connection of its own: one that is kept may be closed by the server as the next request is written. */
const post = (body: string, headers: Record<string, string> = {}, path = '/'): Promise<Response> =>
  fetch(`http://127.0.0.1:${PORT}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close', ...headers },
    body,
  });
// biome-ignore lint/suspicious/noExplicitAny: what is answered is what is tested
const call = async (method: string, params: object = {}): Promise<any> =>
  (await post(JSON.stringify({ jsonrpc: '2.0', id: 7, method, params }))).json();
const code = (answer: unknown) => (answer as { error?: { data: { code: string } } }).error?.data.code;

describe('JSON-RPC over HTTP', () => {
  test('answers a request by its id, several in a batch, and a notification with nothing', async () => {
    expect(await call('health')).toMatchObject({
      jsonrpc: '2.0',
      id: 7,
      result: { ok: true, state: 'ready' },
    });
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

  test('says of a block that it was kept and is not any more', async () => {
    state.keptFrom = height(5);
    expect(await call('block', { height: 4 })).toMatchObject({
      error: { code: -32013, data: { code: 'RPC_PRUNED', keptFrom: 5 } },
    });
    expect(code(await call('certificate', { height: 4 }))).toBe('RPC_PRUNED');
    expect(code(await call('settlement', { height: 3 }))).toBe('RPC_PRUNED');
    expect(code(await call('block', { height: 5 }))).toBe('RPC_UNKNOWN');
    expect(code(await call('settlement', { height: 4 }))).toBe('RPC_UNKNOWN');
    state.keptFrom = height(1);
  });

  test('takes an item that can be read, and says why it takes no other', async () => {
    expect(await call('submit', { item: 'ff' })).toMatchObject({
      error: { data: { code: 'RPC_ITEM', reason: 'ITEM_MALFORMED' } },
    });
    expect(code(await call('submit', { item: 'xyz' }))).toBe('RPC_PARAMS');
    expect(code(await call('submit', { item: '00'.repeat(5_000) }))).toBe('RPC_PARAMS');
    expect(submitted).toEqual([]);
    const deposit = `03${'00'.repeat(8)}${'11'.repeat(32)}01${'00'.repeat(7)}${'22'.repeat(64)}`;
    state.facts = { ...READY, isStarted: false };
    expect(code(await call('submit', { item: deposit }))).toBe('RPC_NOT_READY');
    state.facts = { ...READY, isBehind: true };
    expect(code(await call('submit', { item: deposit }))).toBe('RPC_NOT_READY');
    // It says nothing itself, and hands on what it is given.
    state.facts = { ...READY, hasForgotten: true };
    state.waitingProofs = 1_000;
    expect(code(await call('submit', { item: deposit }))).toBe('RPC_BUSY');
    state.facts = READY;
    state.waitingProofs = 0;
    // Who has no seat hands it on as well, and never hears that it is refused: it does not say that it waits.
    state.isFollowing = true;
    const handedOn = (await call('submit', { item: deposit })) as { result: { id: string } };
    expect(submitted.splice(0).map(toHex)).toEqual([deposit]);
    expect(code(await call('itemStatus', { id: handedOn.result.id }))).toBe('RPC_UNKNOWN');
    state.isFollowing = false;
    const { result } = (await call('submit', { item: deposit })) as { result: { id: string } };
    expect(submitted.map(toHex)).toEqual([deposit]);
    expect(await call('itemStatus', { id: result.id })).toMatchObject({ result: { status: 'waiting' } });
    node.view.said({ type: 'refused', item: itemId(result.id), code: 'ITEM_SIGNATURE' });
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
    expect((await fetch(at, { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403);
  });

  test('says how far the height in progress is, and nothing where it only follows', async () => {
    const { result } = await call('progress');
    expect(result).toMatchObject({ reached: [1], listable: 0, heights: [{ height: 1, ordered: null }] });
    expect(result.heights[0].proposals).toEqual([{ isHere: false, isValid: null, round: 0, decided: null }]);
    state.isFollowing = true;
    expect((await call('progress')).result).toEqual({ reached: [], listable: 0, heights: [] });
    state.isFollowing = false;
  });

  test('gives notes in pieces, and the path of one by index or commitment', async () => {
    const pages = [0, 512, 1_024].map(async (from) => (await call('notes', { from })).result);
    const [first, second, third] = await Promise.all(pages);
    const hex = NOTES.map((note) => toHex(bigintToBytes(note, 32)));
    expect([...first.notes, ...second.notes]).toEqual(hex);
    expect([first.notes.length, third.notes, third.count]).toEqual([512, [], 600]);
    const { result } = await call('notePath', { index: 597 });
    expect((await call('notePath', { note: hex[597] })).result).toEqual(result);
    expect([result.index, result.note, result.root]).toEqual([597, hex[597], first.root]);
    const path = result.path.map((children: string[]) => children.map((child) => BigInt(`0x${child}`)));
    expect(verifyPath(NOTES[597]!, path, BigInt(`0x${result.root}`), NOTE_TREE_DEPTH)).toBe(true);
    expect(code(await call('notePath', { index: 600 }))).toBe('RPC_UNKNOWN');
    expect(code(await call('notePath', { note: 'ff'.repeat(32) }))).toBe('RPC_UNKNOWN');
    expect(code(await call('notePath', { index: 1, note: hex[0] }))).toBe('RPC_PARAMS');
  });

  test('says what it answers in a document that OpenRPC’s own schema accepts', async () => {
    const { result } = await call('rpc.discover');
    expect(result).toEqual(JSON.parse(JSON.stringify(described())));
    expect(openRpcProblems(result)).toEqual([]);
    expect(openRpcProblems({ ...result, methods: [{ name: 7 }] }).length).toBeGreaterThan(0);
  });

  test('says that it failed, and not of what', async () => {
    state.isBroken = true;
    const answer = await call('health');
    state.isBroken = false;
    expect([code(answer), JSON.stringify(answer).includes('secret')]).toEqual(['RPC_INTERNAL', false]);
  });

  test('answers a batch up to a length, and says so of the rest', async () => {
    state.block = new Uint8Array(1 << 20);
    const one = { jsonrpc: '2.0', id: 1, method: 'block', params: { height: 1 } };
    const answers = await (await post(JSON.stringify(Array.from({ length: 5 }, () => one)))).json();
    state.block = undefined;
    const refused = Array.from({ length: 4 }, () => 'RPC_UNREAD');
    expect((answers as unknown[]).map(code)).toEqual([undefined, ...refused]);
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

test('a validator is ready only if it takes part, and says why it does not', () => {
  const of = (change: object): string => healthOf({ ...READY, validators: 4, peersUp: 3, ...change }).state;
  expect([of({}), of({ peersUp: 2 }), of({ peersUp: 1 })]).toEqual(['ready', 'ready', 'alone']);
  expect([of({ isBehind: true }), of({ hasForgotten: true })]).toEqual(['behind', 'silent']);
  expect([of({ isStarted: false, hasForgotten: true }), of({ isStopped: true })]).toEqual([
    'starting',
    'stopped',
  ]);
  expect(of({ hasDiverged: true })).toBe('diverged');
  expect(healthOf({ ...READY, hasForgotten: true }).ok).toBe(false);
});
