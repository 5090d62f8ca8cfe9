import { describe, expect, test } from 'vitest';
import { acsProtocol } from '../../src/consensus/protocol.ts';
import { openErasureCode } from '../../src/node/erasure-code.ts';
import { CRASH_SCHEDULES, death, FATES, flaws, writesOf } from '../sim/crashes.ts';

const erasure = await openErasureCode();
const PROTOCOLS = [
  acsProtocol('first-hand', 'digest'),
  acsProtocol('bkr', 'digest'),
  acsProtocol('first-hand', 'avid', erasure),
];

/**
 * At every write of every schedule, alone, f + 1 and all together. Over three seeds each of the three fates of a write
 * meets every number; test/sim has all three of them in one schedule.
 */
describe.each(PROTOCOLS)('$name', (protocol) => {
  test.each(CRASH_SCHEDULES)('dies at every write, over %j', (schedule) => {
    for (const dieTogether of [[0], [0, 1], [0, 1, 2, 3]]) {
      for (const seed of [1, 2, 3]) {
        const more = { protocol, schedule, seed, dieTogether };
        const writes = writesOf(0, more);
        for (let write = 1; write <= writes; write++) {
          const fate = FATES[(write + seed) % 3]!;
          expect([seed, write, fate, ...flaws(death(0, write, fate), more)]).toEqual([seed, write, fate]);
        }
      }
    }
  });

  test('seven validators, one height: f + 1, and all', () => {
    for (const dieTogether of [
      [0, 1, 2],
      [0, 1, 2, 3, 4, 5, 6],
    ]) {
      const more = { protocol, n: 7, heights: 1, dieTogether, schedule: CRASH_SCHEDULES[1]! };
      const writes = writesOf(0, more);
      for (let write = 1; write <= writes; write++) {
        const fate = FATES[write % 3]!;
        expect([write, fate, ...flaws(death(0, write, fate), more)]).toEqual([write, fate]);
      }
    }
  });
});
