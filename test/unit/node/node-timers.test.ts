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

test('what was admitted is announced 10 ms after the last of it when nothing is being verified, and 50 ms after what was announced before', () => {
  const from = Math.round(performance.now());
  isVerifying = true;
  timers.admitted();
  vi.advanceTimersByTime(6);
  timers.admitted();
  vi.advanceTimersByTime(20);
  isVerifying = false;
  vi.advanceTimersByTime(14);
  expect(after(from, timesOf('announce'))).toEqual([30]);
  for (let k = 0; k < 8; k++) {
    timers.admitted();
    vi.advanceTimersByTime(15);
  }
  expect(after(from, timesOf('announce')).slice(0, 2)).toEqual([30, 80]);
  const apart = timesOf('announce').map((atMs, i, all) => atMs - (all[i - 1] ?? 0));
  expect(Math.min(...apart)).toBeGreaterThanOrEqual(30);
});

test('a ballot is due 20 ms after the last item, one second after there was something to vote on at the latest, with fresh prices', () => {
  const from = Math.round(performance.now());
  timers.votable();
  for (let k = 0; k < 120; k++) {
    timers.admitted();
    vi.advanceTimersByTime(10);
  }
  expect(after(from, timesOf('ballot'))).toEqual([1_000]);
  vi.advanceTimersByTime(100);
  expect(after(from, timesOf('ballot')), 'nobody asked for another').toEqual([1_000]);
  timers.votable();
  vi.advanceTimersByTime(1);
  expect(after(from, timesOf('ballot')), 'what was admitted is long here').toEqual([1_000, 1_300]);
  timers.admitted();
  timers.votable();
  timers.began();
  vi.advanceTimersByTime(100);
  expect(after(from, timesOf('ballot')), 'the height is over').toEqual([1_000, 1_300]);
  expect(timesOf('observe')).toEqual(expect.arrayContaining(timesOf('ballot')));
});

test('a ballot waits for proofs that are being verified, but not for ever', () => {
  const from = Math.round(performance.now());
  isVerifying = true;
  timers.votable();
  vi.advanceTimersByTime(500);
  expect(timesOf('ballot')).toEqual([]);
  isVerifying = false;
  vi.advanceTimersByTime(20);
  expect(timesOf('ballot').length).toBe(1);
  isVerifying = true;
  timers.votable();
  vi.advanceTimersByTime(1_100);
  expect(after(from, timesOf('ballot')).at(-1)).toBeLessThanOrEqual(520 + 1_020);
});
