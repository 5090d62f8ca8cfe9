import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Json } from './lying-proxy.ts';

/** A request on its way to the origin of the page. */
export interface AskedFor {
  readonly path: string;
  readonly body: Buffer;
}

/** The only way out of a browser that is told to use it as its proxy: it notes every byte that leaves, and passes on what goes to one origin alone. */
export class TrafficProxy {
  /** All that left for the origin: line, headers and body of each request. */
  readonly sent: Buffer[] = [];
  /** What was asked of anybody else, which nobody got. */
  readonly elsewhere: string[] = [];
  /** Answers in place of the origin; undefined: the origin answers. */
  instead: ((asked: AskedFor) => Promise<Buffer | undefined>) | undefined;
  readonly #origin: URL;
  readonly #server = createServer((asked, response) => {
    void this.#pass(asked, response).catch(() => response.destroy());
  });

  constructor(origin: string) {
    this.#origin = new URL(origin);
    // Whatever is encrypted, and every WebSocket, would be a tunnel, in which nothing can be read.
    this.#server.on('connect', ({ url }, socket) => {
      this.elsewhere.push(`CONNECT ${url}`);
      socket.destroy();
    });
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #pass(asked: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(asked);
    const { method, headers, rawHeaders } = asked;
    const url = URL.canParse(asked.url!) ? new URL(asked.url!) : undefined;
    if (url?.origin !== this.#origin.origin) {
      this.elsewhere.push(`${method} ${asked.url}`);
      response.writeHead(403).end();
      return;
    }
    this.sent.push(Buffer.concat([Buffer.from(`${method} ${url.href}\n${rawHeaders.join('\n')}\n`), body]));
    const path = url.pathname + url.search;
    const content = await this.instead?.({ path, body });
    if (content !== undefined) {
      response.writeHead(200, { 'content-length': content.length }).end(content);
      return;
    }
    const { hostname, port } = url;
    request({ hostname, port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    })
      .on('error', () => response.destroy())
      .end(body);
  }
}

/** Answers one method of the node otherwise. */
export const otherwise =
  (method: string, answer: (request: Json) => Promise<Json>) =>
  async ({ body }: AskedFor): Promise<Buffer | undefined> => {
    const request = body.length === 0 ? {} : JSON.parse(`${body}`);
    if (request.method !== method) return undefined;
    const { result, error } = await answer(request);
    return Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: request.id, result, error }));
  };
