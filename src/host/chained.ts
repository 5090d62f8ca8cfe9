import { equalBytes } from '../base/bytes.ts';
import { encodeState } from '../base/state-codec.ts';
import { hashBytes } from '../crypto/hash.ts';
import { NO_COMMIT, ownHeader } from './epoch-start.ts';
import { HostError, WHEN_DAMAGED } from './errors.ts';
import type { LogOwner } from './machine.ts';
import type { NumberedSending } from './outbox.ts';
import type { HeaderRecord } from './records.ts';

/** H(logCommit; commit before ‖ destination, numbers and bytes of every frame), 32 bytes. */
export const commitHash = (before: Uint8Array, sends: readonly NumberedSending[]): Uint8Array =>
  hashBytes('logCommit', encodeState([before, sends.map(({ to, numbers, bytes }) => [to, numbers, bytes])]));

const WHAT = {
  chain: 'chain',
  epoch: 'epoch',
  self: 'validator',
  dissemination: 'way of dissemination',
} as const;

/** @throws {HostError} HOST_LOG_OTHER if a segment is somebody else's */
export function requireOwner(found: HeaderRecord, owner: LogOwner): void {
  const wanted = ownHeader(owner, NO_COMMIT);
  const names = ['chain', 'epoch', 'self', 'dissemination'] as const;
  const other = names.find((name) => String(found[name]) !== String(wanted[name]));
  if (other === undefined) return;
  const message = `the log is of another ${WHAT[other]}: start with its own`;
  throw new HostError('HOST_LOG_OTHER', message, { what: other });
}

/** @throws {HostError} HOST_LOG_DAMAGED unless a segment goes on where the one before ended */
export function requireNext(found: HeaderRecord, owner: LogOwner, last: Uint8Array): void {
  requireOwner(found, owner);
  if (equalBytes(found.after, last)) return;
  throw new HostError('HOST_LOG_DAMAGED', `a part of the log is missing: ${WHEN_DAMAGED}`);
}

/** @throws {HostError} HOST_DIVERGED unless the commit of a replay is the one that was written */
export function requireSame(replayed: Uint8Array, written: Uint8Array, height: number): void {
  if (equalBytes(replayed, written)) return;
  throw new HostError(
    'HOST_DIVERGED',
    `the replay of the log sends something else than was sent, at height ${height}: it was written by a program with ` +
      'other rules, or with other keys, or by a validator that deviates on purpose. Nothing is sent',
    { height },
  );
}
