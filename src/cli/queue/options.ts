import { resolve } from 'node:path';
import type { Command } from 'commander';
import { hasPassword, parseQueueAddress, type QueueAddress } from '../../queue/address.ts';
import { CliError } from '../errors.ts';
import { readTextFile, type Terminal } from '../io.ts';

export interface QueueFlags {
  readonly queue?: string;
  readonly queueCa?: string;
  readonly queuePasswordFile?: string;
}

const MAX_PASSWORD_BYTES = 1024;
const MAX_CA_BYTES = 1 << 20;
const VARIABLE = 'VELUM_QUEUE_PASSWORD';

/** What every help of a command with a queue says. */
export const QUEUE_HELP = `The queue is a Redis server, 6.2 or newer. Its password is the first line of --queue-password-file, or ${VARIABLE}, or part of the
address, where other users of this machine may see it for a moment. rediss:// is TLS: a certificate of your own is trusted by --queue-ca, or
for all of Node by NODE_EXTRA_CA_CERTS.`;

/** Adds `--queue` and what opens it. */
export const withQueueOptions = (command: Command, what: string): Command =>
  command
    .option('--queue <url>', what)
    .option('--queue-ca <file>', 'certificates (PEM) that are trusted for rediss://')
    .option('--queue-password-file <file>', `the password of the queue (or ${VARIABLE})`);

/**
 * The queue that a command line names, undefined if it names none. A password on the command line is taken out of what other users of the
 * machine see of this process.
 * @throws {QueueError} QUEUE_ADDRESS; {CliError} USAGE; {FileError} FILE_UNREADABLE
 */
export async function queueOf(
  terminal: Terminal,
  { queue, queueCa, queuePasswordFile }: QueueFlags,
): Promise<QueueAddress | undefined> {
  if (queue === undefined) {
    if (queueCa === undefined && queuePasswordFile === undefined) return undefined;
    throw new CliError('USAGE', '--queue-ca and --queue-password-file are for --queue URL: say it');
  }
  if (hasPassword(queue)) process.title = 'velum';
  const read = (path: string, maxBytes: number): Promise<string> =>
    readTextFile(resolve(terminal.cwd, path), maxBytes);
  const ca = queueCa === undefined ? undefined : await read(queueCa, MAX_CA_BYTES);
  const password =
    queuePasswordFile === undefined
      ? process.env[VARIABLE]
      : (await read(queuePasswordFile, MAX_PASSWORD_BYTES)).split(/\r?\n/, 1)[0];
  return parseQueueAddress(queue, {
    ...(ca === undefined ? {} : { ca }),
    ...(password === undefined || password === '' ? {} : { password }),
  });
}
