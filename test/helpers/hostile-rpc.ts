import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { WebSocket } from 'ws';
import type { Address } from '../../src/net/transport.ts';
import type { Prng } from '../../src/sim/prng.ts';

/** Addresses of loopback that callers come from: a node counts requests by address. */
const CALLERS = 200;
const callerOf = (i: number): string => `127.0.1.${1 + (i % CALLERS)}`;

/** Requests that are nearly right. */
const REQUESTS = [
  { jsonrpc: '2.0', id: 1, method: 'status', params: {} },
  { jsonrpc: '2.0', id: 'x', method: 'block', params: { height: 1 } },
  { jsonrpc: '2.0', id: 2, method: 'submit', params: { item: '00'.repeat(600) } },
  { jsonrpc: '2.0', id: 3, method: 'itemStatus', params: { id: '00'.repeat(32) } },
  { jsonrpc: '2.0', id: 4, method: 'notes', params: { from: 0 } },
  { jsonrpc: '2.0', id: 5, method: 'notePath', params: { index: 0 } },
  { jsonrpc: '2.0', id: 6, method: 'account', params: { account: '00'.repeat(32) } },
  { jsonrpc: '2.0', id: 7, method: 'table', params: { height: 1 } },
  { jsonrpc: '2.0', id: 8, method: 'rpc.discover', params: {} },
];
/** In place of a value. */
const WRONG: readonly unknown[] = [
  ...[null, true, -1, 1e308, 0.5, 2 ** 53, '', 'A'.repeat(5_000), [], {}, [[[[[]]]]]],
  { __proto__: { toString: 1 }, constructor: 1 },
];

/** A body that no program sends: bytes, broken texts, requests with something wrong in them, batches of these. */
export function fuzzedBody(prng: Prng): Buffer {
  const one = (): unknown => {
    const asked = structuredClone(REQUESTS[prng.below(REQUESTS.length)]!) as Record<string, unknown>;
    const params = asked['params'] as Record<string, unknown>;
    const at = prng.bit() === 0 ? asked : params;
    const keys = [...Object.keys(at), 'extra'];
    at[keys[prng.below(keys.length)]!] = WRONG[prng.below(WRONG.length)];
    return asked;
  };
  const kind = prng.below(5);
  if (kind === 0) return Buffer.from(prng.bytes(prng.below(400)));
  if (kind === 1) return Buffer.from('['.repeat(prng.below(20_000)));
  if (kind === 2) return Buffer.from(JSON.stringify(Array.from({ length: prng.below(40) }, one)));
  const text = Buffer.from(JSON.stringify(one()));
  if (kind === 3 || text.length === 0) return text;
  const at = prng.below(text.length);
  return Buffer.concat([
    text.subarray(0, at),
    Buffer.from(prng.bytes(1 + prng.below(4))),
    text.subarray(at + prng.below(3)),
  ]);
}

/** What a node answered: the code of its refusal, a result, or several of either. */
function saidBy(answer: string): string {
  if (answer === '') return 'nothing';
  const said = JSON.parse(answer);
  if (Array.isArray(said)) return 'several';
  return said.error?.data?.code ?? said.error?.code?.toString() ?? 'a result';
}

/** Posts bodies one after the other from many addresses, some at a time. @returns how often what was answered */
export async function postAll(
  { host, port }: Address,
  count: number,
  bodyOf: (i: number) => Buffer | string,
  atOnce = 12,
): Promise<ReadonlyMap<string, number>> {
  const answers = new Map<string, number>();
  let next = 0;
  const post = (agent: Agent, i: number): Promise<string> =>
    new Promise((resolve) => {
      const sent = request(
        { host, port, method: 'POST', agent, headers: { 'content-type': 'application/json' } },
        (answer) => {
          text(answer).then(
            (body) => resolve(saidBy(body)),
            () => resolve('cut off'),
          );
        },
      );
      sent.on('error', () => resolve('cut off'));
      sent.setTimeout(30_000, () => sent.destroy());
      sent.end(bodyOf(i));
    });
  await Promise.all(
    Array.from({ length: atOnce }, async (_, worker) => {
      let agent = new Agent({ keepAlive: true, localAddress: callerOf(worker) } as never);
      for (let i = next++; i < count; i = next++) {
        const answer = await post(agent, i);
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
        if (i % 50 !== 0) continue;
        agent.destroy();
        agent = new Agent({ keepAlive: true, localAddress: callerOf(i + worker) } as never);
      }
      agent.destroy();
    }),
  );
  return answers;
}

/** Connections that say a letter of a request now and then. @returns ends them */
export function slowLoris({ host, port }: Address, count: number): () => void {
  const sockets = new Set<Socket>();
  const open = (i: number): void => {
    const socket = connect({ host, port, localAddress: callerOf(i) });
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.write('POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nX-');
  };
  let opened = 0;
  const timer = setInterval(() => {
    for (const socket of sockets) socket.write('a');
    // Who is given up comes again.
    while (sockets.size < count) open(opened++);
  }, 1_000);
  return () => {
    clearInterval(timer);
    for (const socket of sockets) socket.destroy();
  };
}

/** Subscribers of everything who read nothing. @returns ends them */
export function deafSubscribers({ host, port }: Address, count: number): () => void {
  const sockets = Array.from({ length: count }, (_, i) => {
    const socket = new WebSocket(`ws://${host}:${port}/`, { localAddress: callerOf(i) });
    socket.on('error', () => {});
    socket.on('open', () => {
      for (const topic of ['heights', 'settlements', 'phases'])
        socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'subscribe', params: { topic } }));
      socket.pause();
    });
    return socket;
  });
  return () => {
    for (const socket of sockets) socket.terminate();
  };
}
