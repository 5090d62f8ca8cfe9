import { once } from 'node:events';
import { request } from 'node:http';
import { WebSocket } from 'ws';
import type { OpenRpcDocument } from './openrpc.ts';

// biome-ignore lint/suspicious/noExplicitAny: what is answered is what is tested
type Json = any;

/** Posts a text to a node. @returns what it answered, undefined if that is nothing */
export async function posted(rpc: string, body: string, headers: Record<string, string> = {}): Promise<Json> {
  const response = await fetch(`http://${rpc}/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  const text = await response.text();
  return text === '' ? undefined : JSON.parse(text);
}

export const asked = (rpc: string, method: string, params: object = {}): Promise<Json> =>
  posted(rpc, JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));

/** Posts under a Host of one's choice, which fetch does not let one choose. @returns the code of the refusal */
export function refusedHost(rpc: string, host: string): Promise<string> {
  const [address, port] = rpc.split(':');
  return new Promise((resolve, reject) => {
    const headers = { host, 'content-type': 'application/json' };
    const sent = request({ host: address, port, method: 'POST', headers }, async (reply) => {
      let text = '';
      for await (const piece of reply) text += piece;
      resolve(JSON.parse(text).error.data.code);
    });
    sent.on('error', reject);
    sent.end('{}');
  });
}

/** A WebSocket to a node. */
export async function socketTo(rpc: string, headers: Record<string, string> = {}) {
  const socket = new WebSocket(`ws://${rpc}/`, { headers });
  const told: Json[] = [];
  socket.on('message', (data) => told.push(JSON.parse(String(data))));
  socket.on('error', () => {});
  await once(socket, 'open');
  const ask = async (method: string, params: object): Promise<Json> => {
    const id = `${method} ${told.length}`;
    socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    for (;;) {
      const found = told.find((each) => each.id === id);
      if (found !== undefined) return found;
      await once(socket, 'message');
    }
  };
  return { socket, told, ask };
}

/** The code with which a WebSocket is refused. */
export async function refusedSocket(rpc: string, headers: Record<string, string> = {}): Promise<string> {
  const socket = new WebSocket(`ws://${rpc}/`, { headers });
  socket.on('error', () => {});
  const [, response] = await once(socket, 'unexpected-response');
  let text = '';
  for await (const piece of response) text += piece;
  return JSON.parse(text).error.data.code;
}

/** Asks for everything that a node answers without being told something: the answers, by method. */
export async function everyAnswer(rpc: string): Promise<ReadonlyMap<string, Json>> {
  const document: OpenRpcDocument = (await asked(rpc, 'rpc.discover')).result;
  const atHeight = { height: 1 };
  const { result: first } = await asked(rpc, 'notePath', { index: 0 });
  const params: Record<string, object> = {
    block: atHeight,
    certificate: atHeight,
    settlement: atHeight,
    notes: { from: 0 },
    notePath: { note: first.note },
  };
  const answers = new Map<string, Json>();
  for (const { name } of document.methods) answers.set(name, await asked(rpc, name, params[name] ?? {}));
  return answers;
}
