import { open } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { PageFile } from './page-files.ts';

/** Whether an address, or a name in a URL, is of this machine alone. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

/** What browsers are told with every file: the page may run its own code, and speak to nobody but the server that it came from. */
function headersFor(host: string): Readonly<Record<string, string>> {
  return {
    'content-security-policy': [
      "default-src 'none'",
      "script-src 'self' 'wasm-unsafe-eval'",
      "style-src 'self'",
      "img-src 'self' data:",
      `connect-src 'self' ws://${host}`,
      "worker-src 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "form-action 'none'",
    ].join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
    // Nobody shares a process with the page, which is what lets its workers share memory.
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
    'cross-origin-resource-policy': 'same-origin',
  };
}

/** Serves the files of a page, each at its one address. */
export class PageServer {
  readonly #files: readonly PageFile[];

  constructor(files: readonly PageFile[]) {
    this.#files = files;
  }

  /** Adds a route for each file but the page itself, which is served at the address of requests. */
  addTo(app: FastifyInstance): void {
    for (const file of this.#files)
      if (file.url !== '/') app.get(file.url, (asked, reply) => send(file, asked.headers.host ?? '', reply));
  }

  /** The page itself. */
  index(host: string, reply: FastifyReply): Promise<FastifyReply> {
    return send(this.#files.find(({ url }) => url === '/')!, host, reply);
  }
}

/** @param host of the request, which was checked: an address or a name of this server, and a port */
async function send(
  { type, isHashed, content }: PageFile,
  host: string,
  reply: FastifyReply,
): Promise<FastifyReply> {
  void reply
    .headers(headersFor(host))
    .header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache')
    .type(type);
  if (Buffer.isBuffer(content)) return reply.send(content);
  const file = await open(content).catch(() => undefined);
  if (file === undefined) {
    reply.callNotFound();
    return reply;
  }
  const { size } = await file.stat();
  // No more is sent than is said, though the file grows meanwhile.
  const bytes = file.createReadStream({ end: Math.max(0, size - 1) });
  return reply.header('content-length', size).send(bytes);
}

/** What a browser says of the page that asks. */
export interface AskingPage {
  readonly origin?: string | undefined;
  readonly 'sec-fetch-site'?: string | string[] | undefined;
  readonly host?: string | undefined;
}

/**
 * Whether it is the page of this server itself that asks, or whoever types its address: the origin is the very Host of the request, and
 * both are this machine. Another port of it is another site.
 * @param host name or address in the Host header, checked
 */
export function isOwnPage(headers: AskingPage, host: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'none' && site !== 'same-origin') return false;
  return isLoopback(host) && (headers.origin === undefined || headers.origin === `http://${headers.host}`);
}
