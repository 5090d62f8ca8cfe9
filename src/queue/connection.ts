import type { Redis } from 'ioredis';
import { VelumError } from '../base/errors.ts';
import { printable } from '../formats/problems.ts';
import type { QueueAddress } from './address.ts';
import { QueueError } from './errors.ts';
import { CONNECT_MS, MAX_REASON_CHARS, RECONNECT_MS } from './limits.ts';

/** A connection to the Redis server of a queue. */
export interface QueueConnection {
  readonly redis: Redis;
  /** What work with it throws, in words if it is the queue's: without a password, and without the command that failed, which may hold one. */
  readonly failure: (error: unknown) => unknown;
  close(): void;
}

/**
 * Opens a connection, or gives up after `CONNECT_MS`. One that is lost later is tried again for `RECONNECT_MS`; then all that waits for it
 * fails.
 * @throws {QueueError} QUEUE_UNREACHABLE, QUEUE_REFUSED
 */
export async function openConnection(address: QueueAddress): Promise<QueueConnection> {
  // Only here, so that nobody else loads it.
  const { Redis: Client } = await import('ioredis');
  const { shown: queue, tls, ...place } = address;
  let lostMs: number | undefined;
  // The client says only that a connection has closed; what closed it came before, as an event.
  let cause: Error | undefined;
  const redis = new Client({
    ...place,
    ...(tls === undefined ? {} : { tls: { ...tls } }),
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    maxRetriesPerRequest: null,
    // A server that takes no more clients answers one request and closes; the client tells an answer when all its requests are answered.
    disableClientInfo: true,
    retryStrategy(times) {
      lostMs ??= Date.now();
      return Date.now() - lostMs > RECONNECT_MS ? null : Math.min(100 * times, 2000);
    },
  });
  redis.on('connect', () => {
    cause = undefined;
  });
  redis.on('error', (error: Error) => {
    cause = error;
  });
  redis.on('ready', () => {
    lostMs = undefined;
  });
  const told = (error: Error): Error => {
    const why = error.message === CLOSED ? (cause ?? error) : error;
    return isRefusal(why)
      ? new QueueError('QUEUE_REFUSED', `the queue ${queue} refuses: ${said(why)}`, { queue })
      : new QueueError('QUEUE_UNREACHABLE', `the queue ${queue} cannot be reached: ${said(why)}`, { queue });
  };
  const failure = (error: unknown): unknown =>
    error instanceof Error && (error === cause || isOfConnection(error)) ? told(error) : error;
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(cause ?? new Error(SILENT)), CONNECT_MS);
    });
    await Promise.race([redis.connect().then(() => redis.ping()), late]);
    // If the server refuses the database, the client goes on with database 0.
    if (cause !== undefined) throw cause;
  } catch (error) {
    redis.disconnect();
    throw told(error as Error);
  } finally {
    clearTimeout(timer);
  }
  return { redis, failure, close: () => redis.disconnect() };
}

/** What the client says of a connection that it has given up. */
const CLOSED = 'Connection is closed.';
const SILENT = `no answer in ${CONNECT_MS / 1000} s`;
/** The server has answered, with an error. */
const isRefusal = (error: Error): boolean => error.name === 'ReplyError';
/** Errors of sockets and of TLS carry a code of the system. */
const isOfConnection = (error: Error): boolean =>
  !(error instanceof VelumError) &&
  (isRefusal(error) || error.message === CLOSED || typeof (error as NodeJS.ErrnoException).code === 'string');

const said = (error: unknown): string =>
  printable(error instanceof Error ? error.message || error.name : String(error)).slice(0, MAX_REASON_CHARS);
