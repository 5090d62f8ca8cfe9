import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { NodeTimers } from '../../../src/node/node-timers.ts';

let said: { readonly what: string; readonly atMs: number }[];
let isVerifying: boolean;
let timers: NodeTimers;
const note = (what: string) => (): void => void said.push({ what, atMs: Math.round(performance.now()) });
const timesOf = (what: string): number[] => said.filter((each) => each.what === what).map(({ atMs }) => atMs);

beforeEach(() => {
  vi.useFakeTimers({
    now: 0,
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'],
  });
  said = [];
  isVerifying = false;
  timers = new NodeTimers({
    observe: note('observe'),
    announce: note('announce'),
    ballot: note('ballot'),
    resend: note('resend'),
    isVerifying: () => isVerifying,
  });
  // Activity before the start counts for nothing.
  vi.advanceTimersByTime(2_000);
  said = [];
});
afterEach(() => {
  timers.close();
  vi.useRealTimers();
});

/** Moments counted from now. */
const after = (from: number, times: readonly number[]): number[] => times.map((atMs) => atMs - from);

test('while nothing happens nothing is announced, prices come every ten seconds, and re-sends grow rare', () => {
  vi.advanceTimersByTime(58_000);
  expect(timesOf('announce')).toEqual([]);
  expect(timesOf('ballot')).toEqual([]);
  expect(timesOf('observe').length).toBeLessThanOrEqual(6);
  const resends = timesOf('resend');
  expect(resends.slice(1).map((atMs, i) => atMs - resends[i]!)).toEqual([
    4_000, 8_000, 8_000, 8_000, 8_000, 8_000, 8_000,
  ]);
});

test('what comes from outside starts announcements for a while, and a height that gets further re-sends from the start', () => {
  const from = Math.round(performance.now());
  timers.active();
  timers.progressed();
  vi.advanceTimersByTime(5_000);
  const announced = after(from, timesOf('announce'));
  expect([
    announced[0],
    announced.length >= 18 && announced.length <= 20,
    announced.at(-1)! <= 2_000,
  ]).toEqual([100, true, true]);
  expect(after(from, timesOf('resend'))).toEqual([500, 1_500, 3_500]);
});

test('a ballot is due 20 ms after the last item, one second after the first at the latest, with fresh prices', () => {
  const from = Math.round(performance.now());
  for (let k = 0; k < 120; k++) {
    timers.ballotWanted();
    vi.advanceTimersByTime(10);
  }
  expect(after(from, timesOf('ballot'))).toEqual([1_000]);
  vi.advanceTimersByTime(100);
  expect(after(from, timesOf('ballot'))).toEqual([1_000, 1_210]);
  expect(timesOf('observe')).toEqual(expect.arrayContaining(timesOf('ballot')));
});

test('a ballot waits for proofs that are being verified, but not for ever', () => {
  const from = Math.round(performance.now());
  isVerifying = true;
  timers.ballotWanted();
  vi.advanceTimersByTime(500);
  expect(timesOf('ballot')).toEqual([]);
  isVerifying = false;
  vi.advanceTimersByTime(20);
  expect(timesOf('ballot').length).toBe(1);
  isVerifying = true;
  timers.ballotWanted();
  vi.advanceTimersByTime(1_100);
  expect(after(from, timesOf('ballot')).at(-1)).toBeLessThanOrEqual(520 + 1_020);
});
