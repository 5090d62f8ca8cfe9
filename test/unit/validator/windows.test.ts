import { describe, expect, test } from 'vitest';
import { height } from '../../../src/params/ids.ts';
import { HEIGHT_WINDOW, MAX_MESSAGE_BYTES } from '../../../src/params/sizes.ts';
import { EarlyBox } from '../../../src/validator/early-box.ts';
import type { RoundMessage } from '../../../src/validator/messages.ts';
import { Out, type Sending } from '../../../src/validator/out.ts';
import { SendWindow } from '../../../src/validator/send-window.ts';
import { v } from './fixtures.ts';

const frame = (at: number | undefined, to: Sending['to'] = 'all', size = 3): Sending => ({
  to,
  at: at === undefined ? undefined : height(at),
  bytes: new Uint8Array(size).fill(at ?? 0),
});
const summary = (sends: readonly { to: unknown; bytes: Uint8Array }[]) =>
  sends.map(({ to, bytes }) => [to, bytes[0]]);

describe('what lies beyond a receiver’s window', () => {
  test('is kept back by the sender and released in order when the receiver is heard of', () => {
    const window = new SendWindow(3, v(0));
    expect(summary(window.pass(frame(1 + HEIGHT_WINDOW)))).toEqual([['all', 3]]);
    expect(summary(window.pass(frame(4)))).toEqual([[0, 4]]);
    expect(summary(window.pass(frame(5, v(1))))).toEqual([]);
    expect(summary(window.pass(frame(undefined, v(1))))).toEqual([[1, 0]]);
    expect(summary(window.reached(v(1), height(2)))).toEqual([[1, 4]]);
    expect(summary(window.reached(v(1), height(2)))).toEqual([]);
    expect(summary(window.reached(v(1), height(9)))).toEqual([[1, 5]]);
    expect(summary(window.pass(frame(11)))).toEqual([
      [0, 11],
      [1, 11],
    ]);
    expect(summary(window.reached(v(2), height(9)))).toEqual([
      [2, 4],
      [2, 11],
    ]);
  });

  test('is bounded for each peer: a silent one costs a limited number of bytes', () => {
    const window = new SendWindow(2, v(0));
    for (let i = 0; i < 20; i++) window.pass(frame(9, v(1), MAX_MESSAGE_BYTES));
    expect(window.reached(v(1), height(9))).toHaveLength(8);
    expect(summary(window.pass(frame(11, v(1))))).toEqual([[1, 11]]);
  });

  test('is a fault at the receiver, as is too much within it; each sender has a quota of its own', () => {
    const box = new EarlyBox();
    const out = new Out();
    const early = (from: number, at: number, bytes: number) =>
      box.keep(
        { from: v(from), message: { kind: 'settled' } as RoundMessage, at: height(at), bytes },
        height(1),
        out,
      );
    early(1, 4, 10);
    for (let i = 0; i < 5; i++) early(2, 3, MAX_MESSAGE_BYTES);
    early(3, 2, 10);
    expect(out.faults.map(({ by, fault }) => [by, fault])).toEqual([
      [1, 'MESSAGE_TOO_EARLY'],
      [2, 'MESSAGE_TOO_EARLY'],
    ]);
    expect(box.due(height(2)).map(({ from }) => from)).toEqual([3]);
    expect(box.due(height(3))).toHaveLength(4);
    early(2, 3, MAX_MESSAGE_BYTES);
    expect(out.faults).toHaveLength(2);
  });
});
