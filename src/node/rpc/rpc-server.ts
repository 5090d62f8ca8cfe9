import { isIP } from 'node:net';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { z } from 'zod';
import { NetError } from '../../net/errors.ts';
import type { Address } from '../../net/transport.ts';
import { type AnsweringNode, METHODS, type MethodName } from './methods.ts';
import { RateLimit } from './rate-limit.ts';
import { type RpcErrorName, RpcFailure, rpcErrorBody } from './rpc-error.ts';

const MAX_BODY_BYTES = 1 << 16;
const MAX_CONNECTIONS = 64;
/** Requests in one batch. */
const MAX_BATCH = 16;
const REQUEST_MS = 10_000;
const KEEP_ALIVE_MS = 5_000;

const request = z.strictObject({
  jsonrpc: z.literal('2.0'),
  method: z.string(),
  params: z.record(z.string(), z.unknown()).optional(),
  id: z.union([z.string().max(64), z.int(), z.null()]).optional(),
});

/** A response of JSON-RPC 2.0. */
type Response = { readonly jsonrpc: '2.0'; readonly id: string | number | null } & (
  | { readonly result: unknown }
  | { readonly error: ReturnType<typeof rpcErrorBody> }
);

/**
 * Answers JSON-RPC 2.0 over HTTP: POST with application/json at `/`. It holds no secret and takes no order from its callers, but everything
 * that comes is hostile: bodies, rates and connections are bounded, and each refusal has a code. A page of a browser cannot call it: whatever
 * comes with an Origin is refused, and so is a Host that is a name of elsewhere, which is what a rebound name looks like.
 */
export class RpcServer {
  readonly #node: AnsweringNode;
  readonly #listen: Address;
  readonly #rate = new RateLimit();
  readonly #app: FastifyInstance;

  constructor(node: AnsweringNode, listen: Address) {
    this.#node = node;
    this.#listen = listen;
    this.#app = fastify({
      logger: false,
      bodyLimit: MAX_BODY_BYTES,
      requestTimeout: REQUEST_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      forceCloseConnections: true,
    });
    this.#app.server.maxConnections = MAX_CONNECTIONS;
    this.#app.removeAllContentTypeParsers();
    this.#app.addContentTypeParser('application/json', { parseAs: 'string' }, (_, body, done) =>
      done(null, body),
    );
    this.#app.addHook('onRequest', (asked, reply, done) => {
      const refused = this.#refusal(asked);
      if (refused === undefined) return done();
      void reply.code(refused === 'RPC_RATE' ? 429 : 403).send(failed(null, refused));
    });
    this.#app.setErrorHandler((_, __, reply) => void reply.code(400).send(failed(null, 'RPC_BODY')));
    this.#app.setNotFoundHandler((_, reply) => void reply.code(404).send(failed(null, 'RPC_REQUEST')));
    this.#app.get('/metrics', async (_, reply) => {
      void reply.type(this.#node.metrics.contentType);
      return this.#node.metrics.text();
    });
    this.#app.post('/', (asked, reply) => this.#post(asked, reply));
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

  #refusal({ headers, ip }: FastifyRequest): RpcErrorName | undefined {
    if (headers.origin !== undefined) return 'RPC_ORIGIN';
    const name = /^(?:\[([^\]]*)\]|([^:]*))(?::\d{1,5})?$/.exec(headers.host ?? '');
    const host = (name?.[1] ?? name?.[2] ?? '').toLowerCase();
    if (isIP(host) === 0 && host !== 'localhost' && host !== this.#listen.host.toLowerCase())
      return 'RPC_HOST';
    return this.#rate.take(ip, performance.now(), 1) ? undefined : 'RPC_RATE';
  }

  async #post(asked: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    let body: unknown;
    try {
      body = JSON.parse(String(asked.body));
    } catch {
      return reply.code(400).send(failed(null, 'RPC_PARSE'));
    }
    if (!Array.isArray(body)) {
      const answer = this.#answer(body, asked.ip);
      return answer === undefined ? reply.code(204).send() : reply.send(answer);
    }
    if (body.length === 0 || body.length > MAX_BATCH) return reply.send(failed(null, 'RPC_REQUEST'));
    const answers = body.map((each) => this.#answer(each, asked.ip)).filter((each) => each !== undefined);
    return answers.length === 0 ? reply.code(204).send() : reply.send(answers);
  }

  /** @returns undefined for a notification, which nobody waits for */
  #answer(body: unknown, ip: string): Response | undefined {
    const parsed = request.safeParse(body);
    if (!parsed.success) return failed(null, 'RPC_REQUEST');
    const { method: name, params = {}, id } = parsed.data;
    const response = this.#call(name, params, id ?? null, ip);
    return id === undefined ? undefined : response;
  }

  #call(name: string, params: unknown, id: string | number | null, ip: string): Response {
    if (!Object.hasOwn(METHODS, name)) return failed(id, 'RPC_METHOD');
    const { params: schema, run, cost } = METHODS[name as MethodName];
    if (!this.#rate.take(ip, performance.now(), cost)) return failed(id, 'RPC_RATE');
    const given = schema.safeParse(params);
    if (!given.success) {
      const { path, message } = given.error.issues[0]!;
      return failed(id, 'RPC_PARAMS', { where: path.join('.'), reason: message });
    }
    try {
      return { jsonrpc: '2.0', id, result: run(this.#node, given.data as never) };
    } catch (error) {
      return error instanceof RpcFailure ? failed(id, error.error, error.data) : failed(id, 'RPC_INTERNAL');
    }
  }
}

const failed = (id: string | number | null, error: RpcErrorName, data?: object): Response => ({
  jsonrpc: '2.0',
  id,
  error: rpcErrorBody(error, data),
});
