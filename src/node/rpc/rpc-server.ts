import { isIP } from 'node:net';
import websocket from '@fastify/websocket';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { WebSocket } from 'ws';
import { NetError } from '../../net/errors.ts';
import type { Address } from '../../net/transport.ts';
import { Answering, failed } from './answering.ts';
import type { AnsweringNode } from './method.ts';
import type { PageFile } from './page-files.ts';
import { isOwnPage, PageServer } from './page-server.ts';
import { RateLimit } from './rate-limit.ts';
import type { RpcErrorName } from './rpc-error.ts';
import { SocketSession } from './socket-session.ts';

const MAX_BODY_BYTES = 1 << 16;
/** Of HTTP and WebSocket together; the rest is for HTTP alone, so that a node can always be asked how it is. */
const MAX_CONNECTIONS = 64;
const MAX_SOCKETS = 16;
/** A request has to be there so soon, and its answer to be read without a longer pause, ms. */
const REQUEST_MS = 10_000;
const KEEP_ALIVE_MS = 5_000;
const CHECK_MS = 1_000;

/**
 * Answers JSON-RPC 2.0 over HTTP (POST with application/json at `/`) and over WebSocket at the same place. It holds no secret and takes no
 * order from its callers, but everything that comes is hostile: bodies, rates, connections and what waits to be read are bounded, and each
 * refusal has a code. A page of a browser cannot call it: whatever comes with an Origin or says that a page made it is refused, and so is a
 * Host that is a name of elsewhere, which is what a rebound name looks like. The one exception is the page that it serves itself, if it does.
 */
export class RpcServer {
  readonly #node: AnsweringNode;
  readonly #listen: Address;
  readonly #rate = new RateLimit();
  readonly #answering: Answering;
  readonly #app: FastifyInstance;
  readonly #sockets = new Set<WebSocket>();
  readonly #page: PageServer | undefined;

  /** @param page files of the page that is served at the same address; none if nothing is said */
  constructor(node: AnsweringNode, listen: Address, page?: readonly PageFile[]) {
    this.#node = node;
    this.#listen = listen;
    this.#page = page && new PageServer(page);
    this.#answering = new Answering(node, this.#rate);
    this.#app = fastify({
      logger: false,
      bodyLimit: MAX_BODY_BYTES,
      requestTimeout: REQUEST_MS,
      connectionTimeout: REQUEST_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      forceCloseConnections: true,
      http: { connectionsCheckingInterval: CHECK_MS },
    });
    this.#app.server.maxConnections = MAX_CONNECTIONS;
    this.#app.removeAllContentTypeParsers();
    this.#app.addContentTypeParser('application/json', { parseAs: 'string' }, (_, body, done) =>
      done(null, body),
    );
    this.#app.addHook('onRequest', (asked, reply, done) => {
      const refused = this.#refusal(asked);
      if (refused === undefined) return done();
      // Nobody else ends a connection that asked to become a WebSocket and is none.
      if (asked.headers.upgrade !== undefined) reply.raw.once('finish', () => asked.raw.socket.destroySoon());
      void reply.code(STATUS_CODES[refused] ?? 403).send(failed(null, refused));
    });
    this.#app.setErrorHandler((_, __, reply) => void reply.code(400).send(failed(null, 'RPC_BODY')));
    this.#app.setNotFoundHandler((_, reply) => void notFound(reply));
    this.#page?.addTo(this.#app);
    this.#app.get('/metrics', async (_, reply) => {
      void reply.type(this.#node.metrics.contentType);
      return this.#node.metrics.text();
    });
    this.#app.post('/', (asked, reply) => this.#post(asked, reply));
    void this.#app.register(websocket, {
      options: { maxPayload: MAX_BODY_BYTES, perMessageDeflate: false },
      preClose: (done) => {
        for (const socket of this.#sockets) socket.terminate();
        done();
      },
    });
    void this.#app.register(async (app) => {
      app.route({
        method: 'GET',
        url: '/',
        handler: async ({ headers }, reply) =>
          this.#page?.index(headers.host ?? '', reply) ?? notFound(reply),
        wsHandler: (socket, asked) => this.#open(socket, asked.ip),
      });
    });
  }

  /** @throws {NetError} NET_LISTEN */
  async open(): Promise<void> {
    const { host, port } = this.#listen;
    try {
      await this.#app.listen({ host, port });
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      const message = `cannot listen on ${host}:${port} (${code}): name another address, or stop who uses it`;
      throw new NetError('NET_LISTEN', message, { host, port }, cause);
    }
  }

  close(): Promise<void> {
    return this.#app.close();
  }

  #refusal({ headers, ip, url }: FastifyRequest): RpcErrorName | undefined {
    const name = /^(?:\[([^\]]*)\]|([^:]*))(?::\d{1,5})?$/.exec(headers.host ?? '');
    const host = (name?.[1] ?? name?.[2] ?? '').toLowerCase();
    // A page asks for some things without an Origin, and then its browser says so here.
    const site = headers['sec-fetch-site'];
    const isOfPage = headers.origin !== undefined || (site !== undefined && site !== 'none');
    if (isOfPage && !(this.#page !== undefined && isOwnPage(headers, host))) return 'RPC_ORIGIN';
    if (isIP(host) === 0 && host !== 'localhost' && host !== this.#listen.host.toLowerCase())
      return 'RPC_HOST';
    if (!this.#rate.take(ip, performance.now(), 1)) return 'RPC_RATE';
    if (headers.upgrade === undefined) return undefined;
    if (url !== '/') return 'RPC_REQUEST';
    return this.#sockets.size < MAX_SOCKETS ? undefined : 'RPC_CONNECTIONS';
  }

  async #post(asked: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const caller = { ip: asked.ip, subscriptions: undefined, unread: 0 };
    const answer = this.#answering.answer(String(asked.body), caller);
    if (answer === undefined) return reply.code(204).send();
    reply.raw.once('close', this.#answering.waits(answer.length));
    return reply.type('application/json').send(answer);
  }

  #open(socket: WebSocket, ip: string): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    const caller = { ip, rate: this.#rate };
    new SocketSession(socket, this.#answering, caller, (listener) => this.#node.events.listen(listener));
  }
}

const notFound = (reply: FastifyReply): FastifyReply => reply.code(404).send(failed(null, 'RPC_REQUEST'));

/** Of HTTP, for refusals that are no 403. */
const STATUS_CODES: Partial<Record<RpcErrorName, number>> = {
  RPC_RATE: 429,
  RPC_CONNECTIONS: 503,
  RPC_REQUEST: 404,
};
