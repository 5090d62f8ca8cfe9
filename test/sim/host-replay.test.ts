import { describe, expect, test } from 'vitest';
import { toHex } from '../../src/base/bytes.ts';
import { readLog } from '../../src/host/read-log.ts';
import type { Segment } from '../../src/host/store.ts';
import { decodeMessage } from '../../src/validator/messages.ts';
import { HEIGHTS, replaysAlike, storedRun } from './stored-run.ts';

describe.each(['direct', 'stem'] as const)('%s', (dissemination) => {
  const run = storedRun(4, dissemination);
  const { world, stores } = run;
  const { secrets, members } = world.committee;

  // Of one of the four validators; test/long/host-replay.test.ts goes through all.
  test('a replay from every snapshot sends byte for byte what was sent, and ends in the same state', () => {
    replaysAlike(run, dissemination === 'direct' ? 0 : 2);
  });

  test('a restart replays the inputs of one height, of two if the newest snapshot is damaged', () => {
    const inputsOf = ({ log }: Segment): number =>
      readLog(log, false).committed.filter(({ type }) => type === 'input').length;
    for (const { all } of stores) {
      const counts = all.map(inputsOf);
      const total = counts.reduce((sum, count) => sum + count, 0);
      expect(Math.max(...counts.map((count, k) => count + (counts[k + 1] ?? 0)))).toBeLessThan(total / 2);
    }
    for (const store of members.stores) expect(store.load()).toHaveLength(2);
  });

  test('no secret is in a log, a snapshot with its outbox, or a block', () => {
    for (const [i, store] of stores.entries()) {
      const blocks = Array.from({ length: HEIGHTS }, (_, at) => store.block((at + 1) as never)!);
      const kept = store.all.flatMap(({ snapshot, log }) => [snapshot ?? new Uint8Array(0), log]);
      const dump = Buffer.concat([...kept, ...blocks]);
      expect(dump.length).toBeGreaterThan(100_000);
      for (const [name, value] of Object.entries(secrets[i]!))
        for (const form of formsOf(value)) expect([name, dump.includes(form)]).toEqual([name, false]);
      // What is public is found in the same way.
      const ballots = world.committee.frames.flatMap(({ bytes }) => {
        const message = decodeMessage(bytes);
        return message?.kind === 'ballot' ? [message.ballot] : [];
      });
      expect(formsOf(ballots[0]!.nullifier).some((form) => dump.includes(form))).toBe(true);
    }
  });
});

/** Bytes of either order without leading zeros, hexadecimal and decimal digits. */
function formsOf(value: bigint | Uint8Array): Buffer[] {
  const digits = typeof value === 'bigint' ? value.toString(16) : toHex(value);
  const hex = digits.padStart(digits.length + (digits.length % 2), '0');
  const bytes = Buffer.from(hex, 'hex');
  const texts = [hex, hex.toUpperCase(), ...(typeof value === 'bigint' ? [value.toString()] : [])];
  return [bytes, Buffer.from(bytes).reverse(), ...texts.map((text) => Buffer.from(text))];
}
