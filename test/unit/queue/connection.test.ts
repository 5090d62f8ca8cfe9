import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { parseQueueAddress } from '../../../src/queue/address.ts';
import { openConnection, type QueueConnection } from '../../../src/queue/connection.ts';

/** What a server answers to a command: the reply, and whether it closes after it. */
type Script = (
  command: string,
  args: readonly string[],
) => {
  readonly reply: string | undefined;
  readonly ends?: true;
};

const open: { server?: Server; sockets: Socket[]; connection?: QueueConnection } = { sockets: [] };
afterEach(() => {
  open.connection?.close();
  for (const socket of open.sockets.splice(0)) socket.destroy();
  open.server?.close();
});

/** The words of commands, each an array of strings, as a client sends them: its texts hold no line breaks here. */
function commandsOf(text: string): string[][] {
  const lines = text.split('\r\n');
  const commands: string[][] = [];
  for (let at = 0; lines[at]?.startsWith('*') === true; ) {
    const count = Number(lines[at]!.slice(1));
    commands.push(Array.from({ length: count }, (_, i) => lines[at + 2 + 2 * i]!));
    at += 1 + 2 * count;
  }
  return commands;
}

async function scripted(script: Script, path = ''): Promise<string> {
  const server = createServer((socket) => {
    open.sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      for (const [command, ...args] of commandsOf(String(bytes))) {
        const { reply, ends } = script(command!.toLowerCase(), args);
        if (reply !== undefined) socket.write(`${reply}\r\n`);
        if (ends) return void socket.end();
      }
    });
  });
  open.server = server;
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `redis://:hush-hush@127.0.0.1:${(server.address() as { port: number }).port}${path}`;
}

const connect = async (url: string): Promise<QueueConnection> => {
  open.connection = await openConnection(parseQueueAddress(url));
  return open.connection;
};
const OK: Script = (command) => ({
  reply:
    { hello: '%1\r\n+proto\r\n:3', info: '$9\r\nloading:0', ping: '+PONG' }[command] ??
    (command === 'get' ? '_' : '+OK'),
});
const refusing =
  (refused: string, reply: string, ends?: true): Script =>
  (command, args) =>
    command === refused ? { reply: `-${reply}`, ...(ends === undefined ? {} : { ends }) } : OK(command, args);

test.each([
  ['no password', refusing('hello', 'NOAUTH Authentication required.'), ''],
  ['a wrong password', refusing('hello', 'WRONGPASS invalid username-password pair'), ''],
  ['too many clients', refusing('hello', 'ERR max number of clients reached', true), ''],
  ['a user that may do nothing', refusing('ping', 'NOPERM this user has no permissions'), ''],
  ['a user that may not choose a database', refusing('select', 'NOPERM this user has no permissions'), '/3'],
  ['a database that is not there', refusing('select', 'ERR DB index is out of range'), '/99'],
  ['a server that may not say how it is', refusing('info', 'MASTERDOWN Link with MASTER is down'), ''],
])('a server that refuses is told from one that is not there: %s', async (_, script, path) => {
  const opening = connect(await scripted(script, path));
  await expect(opening).rejects.toMatchObject({ code: 'QUEUE_REFUSED' });
  const { message } = (await opening.catch((error: unknown) => error)) as Error;
  const { reply } = script(
    ['hello', 'ping', 'select', 'info'].find((each) => script(each, []).reply?.startsWith('-'))!,
    [],
  );
  expect(message).toContain(`refuses: ${reply!.slice(1)}`);
  expect(message).not.toContain('hush');
});

test.each([
  ['closes without an answer', undefined],
  ['speaks something else', 'HTTP/1.1 400 Bad Request'],
])('a server that %s cannot be reached, and soon', async (_, reply) => {
  const startMs = Date.now();
  const url = await scripted(() => ({ reply, ends: true }));
  await expect(connect(url)).rejects.toMatchObject({
    code: 'QUEUE_UNREACHABLE',
    message: expect.stringMatching(/cannot be reached: (?!no answer)/),
  });
  expect(Date.now() - startMs).toBeLessThan(5_000);
});

test('a server that takes a connection is used, and what it refuses later is a refusal', async () => {
  const { redis, failure } = await connect(await scripted(refusing('get', 'NOPERM no permissions'), '/3'));
  const error = await redis.get('x').catch(failure);
  expect(error).toMatchObject({ code: 'QUEUE_REFUSED' });
});

test('a password that was changed is a refusal, when the connection is lost and made again', async () => {
  let isChanged = false;
  const url = await scripted((command, args) =>
    isChanged ? { reply: '-WRONGPASS invalid username-password pair' } : OK(command, args),
  );
  const { redis, failure } = await connect(url);
  isChanged = true;
  open.sockets[0]!.destroy();
  await new Promise((done) => redis.once('close', done));
  const error = await redis.get('x').catch(failure);
  expect(error).toMatchObject({ code: 'QUEUE_REFUSED', message: expect.stringContaining('WRONGPASS') });
});
