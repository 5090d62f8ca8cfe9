import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { described } from '../../../src/node/rpc/methods.ts';
import { RpcServer } from '../../../src/node/rpc/rpc-server.ts';
import type { Height } from '../../../src/params/ids.ts';
import type { Output } from '../../../src/validator/types.ts';
import { until } from '../../helpers/net-peers.ts';
import { schemaProblems } from '../../helpers/openrpc.ts';
import { answeringNode } from './answering-node.ts';

const PORT = 20_000 + (process.pid % 20_000);
let made: ReturnType<typeof answeringNode>;
let server: RpcServer;
let sockets: WebSocket[];
beforeEach(async () => {
  made = answeringNode();
  server = new RpcServer(made.node, { host: '127.0.0.1', port: PORT });
  sockets = [];
  await server.open();
});
afterEach(async () => {
  for (const socket of sockets) socket.terminate();
  await server.close();
});

/** A caller on a WebSocket with what it was told so far. */
async function connected(headers: Record<string, string> = {}) {
  const socket = new WebSocket(`ws://127.0.0.1:${PORT}/`, { headers });
  sockets.push(socket);
  const told: ReturnType<typeof JSON.parse>[] = [];
  socket.on('message', (data) => told.push(JSON.parse(String(data))));
  await once(socket, 'open');
  let last = 0;
  const ask = async (method: string, params: object = {}) => {
    const id = ++last;
    socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    await until(() => told.some((each) => each.id === id), method);
    return told.find((each) => each.id === id);
  };
  const events = () => told.filter(({ method }) => method === 'event').map(({ params }) => params);
  return { socket, ask, events };
}

/** The status with which a WebSocket is refused, and the code in the body. */
async function refusal(path: string, headers: Record<string, string>): Promise<[number, string]> {
  const socket = new WebSocket(`ws://127.0.0.1:${PORT}${path}`, { headers });
  sockets.push(socket);
  socket.on('error', () => {});
  const [, response] = await once(socket, 'unexpected-response');
  let body = '';
  for await (const piece of response) body += piece;
  return [response.statusCode, JSON.parse(body).error.data.code];
}

const ordered = (height: number): Output =>
  ({ type: 'ordered', result: { height: height as Height } }) as Output;
const settled = (height: number): Output => {
  const settlement = { stateRoot: new Uint8Array(32), receiptsRoot: new Uint8Array(32).fill(1) };
  return { type: 'settled', result: { height, items: ['a', 'b'], settlement } } as never;
};

