import { connect } from 'node:tls';
import { afterEach, expect, test, vi } from 'vitest';
import { secureOptions, streamName, TlsListener } from '../../../src/net/tls-listener.ts';
import { identityOf, publicKeyOf } from '../../helpers/net-peers.ts';

/** How often a key was read for a handshake. Dialling does not count: it happens inside of Node. */
const contexts = vi.hoisted(() => ({ made: 0 }));
vi.mock('node:tls', async (original) => {
  const real = await original<typeof import('node:tls')>();
  const createSecureContext: typeof real.createSecureContext = (options) => {
    contexts.made += 1;
    return real.createSecureContext(options);
  };
  return { ...real, createSecureContext };
});

const OLD = new Uint8Array(32).fill(1);
const NEW = new Uint8Array(32).fill(2);
let listener: TlsListener | undefined;
afterEach(() => listener?.close());

test('one address answers under the keys of two epochs, each to who asks for it, and to nobody under a name that is not served', async () => {
  listener = new TlsListener({ host: '127.0.0.1', port: 0 });
  const [old, now, dialler] = await Promise.all([identityOf(1), identityOf(2), identityOf(3)]);
  const heard: [string, Uint8Array][] = [];
  for (const [name, identity] of [
    ['old', old],
    ['now', now],
  ] as const)
    listener.add(streamName(name === 'old' ? OLD : NEW), {
      identity,
      accept: (key, socket) => {
        heard.push([name, key]);
        socket.destroy();
      },
    });
  const { port } = await listener.open();
  /** @returns the key that was shown; undefined if there was no handshake */
  const ask = (servername: string | undefined): Promise<Uint8Array | undefined> =>
    new Promise((resolve) => {
      const options = { host: '127.0.0.1', port, ...secureOptions(dialler) };
      const socket = connect(servername === undefined ? options : { ...options, servername });
      let shown: Uint8Array | undefined;
      socket.on('secureConnect', () => {
        const { x } = socket.getPeerX509Certificate()!.publicKey.export({ format: 'jwk' });
        shown = Uint8Array.from(Buffer.from(x!, 'base64url'));
      });
      socket.on('error', () => {});
      socket.on('close', () => resolve(shown));
      socket.resume();
    });
  expect(await ask(streamName(OLD))).toEqual(publicKeyOf(old));
  expect(await ask(streamName(NEW))).toEqual(publicKeyOf(now));
  expect(await ask(streamName(new Uint8Array(32)))).toBe(undefined);
  expect(await ask(undefined)).toBe(undefined);
  listener.remove(streamName(OLD));
  expect(await ask(streamName(OLD))).toBe(undefined);
  const key = publicKeyOf(dialler);
  expect(heard).toEqual([
    ['old', key],
    ['now', key],
  ]);
});

test('a key is read once and not for every handshake, and no handshake resumes another', async () => {
  listener = new TlsListener({ host: '127.0.0.1', port: 0 });
  const [own, dialler] = await Promise.all([identityOf(1), identityOf(2)]);
  const heard: Uint8Array[] = [];
  listener.add(streamName(NEW), {
    identity: own,
    accept: (key, socket) => {
      heard.push(key);
      socket.end('x');
    },
  });
  const { port } = await listener.open();
  contexts.made = 0;
  let session: Buffer | undefined;
  let reused = 0;
  for (let i = 0; i < 5; i++) {
    await new Promise<void>((resolve, reject) => {
      const socket = connect({
        host: '127.0.0.1',
        port,
        servername: streamName(NEW),
        ...secureOptions(dialler),
        ...(session === undefined ? {} : { session }),
      });
      socket.once('secureConnect', () => {
        if (socket.isSessionReused()) reused += 1;
      });
      socket.on('session', (given: Buffer) => {
        session = given;
      });
      socket.on('error', reject);
      socket.on('close', () => resolve());
      socket.resume();
    });
  }
  expect([contexts.made, reused]).toEqual([0, 0]);
  expect(heard).toEqual(Array.from({ length: 5 }, () => publicKeyOf(dialler)));
});
