import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Json } from './lying-proxy.ts';

/**
 * What is told in place of what a node answered, or the same; a text is no JSON and told as it is. The file `genesis.json` is asked for by
 * the method of its name.
 */
export type PageLie = (method: string, params: Json, answer: Json) => Json;

const GENESIS = 'genesis.json';

const POLICY = 'content-security-policy';
/** Where browsers report what the policy forbade, of the page and of its workers, from their first line of code on. */
const REPORTS = '/forbidden';

/**
 * A server between a browser and the node whose page it shows. All passes as it is, but answers to requests, and the genesis, as the lie has
 * them; and the policy asks for reports, which stay here.
 */
export class PageProxy {
  /** What is told before any lie, and is none: for instance how the chain was at one time. */
  truth: PageLie = (_method, _params, answer) => answer;
  /** undefined: nothing but the truth. */
  lie: PageLie | undefined;
  /** Spaces by which what is told is indented: it says the same. */
  indent = 0;
  /** Answers that were told otherwise. */
  told = 0;
  /** What the policy forbade. */
  readonly forbidden: string[] = [];
  /** Methods of requests that were passed on. */
  readonly methods = new Set<string>();
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

  /** From now on it tells this lie, or nothing but the truth. */
  begin(lie?: PageLie, indent = 0): void {
    this.lie = lie;
    this.indent = indent;
    this.told = 0;
  }

  async #pass(asked: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(asked);
    if (asked.url === REPORTS) {
      const report = JSON.parse(`${body}`)['csp-report'];
      this.forbidden.push(`${report['violated-directive']} ${report['blocked-uri']}`);
      response.writeHead(204).end();
      return;
    }
    const { hostname, port } = this.#node;
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const { method, url: path, headers } = asked;
      request({ hostname, port, method, path, headers }, resolve).on('error', reject).end(body);
    });
    const content = await buffer(answer);
    const policy = answer.headers[POLICY];
    if (policy !== undefined) answer.headers[POLICY] = `${policy}; report-uri ${REPORTS}`;
    const isGenesis = asked.url === `/${GENESIS}`;
    const question: Json = asked.method === 'POST' ? JSON.parse(`${body}`) : { method: GENESIS };
    if (asked.method === 'POST' || isGenesis) this.#note(question);
    if (asked.method !== 'POST' && !isGenesis) {
      response.writeHead(answer.statusCode!, answer.headers).end(content);
      return;
    }
    const told = this.#changed(question, JSON.parse(`${content}`));
    const text = typeof told === 'string' ? told : JSON.stringify(told, null, this.indent);
    const headers = { ...answer.headers, 'content-length': Buffer.byteLength(text) };
    response.writeHead(answer.statusCode!, headers).end(text);
  }

  #note(asked: Json): void {
    for (const { method } of [asked].flat()) this.methods.add(method);
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
    const params = asked.params ?? {};
    const truth = this.truth(asked.method, params, answered);
    const told = this.lie === undefined ? truth : this.lie(asked.method, params, truth);
    if (told !== truth) this.told++;
    return told;
  }
}

/** A lie about the results of one method. @param tell the same to tell the truth */
export const inResultOf =
  (method: string, tell: (result: Json, params: Json) => Json): PageLie =>
  (asked, params, answer) => {
    if (asked !== method || answer.result === undefined) return answer;
    const result = tell(answer.result, params);
    return result === answer.result ? answer : { ...answer, result };
  };
