import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { addressText } from '../../src/cli/node/settings.ts';
import type { Address } from '../../src/net/transport.ts';

// biome-ignore lint/suspicious/noExplicitAny: what is answered is what is changed
export type Json = any;

/** One request and what an honest node answered. */
export interface Exchange {
  readonly method: string;
  readonly params: Json;
  readonly answer: Json;
}

/** What a proxy does in place of an answer: another JSON value, or whatever it does with the response itself. */
export type Told = { readonly json: Json } | { readonly raw: (response: ServerResponse) => void };

/** A lie about the answers of one method. */
export interface Lie {
  readonly method: string;
  readonly where: string;
  /** So many answers of the method are true before. */
  readonly after: number;
  /** How many answers are changed. */
  readonly times: number;
  /** The request does not reach the node. */
  readonly isKept?: boolean;
  /** @returns undefined to tell the truth: of this answer there is no such lie */
  readonly tell: (exchange: Exchange) => Told | undefined;
}

/** An HTTP server in front of an honest node that changes what it answers. */
export class LyingProxy {
  lie: Lie | undefined;
  /** Since the last `begin`. */
  exchanges: Exchange[] = [];
  told = 0;
  address: Address = { host: '127.0.0.1', port: 0 };
  readonly #onAsked: (method: string) => void;
  readonly #node: Address;
  readonly #server = createServer((request, response) => {
    void this.#answer(request, response).catch(() => response.destroy());
  });

  /** @param onAsked told of each request before it reaches the node */
  constructor(node: Address, onAsked: (method: string) => void = () => {}) {
    this.#node = node;
    this.#onAsked = onAsked;
  }

  get rpc(): string {
    return addressText(this.address);
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.address = { host: '127.0.0.1', port: (this.#server.address() as AddressInfo).port };
    return this;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** From now on it tells this lie, or nothing but the truth. */
  begin(lie?: Lie): void {
    this.lie = lie;
    this.exchanges = [];
    this.told = 0;
  }

  async #answer(request: AsyncIterable<Buffer>, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    const body = Buffer.concat(pieces).toString('utf8');
    const { method, params } = JSON.parse(body) as Json;
    this.#onAsked(method);
    const before = this.exchanges.filter((each) => each.method === method).length;
    const { lie } = this;
    const isDue = lie !== undefined && lie.method === method && before >= lie.after && this.told < lie.times;
    const due = isDue ? lie : undefined;
    const answer = due?.isKept === true ? { jsonrpc: '2.0', id: 1, result: {} } : await this.#ask(body);
    const exchange = { method, params, answer };
    const told = due?.tell(exchange);
    this.exchanges.push(exchange);
    if (told !== undefined) this.told += 1;
    if (told !== undefined && 'raw' in told) return told.raw(response);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(told === undefined ? answer : told.json));
  }

  async #ask(body: string): Promise<Json> {
    const response = await fetch(`http://${addressText(this.#node)}/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    return response.json();
  }
}
