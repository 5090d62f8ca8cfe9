import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LinkMesh } from '../../../src/cli/devnet/chaos/links.ts';

/** Two nodes that answer with what they hear, and what stands between them. */
const links = new LinkMesh(2);
let servers: Server[] = [];
const heard = new Set<Socket>();

beforeEach(async () => {
  if (servers.length > 0) return;
  servers = [0, 1].map(() =>
    createServer((socket) => {
      heard.add(socket);
      socket.on('close', () => heard.delete(socket));
      socket.on('error', () => {});
      socket.pipe(socket);
    }),
  );
  for (const server of servers) await once(server.listen(0, '127.0.0.1'), 'listening');
  await links.open();
  links.targets = servers.map((server) => ({
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
  }));
});
afterEach(() => links.set(0, 1, { kind: 'open' }));

async function dial(): Promise<Socket> {
  const { host, port } = links.peersOf(0)[1]!;
  const socket = connect(port, host);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}
async function echoed(socket: Socket, bytes: Buffer): Promise<Buffer> {
  socket.write(bytes);
  const pieces: Buffer[] = [];
  for await (const [piece] of on(socket)) {
    pieces.push(piece);
    if (Buffer.concat(pieces).length >= bytes.length) break;
  }
  return Buffer.concat(pieces);
}
async function* on(socket: Socket): AsyncGenerator<[Buffer]> {
  for (;;) yield (await once(socket, 'data')) as [Buffer];
}

test('an open link carries, and a slow one carries the same later, in its order when it gets quick again', async () => {
  const socket = await dial();
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251));
  expect(await echoed(socket, bytes)).toEqual(bytes);
  links.set(0, 1, { kind: 'slow', delayMs: 60 });
  const begun = performance.now();
  const answer = echoed(socket, bytes);
  setTimeout(() => links.set(0, 1, { kind: 'open' }), 30);
  expect(await answer).toEqual(bytes);
  expect(performance.now() - begun).toBeGreaterThan(55);
  socket.destroy();
});

test('a cut link ends what it carried, and carries nothing until it is healed', async () => {
  const socket = await dial();
  await echoed(socket, Buffer.from('there'));
  links.set(0, 1, { kind: 'cut' });
  await once(socket, 'close');
  await once(await dial(), 'close');
  links.set(0, 1, { kind: 'open' });
  const again = await dial();
  expect(String(await echoed(again, Buffer.from('again')))).toBe('again');
  again.destroy();
});

test('of a half-open link who dialled keeps its end and hears nothing, the other end is gone, and healing ends it', async () => {
  const socket = await dial();
  await echoed(socket, Buffer.from('there'));
  links.set(0, 1, { kind: 'half-open' });
  while (heard.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const late = await dial();
  let told = 0;
  for (const each of [socket, late]) each.on('data', () => told++).write('anybody?');
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect([socket.destroyed, late.destroyed, told, heard.size]).toEqual([false, false, 0, 0]);
  const ends = [socket, late].map((each) => once(each, 'close'));
  links.set(0, 1, { kind: 'open' });
  await Promise.all(ends);
  await links.close();
  for (const server of servers) server.close();
});
