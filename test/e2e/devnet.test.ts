import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { secretFileName } from '../../src/node/secret-file.ts';
import { type Ended, velum } from '../helpers/cli.ts';
import { type OpenRpcDocument, openRpcProblems, schemaProblems } from '../helpers/openrpc.ts';
import { isAlive } from '../helpers/processes.ts';
import { asked, everyAnswer, posted, refusedHost, refusedSocket, socketTo } from '../helpers/running-rpc.ts';
import { devnetSecrets, openFiles, SecretFinder } from '../helpers/secret-finder.ts';

const scratch = mkdtempSync(join(tmpdir(), 'velum-devnet-'));
const home = join(scratch, 'net');
const devnet = (...args: string[]): Promise<Ended> => velum('devnet', ...args, '--home', home, '--json');
interface Node {
  readonly index: number;
  readonly pid: number | null;
  readonly rpc: string;
  readonly stateRoot: string | null;
}
let up: Ended;
let nodes: readonly Node[];

beforeAll(async () => {
  up = await devnet('up', '--orders', 'examples/small.csv', '--until-settled');
  nodes = up.code === 0 ? JSON.parse(up.stdout).nodes : [];
});
afterAll(async () => {
  await devnet('down');
  rmSync(scratch, { recursive: true, force: true });
});

/** A deposit that nobody signed. */
const DEPOSIT = `03${'00'.repeat(8)}${'11'.repeat(32)}01${'00'.repeat(7)}${'22'.repeat(64)}`;

test('four processes settle the orders of a file, handed in over RPC, with one state root', async () => {
  expect([up.code, up.code === 0 ? '' : up.stderr]).toEqual([0, '']);
  const { heights, keys } = JSON.parse(up.stdout);
  expect(keys).toBe('dkg');
  const accepted = heights.reduce((sum: number, each: { accepted: number }) => sum + each.accepted, 0);
  expect(accepted).toBeGreaterThanOrEqual(5);
  // Asked of one height: the chain goes on between two answers.
  const { height, stateRoot } = heights.at(-1);
  expect(stateRoot).toMatch(/^[0-9a-f]{64}$/);
  const settled = nodes.map(async ({ index, rpc }) => {
    const { result } = await asked(rpc, 'settlement', { height });
    return [index, result.stateRoot];
  });
  expect(await Promise.all(settled)).toEqual([0, 1, 2, 3].map((index) => [index, stateRoot]));
  for (const node of nodes) expect(node.stateRoot).toMatch(/^[0-9a-f]{64}$/);
  expect(new Set(nodes.map(({ pid }) => pid)).size).toBe(4);
});

test('a node answers status, and no page of a browser and no rebound name, over HTTP and WebSocket', async () => {
  const { rpc } = nodes[1]!;
  const { code, stdout } = await velum('node', 'status', '--rpc', rpc, '--json');
  expect([code, JSON.parse(stdout)]).toMatchObject([0, { validator: 1, isReady: true, peersUp: 3 }]);
  expect((await asked(rpc, 'health')).result).toMatchObject({ ok: true, state: 'ready' });
  const origin = 'http://evil.example';
  expect((await posted(rpc, '{}', { origin })).error.data.code).toBe('RPC_ORIGIN');
  expect(await refusedSocket(rpc, { origin })).toBe('RPC_ORIGIN');
  expect(await refusedSocket(rpc, { host: 'rebound.example' })).toBe('RPC_HOST');
  expect(await refusedHost(rpc, 'rebound.example')).toBe('RPC_HOST');
});

test('each method answers in the form that its document says, and subscribers are told of a height as it comes', async () => {
  const { rpc } = nodes[1]!;
  const document: OpenRpcDocument = (await asked(rpc, 'rpc.discover')).result;
  expect(openRpcProblems(document)).toEqual([]);
  const { ask, told, socket } = await socketTo(rpc);
  const answers = new Map<string, { result?: unknown }>();
  for (const topic of ['heights', 'settlements', 'phases'])
    answers.set('subscribe', await ask('subscribe', { topic }));
  const account = `00${'ab'.repeat(31)}`;
  const funded = JSON.parse((await devnet('fund', account, '7')).stdout);
  const isTold = (topic: string) =>
    told.some(({ params }) => params?.topic === topic && params.event.height === funded.height);
  while (!(isTold('heights') && isTold('settlements'))) await once(socket, 'message');
  const events = told.filter(({ method }) => method === 'event').map(({ params }) => params);
  const phases = events.filter(({ topic }) => topic === 'phases').map(({ event }) => event.phase);
  expect(new Set(phases)).toEqual(new Set(['ordered', 'settled', 'certified']));
  for (const { topic, event } of events)
    expect(schemaProblems(document.components.schemas[`event-${topic}`]!, event)).toEqual([]);
  for (const [name, answer] of await everyAnswer(rpc)) if (!answers.has(name)) answers.set(name, answer);
  answers.set('unsubscribe', await ask('unsubscribe', { subscription: 1 }));
  socket.terminate();
  answers.set('account', await asked(rpc, 'account', { account }));
  answers.set('submit', await asked(rpc, 'submit', { item: DEPOSIT }));
  const { id } = answers.get('submit')!.result as { id: string };
  answers.set('itemStatus', await asked(rpc, 'itemStatus', { id }));
  for (const { name, result } of document.methods) {
    const answer = answers.get(name);
    expect([name, schemaProblems(result.schema, answer?.result), answer]).toEqual([name, [], answer]);
  }
  expect(answers.get('account')!.result).toMatchObject({ cash: '7000000' });
});

