import { describe, expect, test } from 'vitest';
import { MemoryLog } from '../../src/sim/host-log.ts';
import { Prng } from '../../src/sim/prng.ts';
import { CRASH_SCHEDULES, crashOptions, death, FATES, flaws, writesOf } from './crashes.ts';
import { MonitoredSimulation } from './vote-monitor.ts';

describe('who dies at a write and starts again from its log contradicts nothing, and the heights complete', () => {
  test.each(FATES)('one validator, at writes of which is left: %s', (fate) => {
    const writes = writesOf(1);
    expect(writes).toBeGreaterThan(40);
    for (let write = 1; write <= writes; write++)
      expect([write, ...flaws(death(1, write, fate))]).toEqual([write]);
  });

  test.each(FATES)('f + 1 at once: %s', (fate) => {
    const writes = writesOf(1);
    for (let write = 1; write <= writes; write++)
      expect([write, ...flaws(death(1, write, fate), { dieTogether: [1, 2] })]).toEqual([write]);
  });

  test.each(FATES)('all at once: %s', (fate) => {
    const writes = writesOf(2);
    for (let write = 1; write <= writes; write++)
      expect([write, ...flaws(death(2, write, fate), { dieTogether: [0, 1, 2, 3] })]).toEqual([write]);
  });

  test('all of them, many times, each by itself, over every schedule', () => {
    for (let seed = 1; seed <= 12; seed++) {
      const prng = new Prng(seed);
      const deaths = new Map(
        [0, 1, 2, 3].map((i) => [
          i,
          new Map(Array.from({ length: 8 }, () => [1 + prng.below(120), FATES[prng.below(3)]!] as const)),
        ]),
      );
      const schedule = CRASH_SCHEDULES[seed % CRASH_SCHEDULES.length]!;
      expect([seed, ...flaws(deaths, { seed, schedule, heights: 3 })]).toEqual([seed]);
    }
  });
});

test('a validator that wakes without its log contradicts itself, and the monitor hears it', () => {
  let heard = 0;
  for (let write = 1; write <= 200; write += 9) {
    for (const schedule of CRASH_SCHEDULES.slice(1)) {
      const simulation = new MonitoredSimulation(
        crashOptions(death(1, write, 'all'), { schedule, seed: write }),
      );
      simulation.start();
      simulation.logs[1] = new MemoryLog();
      while (simulation.step());
      heard += simulation.equivocations.length > 0 ? 1 : 0;
    }
  }
  expect(heard).toBeGreaterThan(0);
});

test('a log is as long as two heights, however many went by', () => {
  const sizes = [3, 30].map((heights) => {
    const simulation = new MonitoredSimulation(crashOptions(new Map(), { heights }));
    simulation.run();
    return simulation.logs.map((log) => log.read().length);
  });
  expect(sizes[1]).toEqual(sizes[0]);
});
