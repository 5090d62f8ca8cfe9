import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Json } from './lying-proxy.ts';

/** What is told in place of what a node answered to a request, or the same. */
export type PageLie = (method: string, params: Json, result: Json) => Json;

/** A server between a browser and the node whose page it shows. All passes as it is, but the results of requests as the lie has them. */
export class PageProxy {
  /** undefined: nothing but the truth. */
  lie: PageLie | undefined;
  /** Results that were told otherwise. */
  told = 0;
  readonly #node: URL;
  readonly #server = createServer((asked, response) => {
    void this.#pass(asked, response).catch(() => response.destroy());
  });

  /** @param page where the node serves its page */
  constructor(page: string) {
    this.#node = new URL(page);
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  /** Where the page stands for the browser. */
  get page(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #pass(asked: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(asked);
    const { hostname, port } = this.#node;
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const { method, url: path, headers } = asked;
      request({ hostname, port, method, path, headers }, resolve).on('error', reject).end(body);
    });
    const content = await buffer(answer);
    if (asked.method !== 'POST' || this.lie === undefined) {
      response.writeHead(answer.statusCode!, answer.headers).end(content);
      return;
    }
    const changed = JSON.stringify(this.#changed(JSON.parse(`${body}`), JSON.parse(`${content}`)));
    const headers = { ...answer.headers, 'content-length': Buffer.byteLength(changed) };
    response.writeHead(answer.statusCode!, headers).end(changed);
  }

  /** @param asked one request or a batch of them */
  #changed(asked: Json, answered: Json): Json {
    if (Array.isArray(answered))
      return answered.map((each) =>
        this.#changed(
          asked.find(({ id }: Json) => id === each.id),
          each,
        ),
      );
    if (answered.result === undefined) return answered;
    const result = this.lie!(asked.method, asked.params ?? {}, answered.result);
    if (result !== answered.result) this.told++;
    return { ...answered, result };
  }
}
