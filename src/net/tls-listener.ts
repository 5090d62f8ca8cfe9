import { constants } from 'node:crypto';
import type { AddressInfo, Socket } from 'node:net';
import { createSecureContext, createServer, type SecureContext, type Server, type TLSSocket } from 'node:tls';
import { toHex } from '../base/bytes.ts';
import { NetError } from './errors.ts';
import { peerKey, type TlsIdentity } from './identity.ts';
import type { Address } from './transport.ts';

/** From a connection to its hello, ms. */
export const HANDSHAKE_MS = 5_000;
/** Connections that have not shown a known key yet; of more, one at random is given up. */
const MAX_STRANGERS = 64;

/** Who answers at an address under one name. */
export interface Endpoint {
  readonly identity: TlsIdentity;
  /** Somebody has shown this key. The endpoint has the socket now: it destroys it if it does not know the key. */
  accept(key: Uint8Array, socket: TLSSocket): void;
}

/** The name under which the streams of an epoch, or of a generation of keys, are asked for in the handshake. @param epoch 32 bytes */
export const streamName = (epoch: Uint8Array): string => `${toHex(epoch).slice(0, 32)}.velum`;

/** Every handshake shows the key. A server's own options count for this, and not those of the key that it shows. */
const NOTHING_RESUMED = constants.SSL_OP_NO_TICKET;

/** What both ends of every stream insist on. */
export const secureOptions = ({ certificate, privateKey }: TlsIdentity) =>
  ({
    cert: certificate,
    key: privateKey,
    minVersion: 'TLSv1.3',
    // Keys are compared with those that are known; no authority vouches for them.
    rejectUnauthorized: false,
    secureOptions: NOTHING_RESUMED,
  }) as const;

/**
 * One address at which a process answers under several keys: those of the epoch that is over, and of the one that has begun. Who dials
 * says in the handshake (SNI) which one is meant, and is shown that one's key; whoever names none that is served here gets no handshake.
 *
 * Strangers are never counted by their address, for a validator may come from the same one; too many of them push each other out at
 * random, so a flood delays a validator and does not keep it out.
 */
export class TlsListener {
  readonly #listen: Address;
  readonly #server: Server;
  readonly #strangers = new Map<string, Socket>();
  readonly #endpoints = new Map<string, { readonly endpoint: Endpoint; readonly context: SecureContext }>();

  constructor(listen: Address, handshakeMs = HANDSHAKE_MS) {
    this.#listen = listen;
    this.#server = createServer({
      minVersion: 'TLSv1.3',
      secureOptions: NOTHING_RESUMED,
      requestCert: true,
      rejectUnauthorized: false,
      handshakeTimeout: handshakeMs,
      SNICallback: (name, answer) => {
        const served = this.#endpoints.get(name);
        if (served === undefined) return answer(new Error('nothing of this name is served here'));
        answer(null, served.context);
      },
    });
    this.#server.on('connection', (socket: Socket) => this.#onStranger(socket));
    this.#server.on('secureConnection', (socket) => this.#onSecure(socket));
    this.#server.on('tlsClientError', (_, socket) => socket.destroy());
  }

  /** @throws {NetError} NET_LISTEN */
  open(): Promise<Address> {
    const { host, port } = this.#listen;
    return new Promise((resolve, reject) => {
      this.#server.once('error', (cause: NodeJS.ErrnoException) => {
        const message = `cannot listen on ${host}:${port} (${cause.code}): name another address, or stop who uses it`;
        reject(new NetError('NET_LISTEN', message, { host, port }, cause));
      });
      this.#server.listen(port, host, () => {
        this.#server.removeAllListeners('error');
        this.#server.on('error', () => {});
        resolve({ host, port: (this.#server.address() as AddressInfo).port });
      });
    });
  }

  add(name: string, endpoint: Endpoint): void {
    // Once, and not for every handshake: reading a key costs more than anything else that a stranger's first message leads to.
    const context = createSecureContext(secureOptions(endpoint.identity));
    this.#endpoints.set(name, { endpoint, context });
  }

  remove(name: string): void {
    this.#endpoints.delete(name);
  }

  /** Listens no more. What endpoints were given is theirs to end. */
  async close(): Promise<void> {
    this.#endpoints.clear();
    for (const socket of this.#strangers.values()) socket.destroy();
    if (this.#server.listening) await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #onStranger(socket: Socket): void {
    const name = nameOf(socket);
    socket.on('error', () => {});
    socket.once('close', () => {
      if (this.#strangers.get(name) === socket) this.#strangers.delete(name);
    });
    this.#strangers.set(name, socket);
    if (this.#strangers.size <= MAX_STRANGERS) return;
    const all = [...this.#strangers.values()];
    all[Math.floor(Math.random() * all.length)]!.destroy();
  }

  #onSecure(socket: TLSSocket): void {
    socket.on('error', () => {});
    this.#strangers.delete(nameOf(socket));
    const { servername } = socket as TLSSocket & { readonly servername?: string | false };
    const endpoint = typeof servername === 'string' ? this.#endpoints.get(servername)?.endpoint : undefined;
    const key = peerKey(socket);
    if (endpoint === undefined || key === undefined) return void socket.destroy();
    endpoint.accept(key, socket);
  }
}

/** Tells connections apart while they last. */
const nameOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;
