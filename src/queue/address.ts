import { QueueError } from './errors.ts';

/** Where a queue is, and what opens it. */
export interface QueueAddress {
  /** Without user and password: for people and messages. */
  readonly shown: string;
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly username?: string;
  /** Secret. */
  readonly password?: string;
  /** Of `rediss://`. `ca`: certificates in PEM that are trusted in place of the system's. */
  readonly tls?: { readonly ca?: string };
}

const HELP = 'redis://HOST:PORT/DB, or rediss:// for TLS, is expected';
const DEFAULT_PORT = 6379;

/**
 * @param text     `redis://[[user]:password@]host[:port][/db]`; errors do not repeat it, for it may hold a password
 * @param password in place of the one in the text
 * @throws {QueueError} QUEUE_ADDRESS
 */
export function parseQueueAddress(
  text: string,
  { password, ca }: { readonly password?: string; readonly ca?: string } = {},
): QueueAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isTls = url?.protocol === 'rediss:';
  if (url === undefined || (!isTls && url.protocol !== 'redis:') || url.hostname === '')
    throw new QueueError('QUEUE_ADDRESS', `the address of the queue is none: ${HELP}`);
  if (url.search !== '' || url.hash !== '' || !/^\/?$|^\/\d{1,4}$/.test(url.pathname))
    throw new QueueError('QUEUE_ADDRESS', `after the port only the number of a database is taken: ${HELP}`);
  if (ca !== undefined && !isTls)
    throw new QueueError('QUEUE_ADDRESS', 'certificates are for rediss://, and the address is redis://');
  const secret = password ?? plain(url.password);
  const username = plain(url.username);
  const port = url.port === '' ? DEFAULT_PORT : Number(url.port);
  const db = Number(url.pathname.slice(1));
  return {
    shown: `${url.protocol}//${url.hostname}:${port}/${db}`,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port,
    db,
    ...(username === '' ? {} : { username }),
    ...(secret === '' ? {} : { password: secret }),
    ...(isTls ? { tls: ca === undefined ? {} : { ca } } : {}),
  };
}

/** Whether an address carries a password, which others can read on a command line. */
export const hasPassword = (text: string): boolean => URL.canParse(text) && new URL(text).password !== '';

function plain(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new QueueError('QUEUE_ADDRESS', 'user and password of the address are written with % wrongly');
  }
}