test('each error that is documented can be had of a running node, but those of one that fails or is busy', async () => {
  const { rpc } = nodes[3]!;
  const document: OpenRpcDocument = (await asked(rpc, 'rpc.discover')).result;
  const call = async (method: string, params: object = {}) => (await asked(rpc, method, params)).error;
  const errors = [
    (await posted(rpc, '{')).error,
    (await posted(rpc, '[]')).error,
    (await posted(rpc, 'x', { 'content-type': 'text/plain' })).error,
    await call('eth_accounts'),
    await call('block', { height: -1 }),
    await call('block', { height: 1_000_000 }),
    await call('submit', { item: 'ff' }),
    await call('subscribe', { topic: 'heights' }),
  ].map(({ data }) => data.code);
  errors.push(await refusedHost(rpc, 'rebound.example'), await refusedSocket(rpc, { origin: 'null' }));
  const sockets = await Promise.all(Array.from({ length: 16 }, () => socketTo(rpc)));
  errors.push(await refusedSocket(rpc));
  const { ask, socket } = sockets[0]!;
  for (let k = 0; k < 8; k++) await ask('subscribe', { topic: 'heights' });
  errors.push((await ask('subscribe', { topic: 'heights' })).error.data.code);
  for (let k = 0; k < 2_000; k++) socket.send('{}');
  const [closed, why] = await once(socket, 'close');
  expect([closed, String(why)]).toEqual([4_004, 'RPC_RATE']);
  errors.push(String(why));
  for (const { socket } of sockets) socket.terminate();
  // Tried on a node that is made to: test/unit/node/rpc-server.test.ts.
  const elsewhere = ['RPC_BUSY', 'RPC_INTERNAL', 'RPC_NOT_READY', 'RPC_PRUNED', 'RPC_UNREAD'];
  expect(new Set([...errors, ...elsewhere])).toEqual(new Set(Object.keys(document.components.errors)));
});

test('no secret, however it is written, is in a log, a store, a configuration, an answer or a figure', async () => {
  const secrets = devnetSecrets(home);
  expect(secrets.size).toBeGreaterThanOrEqual(4 * 6);
  const finder = new SecretFinder(secrets);
  const keys = readFileSync(join(home, 'node-1/validator', secretFileName('keys', 1)));
  expect(finder.find(keys).length).toBeGreaterThanOrEqual(6);
  const files = openFiles(home);
  expect(files.size).toBeGreaterThan(30);
  for (const [path, bytes] of files) expect([path, finder.find(bytes)]).toEqual([path, []]);
  for (const { rpc } of nodes.slice(0, 2)) {
    const metrics = await (await fetch(`http://${rpc}/metrics`)).text();
    const answers = JSON.stringify([...(await everyAnswer(rpc))]);
    expect([metrics.includes('velum_height'), answers.includes('stateRoot')]).toEqual([true, true]);
    expect(finder.find(Buffer.from(metrics + answers))).toEqual([]);
  }
});

test('down leaves no process and no port, and the log of each node replays to what it sent', async () => {
  const pids = nodes.map(({ pid }) => pid!);
  const { code, stdout } = await devnet('down');
  expect([code, JSON.parse(stdout)]).toEqual([0, { stopped: [0, 1, 2, 3] }]);
  expect(pids.filter(isAlive)).toEqual([]);
  for (const { rpc } of nodes) {
    const [host, port] = rpc.split(':');
    const socket = connect(Number(port), host!);
    expect(
      await new Promise((resolve) => socket.on('connect', resolve).on('error', () => resolve('refused'))),
    ).toBe('refused');
  }
  expect(JSON.parse((await devnet('down')).stdout)).toEqual({ stopped: [] });
  const replay = await velum('node', 'replay', join(home, 'node-2'), '--json');
  expect([replay.code, JSON.parse(replay.stdout).validator]).toEqual([0, 2]);
});