describe('JSON-RPC over WebSocket', () => {
  test('answers, and tells each subscriber what it asked for in the form that is documented', async () => {
    const [one, other] = [await connected(), await connected()];
    const { result } = await one.ask('subscribe', { topic: 'settlements' });
    expect((await one.ask('status')).result.height).toBe(1);
    await other.ask('subscribe', { topic: 'phases' });
    made.node.events.said(ordered(7));
    made.node.events.said(settled(7));
    await until(() => other.events().length === 2 && one.events().length === 1, 'both are told');
    expect(other.events().map(({ event }) => event.phase)).toEqual(['ordered', 'settled']);
    expect(one.events()).toMatchObject([
      { ...result, topic: 'settlements', event: { height: 7, accepted: 2 } },
    ]);
    const { schemas } = described().components;
    for (const { topic, event } of [...one.events(), ...other.events()])
      expect(schemaProblems(schemas[`event-${topic}`]!, event)).toEqual([]);
    expect((await one.ask('unsubscribe', result)).result).toEqual(result);
    expect((await one.ask('unsubscribe', result)).error.data.code).toBe('RPC_UNKNOWN');
    made.node.events.said(settled(8));
    await until(() => other.events().length === 3, 'the other one is told');
    expect(one.events().length).toBe(1);
  });

  test('keeps a bounded number of subscriptions, and none over HTTP', async () => {
    const { ask } = await connected();
    for (let k = 0; k < 8; k++)
      expect((await ask('subscribe', { topic: 'heights' })).result.subscription).toBe(k + 1);
    expect((await ask('subscribe', { topic: 'heights' })).error.data.code).toBe('RPC_SUBSCRIPTIONS');
    const body = '{"jsonrpc":"2.0","id":1,"method":"subscribe","params":{"topic":"phases"}}';
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`http://127.0.0.1:${PORT}/`, { method: 'POST', headers, body });
    expect(await response.json()).toMatchObject({ error: { data: { code: 'RPC_WEBSOCKET' } } });
  });

  test('no page of a browser and no rebound name opens one', async () => {
    for (const origin of ['http://evil.example', 'null', `http://127.0.0.1:${PORT}`])
      expect(await refusal('/', { origin })).toEqual([403, 'RPC_ORIGIN']);
    expect(await refusal('/', { host: 'rebound.example' })).toEqual([403, 'RPC_HOST']);
    expect(await refusal('/metrics', {})).toEqual([404, 'RPC_REQUEST']);
  });

  test('some at a time, and beside them HTTP is answered', async () => {
    for (let k = 0; k < 16; k++) await connected();
    expect(await refusal('/', {})).toEqual([503, 'RPC_CONNECTIONS']);
    expect((await fetch(`http://127.0.0.1:${PORT}/metrics`)).status).toBe(200);
    sockets[0]!.terminate();
    await new Promise((resolve) => setTimeout(resolve, 100));
    await connected();
  });

  test('a slow reader is dropped with a code, and what waits for it until then is bounded', async () => {
    const slow = await connected();
    const quick = await connected();
    for (let k = 0; k < 8; k++) await slow.ask('subscribe', { topic: 'settlements' });
    await quick.ask('subscribe', { topic: 'settlements' });
    slow.socket.pause();
    const before = process.memoryUsage();
    let height = 0;
    for (let k = 0; k < 150; k++) {
      for (let i = 0; i < 100; i++) made.node.events.said(settled(++height));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    // It would be more than 30 MB if all of it were kept.
    const { external, heapUsed } = process.memoryUsage();
    expect(external + heapUsed - before.external - before.heapUsed).toBeLessThan(64 << 20);
    const closed = once(slow.socket, 'close');
    slow.socket.resume();
    const [code, reason] = await closed;
    expect([code, String(reason)]).toEqual([4_008, 'RPC_UNREAD']);
    expect(slow.events().length).toBeLessThan(8 * height);
    await until(() => quick.events().length === height, 'who reads is told all');
  });

  test('refuses what is no text, too long, or too much', async () => {
    const binary = await connected();
    binary.socket.send(Uint8Array.of(1));
    expect((await once(binary.socket, 'close'))[0]).toBe(4_000);
    const long = await connected();
    long.socket.send('x'.repeat((1 << 16) + 1));
    expect((await once(long.socket, 'close'))[0]).toBe(1_009);
    const { ask, socket } = await connected();
    expect((await ask('health')).result.ok).toBe(true);
    socket.send('{');
    const many = JSON.stringify({ jsonrpc: '2.0', method: 'status' });
    for (let k = 0; k < 2_000; k++) socket.send(many);
    expect((await once(socket, 'close'))[0]).toBe(4_004);
  });

  test('a ping counts as a request does, for it is answered too', async () => {
    const { ask, socket } = await connected();
    for (let k = 0; k < 100; k++) socket.ping();
    expect((await ask('health')).result.ok).toBe(true);
    for (let k = 0; k < 2_000; k++) socket.ping();
    expect((await once(socket, 'close'))[0]).toBe(4_004);
  });

  test('who asks for long answers and reads none gets no more of them', async () => {
    const { socket, ask } = await connected();
    made.state.block = new Uint8Array(1 << 20);
    socket.pause();
    for (let k = 0; k < 8; k++)
      socket.send(JSON.stringify({ jsonrpc: '2.0', id: `b${k}`, method: 'block', params: { height: 1 } }));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const codes: (string | undefined)[] = [];
    socket.on('message', (data) => codes.push(JSON.parse(String(data)).error?.data.code));
    socket.resume();
    await until(() => codes.length === 8, 'all are answered');
    expect(new Set(codes)).toEqual(new Set([undefined, 'RPC_UNREAD']));
    expect((await ask('block', { height: 1 })).result.encoded.length).toBe(2 << 20);
  });
});
