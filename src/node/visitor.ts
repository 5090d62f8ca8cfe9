import { request } from 'node:https';
import type { TlsIdentity } from '../net/identity.ts';
import { secureOptions, streamName } from '../net/tls-listener.ts';
import type { Address } from '../net/transport.ts';
import type { VisitStatus } from './visits.ts';

/** From the question to the whole answer, ms. */
const VISIT_MS = 20_000;
const MAX_STATUS_BYTES = 1024;

/** A member of the registry that asks others what they show. Answers are hostile: what is not as expected is no answer. */
export class Visitor {
  readonly #identity: TlsIdentity;
  readonly #chain: Uint8Array;

  /** @param identity of the member's permanent key. @param chain its hash, 32 bytes */
  constructor(identity: TlsIdentity, chain: Uint8Array) {
    this.#identity = identity;
    this.#chain = chain;
  }

  async status(at: Address): Promise<VisitStatus | undefined> {
    const bytes = await this.get(at, '/status', MAX_STATUS_BYTES);
    try {
      const { epoch, certified } = JSON.parse(Buffer.from(bytes ?? []).toString('utf8'));
      return Number.isSafeInteger(epoch) && Number.isSafeInteger(certified)
        ? { epoch, certified }
        : undefined;
    } catch {
      return undefined;
    }
  }

  /** @returns undefined if nobody answers, or not with at most so many bytes */
  get(at: Address, path: string, maxBytes: number): Promise<Uint8Array | undefined> {
    return this.#ask(at, 'GET', path, undefined, maxBytes);
  }

  /** Hands in an item. @returns whether it was taken */
  async submit(at: Address, item: Uint8Array): Promise<boolean> {
    return (await this.#ask(at, 'POST', '/items', item, 0)) !== undefined;
  }

  #ask(
    { host, port }: Address,
    method: string,
    path: string,
    body: Uint8Array | undefined,
    maxBytes: number,
  ): Promise<Uint8Array | undefined> {
    return new Promise((resolve) => {
      const asked = request({
        host,
        port,
        method,
        path,
        servername: streamName(this.#chain),
        agent: false,
        signal: AbortSignal.timeout(VISIT_MS),
        headers: body === undefined ? {} : { 'content-length': body.length },
        ...secureOptions(this.#identity),
      });
      asked.on('error', () => resolve(undefined));
      asked.on('response', (reply) => {
        const chunks: Buffer[] = [];
        let length = 0;
        reply.on('error', () => resolve(undefined));
        reply.on('aborted', () => resolve(undefined));
        reply.on('data', (chunk: Buffer) => {
          length += chunk.length;
          if (length > maxBytes) asked.destroy();
          else chunks.push(chunk);
        });
        reply.on('close', () => resolve(undefined));
        reply.on('end', () => {
          const isGood = reply.statusCode === 200 || reply.statusCode === 204;
          resolve(isGood ? new Uint8Array(Buffer.concat(chunks)) : undefined);
        });
      });
      asked.end(body);
    });
  }
}
