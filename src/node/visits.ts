import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { equalBytes, toHex } from '../base/bytes.ts';
import type { TlsIdentity } from '../net/identity.ts';
import type { Endpoint } from '../net/tls-listener.ts';
import { type Height, height } from '../params/ids.ts';
import { MAX_ITEM_BYTES } from '../params/sizes.ts';

/** How far a member is. */
export interface VisitStatus {
  /** Number of the epoch in office; 0 while its first keys are generated. */
  readonly epoch: number;
  readonly certified: number;
}

/** What a member shows to other members of the registry. Whoever takes it checks it: nothing of it is trusted. */
export interface ShownToVisitors {
  status(): VisitStatus;
  block(at: Height): Uint8Array | undefined;
  /** The border at which an epoch began, as `encodeShownBorder` writes it. */
  border(epoch: number): Uint8Array | undefined;
  /** How the keys of the first epoch were generated, as `encodeGeneration` writes it. */
  generation(): Uint8Array | undefined;
  /** An item of a member that has no seat: hostile bytes. */
  submit(bytes: Uint8Array): void;
}

/** Connections of one member. */
const MAX_CONNECTIONS = 4;
const REQUEST_MS = 10_000;
const KEEP_ALIVE_MS = 30_000;

/**
 * Answers the members of the registry that have no stream to this one: those that joined since, and those that lag by more than an
 * epoch. HTTP over the same address and the same TLS as the streams, under the chain's name: GET /status, /generation,
 * /borders/<epoch>, /blocks/<height>; POST /items. Only keys of the registry are heard, and each of them on few connections.
 */
export class Visits implements Endpoint {
  readonly identity: TlsIdentity;
  readonly #registry: readonly Uint8Array[];
  readonly #shown: ShownToVisitors;
  readonly #server: Server;
  readonly #open = new Map<string, Set<TLSSocket>>();

  /** @param registry the members' permanent Ed25519 keys */
  constructor(identity: TlsIdentity, registry: readonly Uint8Array[], shown: ShownToVisitors) {
    this.identity = identity;
    this.#registry = registry;
    this.#shown = shown;
    this.#server = createServer({
      requestTimeout: REQUEST_MS,
      headersTimeout: REQUEST_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: 4096,
    });
    this.#server.on('request', (asked, reply) => this.#answer(asked, reply));
    this.#server.on('clientError', (_, socket) => socket.destroy());
  }

  accept(key: Uint8Array, socket: TLSSocket): void {
    if (!this.#registry.some((known) => equalBytes(known, key))) return void socket.destroy();
    const name = toHex(key);
    const open = this.#open.get(name) ?? new Set();
    this.#open.set(name, open);
    if (open.size >= MAX_CONNECTIONS) return void socket.destroy();
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    this.#server.emit('connection', socket);
  }

  close(): void {
    for (const open of this.#open.values()) for (const socket of open) socket.destroy();
    this.#server.close();
  }

  #answer(asked: IncomingMessage, reply: ServerResponse): void {
    if (asked.method === 'POST' && asked.url === '/items') return this.#take(asked, reply);
    const bytes = asked.method === 'GET' ? this.#read(asked.url ?? '') : undefined;
    asked.resume();
    if (bytes === undefined) return void reply.writeHead(404).end();
    reply.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes.length });
    reply.end(bytes);
  }

  #read(url: string): Uint8Array | undefined {
    if (url === '/status') return Buffer.from(JSON.stringify(this.#shown.status()));
    if (url === '/generation') return this.#shown.generation();
    const [, what, digits] = /^\/(blocks|borders)\/([1-9]\d{0,9})$/.exec(url) ?? [];
    const number = Number(digits);
    if (what === undefined || number >= 2 ** 32) return undefined;
    return what === 'blocks' ? this.#shown.block(height(number)) : this.#shown.border(number);
  }

  #take(asked: IncomingMessage, reply: ServerResponse): void {
    const chunks: Buffer[] = [];
    let length = 0;
    asked.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > MAX_ITEM_BYTES) asked.destroy();
      else chunks.push(chunk);
    });
    asked.on('end', () => {
      this.#shown.submit(new Uint8Array(Buffer.concat(chunks)));
      reply.writeHead(204).end();
    });
  }
}
