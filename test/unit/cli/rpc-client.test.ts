import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { askNode } from '../../../src/cli/node/rpc-client.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** @param onRequest told how many requests its connection has brought before */
async function serve(onRequest: (response: ServerResponse, before: number) => void) {
  const brought = new WeakMap<Socket, number>();
  server = createServer((request, response) => {
    const before = brought.get(request.socket) ?? 0;
    brought.set(request.socket, before + 1);
    request.resume().on('end', () => onRequest(response, before));
  });
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

const answer = (response: ServerResponse): void =>
  void response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result: 7 }));

test('a connection that the node has closed since the last request is no node that does not answer', async () => {
  let requests = 0;
  const node = await serve((response, before) => {
    requests += 1;
    if (before > 0) response.destroy();
    else answer(response);
  });
  for (let i = 0; i < 3; i++) expect(await askNode(node, 'status', z.int())).toBe(7);
  // What was written on a connection of before was asked again.
  expect(requests).toBeGreaterThan(3);
});

test('a node that closes each connection is asked twice and does not answer', async () => {
  let requests = 0;
  const node = await serve((response) => {
    requests += 1;
    response.destroy();
  });
  await expect(askNode(node, 'status', z.int())).rejects.toMatchObject({ code: 'NODE_UNREACHABLE' });
  expect(requests).toBe(2);
});
