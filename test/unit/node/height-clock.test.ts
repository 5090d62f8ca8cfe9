import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { HeightClock, type Moment } from '../../../src/node/height-clock.ts';

let told: Record<string, number>;
let clock: HeightClock;
beforeEach(() => {
  vi.useFakeTimers({ now: 0, toFake: ['performance'] });
  told = {};
  clock = new HeightClock((part, ms) => {
    told[part] = Math.round(ms);
  });
});
afterEach(() => void vi.useRealTimers());

function pass(moments: readonly (readonly [Moment, number])[]): void {
  for (const [moment, ms] of moments) {
    vi.advanceTimersByTime(ms);
    clock.mark(moment);
  }
}

test('tells what lies between the moments of a height, each by its first mark', () => {
  pass([
    ['item', 5],
    ['item', 1],
    ['votable', 9],
    ['cast', 20],
    ['item', 3],
    ['proved', 40],
    ['proposed', 6],
    ['ordered', 100],
    ['settled', 30],
  ]);
  expect(told).toEqual({ spread: 10, gather: 20, prove: 43, ballots: 6, agree: 100, settle: 30 });
});

test('does not count what nobody waited for: parts add up though the own proof came last', () => {
  pass([
    ['item', 0],
    ['votable', 10],
    ['cast', 20],
    ['proposed', 40],
    ['ordered', 50],
    ['proved', 5],
    ['settled', 25],
  ]);
  expect(told).toEqual({ spread: 10, gather: 20, prove: 40, ballots: 0, agree: 50, settle: 30 });
});

test('tells nothing of a height without items, and forgets one that was not settled here', () => {
  pass([
    ['votable', 10],
    ['cast', 20],
    ['ordered', 40],
    ['settled', 50],
  ]);
  clock.began();
  pass([['item', 5]]);
  clock.began();
  pass([
    ['votable', 10],
    ['ordered', 40],
    ['settled', 50],
  ]);
  expect(told).toEqual({});
});
