import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { decodeState, encodeState } from '../../../src/base/state-codec.ts';
import { height } from '../../../src/params/ids.ts';
import { HEIGHT_WINDOW, MAX_MESSAGE_BYTES, QUEUE_ENTRY_BYTES } from '../../../src/params/sizes.ts';
import { EARLY_BYTES, EarlyBox } from '../../../src/validator/early-box.ts';
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
    const window = new SendWindow(3, v(0), height(1));
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

  test('is dropped once its height is certified, and makes room', () => {
    const window = new SendWindow(2, v(0), height(1));
    const size = 2 * MAX_MESSAGE_BYTES - QUEUE_ENTRY_BYTES;
    for (const at of [4, 5, 6]) window.pass(frame(at, v(1), size));
    window.certified(height(5));
    for (const at of [7, 8, 9]) window.pass(frame(at, v(1), size));
    window.pass(frame(9, v(1)));
    expect(summary(window.reached(v(1), height(9)))).toEqual([
      [1, 6],
      [1, 7],
      [1, 8],
      [1, 9],
    ]);
  });

  test('is bounded for each peer: a silent one costs a limited number of bytes', () => {
    const window = new SendWindow(2, v(0), height(1));
    for (let i = 0; i < 20; i++) window.pass(frame(9, v(1), MAX_MESSAGE_BYTES - QUEUE_ENTRY_BYTES));
    expect(window.reached(v(1), height(9))).toHaveLength(8);
    expect(summary(window.pass(frame(11, v(1))))).toEqual([[1, 11]]);
  });

  test('is a fault at the receiver, as is too much within it; each sender has a quota of its own', () => {
    const box = new EarlyBox();
    const out = new Out();
    const early = (from: number, at: number, bytes: number) =>
      box.keep({ from: v(from), at: height(at), frame: new Uint8Array(bytes) }, height(1), out);
    early(1, 4, 10);
    for (let i = 0; i < 5; i++) early(2, 3, MAX_MESSAGE_BYTES - QUEUE_ENTRY_BYTES);
    early(3, 2, 10);
    expect(out.faults.map(({ by, fault }) => [by, fault])).toEqual([
      [1, 'MESSAGE_TOO_EARLY'],
      [2, 'MESSAGE_TOO_EARLY'],
    ]);
    expect(box.due(height(2)).map(({ from }) => from)).toEqual([3]);
    expect(box.due(height(3))).toHaveLength(4);
    early(2, 3, MAX_MESSAGE_BYTES - QUEUE_ENTRY_BYTES);
    expect(out.faults).toHaveLength(2);
  });
});

describe('what is kept back or came early, restored from what it was written down as', () => {
  const write = <T>(state: T): T => decodeState(encodeState(state)) as T;
  const same = (a: unknown, b: unknown): boolean => Buffer.from(encodeState(a)).equals(encodeState(b));

  test('is sent to those who wait for it, within the same bound, and a frame for all is written once', () => {
    const window = new SendWindow(3, v(0), height(1));
    window.pass(frame(4, 'all', 1000));
    window.pass(frame(5, v(1)));
    for (let i = 0; i < 20; i++) window.pass(frame(9, v(2), MAX_MESSAGE_BYTES));
    window.reached(v(1), height(2));
    const state = window.state();
    expect(encodeState(state).length).toBeLessThan(8 * MAX_MESSAGE_BYTES + 2000);
    const restored = SendWindow.restore(write(state), v(0));
    expect(same(restored.state(), state)).toBe(true);
    for (const each of [window, restored]) {
      expect(each.pass(frame(9, v(2), MAX_MESSAGE_BYTES))).toEqual([]);
      expect(summary(each.reached(v(1), height(9)))).toEqual([[1, 5]]);
    }
    expect(same(restored.reached(v(2), height(9)), window.reached(v(2), height(9)))).toBe(true);
  });

  test('is taken out in the order in which it came, within the same bound', () => {
    const box = new EarlyBox();
    const early = (from: number, at: number, bytes = 10) => ({
      from: v(from),
      at: height(at),
      frame: new Uint8Array(bytes).fill(from),
    });
    const most = EARLY_BYTES - 2 * QUEUE_ENTRY_BYTES - 1;
    for (const each of [early(2, 2), early(1, 3, most), early(1, 2, 1)]) box.keep(each, height(1), new Out());
    const restored = EarlyBox.restore(write(box.state()));
    const out = new Out();
    restored.keep(early(1, 2, 1), height(1), out);
    expect(out.faults).toMatchObject([{ by: 1, fault: 'MESSAGE_TOO_EARLY' }]);
    // Megabytes are compared by their hash: byte by byte the test's own comparison takes most of a minute.
    const due = (each: EarlyBox, at: number) =>
      each.due(height(at)).map(({ from, frame }) => [from, createHash('sha256').update(frame).digest('hex')]);
    for (const at of [2, 3]) {
      const kept = due(box, at);
      expect(kept).not.toEqual([]);
      expect(due(restored, at)).toEqual(kept);
    }
  });
});
