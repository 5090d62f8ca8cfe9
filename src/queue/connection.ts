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
  let reason = `no answer in ${CONNECT_MS / 1000} s`;
  const redis = new Client({
    ...place,
    ...(tls === undefined ? {} : { tls: { ...tls } }),
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    maxRetriesPerRequest: null,
    retryStrategy(times) {
      lostMs ??= Date.now();
      return Date.now() - lostMs > RECONNECT_MS ? null : Math.min(100 * times, 2000);
    },
  });
  redis.on('error', (error: Error) => {
    reason = said(error);
  });
  redis.on('ready', () => {
    lostMs = undefined;
  });
  const failure = (error: unknown): unknown => {
    if (error instanceof VelumError || !(error instanceof Error)) return error;
    if (error.name === 'ReplyError')
      return new QueueError('QUEUE_REFUSED', `the queue ${queue} refuses: ${said(error)}`, { queue });
    if (!isOfConnection(error)) return error;
    const why = error.message === CLOSED ? reason : said(error);
    return new QueueError('QUEUE_UNREACHABLE', `the queue ${queue} cannot be reached: ${why}`, { queue });
  };
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(CLOSED)), CONNECT_MS);
    });
    await Promise.race([redis.connect().then(() => redis.ping()), late]);
  } catch (error) {
    redis.disconnect();
    throw failure(error);
  } finally {
    clearTimeout(timer);
  }
  return { redis, failure, close: () => redis.disconnect() };
}

/** What the client says of a connection that it has given up. */
const CLOSED = 'Connection is closed.';
/** Errors of sockets and of TLS carry a code of the system. */
const isOfConnection = (error: Error): boolean =>
  error.message === CLOSED || typeof (error as NodeJS.ErrnoException).code === 'string';

const said = (error: unknown): string =>
  printable(error instanceof Error ? error.message || error.name : String(error)).slice(0, MAX_REASON_CHARS);
