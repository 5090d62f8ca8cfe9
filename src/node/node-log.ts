import { type Logger, pino } from 'pino';

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export type NodeLog = Pick<Logger, LogLevel>;

/** What waits for room at most where the log cannot be written; later lines are lost. */
const WAITING_BYTES = 1 << 16;

/**
 * Lines of JSON on standard error. Only what is named here and there in this folder is logged: codes, numbers and public names. Nothing
 * is logged whole, for an object may come to hold a secret one day. A log that cannot be written, on a full disk for instance, stops nobody.
 */
export const openLog = (level: LogLevel): NodeLog => {
  const destination = pino.destination({ dest: 2, sync: true, maxLength: WAITING_BYTES });
  destination.on('error', () => {});
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
};
