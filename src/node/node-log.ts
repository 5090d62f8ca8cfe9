import { type Logger, pino } from 'pino';

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export type NodeLog = Pick<Logger, LogLevel>;

/**
 * Lines of JSON on standard error. Only what is named here and there in this folder is logged: codes, numbers and public names. Nothing
 * is logged whole, for an object may come to hold a secret one day.
 */
export const openLog = (level: LogLevel): NodeLog =>
  pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  );
