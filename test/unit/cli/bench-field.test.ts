import { expect, test } from 'vitest';
import { fieldRows } from '../../../src/cli/bench/field.ts';

test('each protocol of the field is measured, all correct and with f crashed, and what they give up shows', async () => {
  const measured: string[] = [];
  const rows = await fieldRows((what) => measured.push(what), [4]);
  expect(measured).toHaveLength(10);
  const of = (acs: string, faulty: number) => rows.find((row) => row.acs === acs && row.faulty === faulty)!;
  expect(rows.map(({ acs, outputs }) => [acs, outputs])).toEqual([
    ['first-hand', 4],
    ['first-hand', 3],
    ['pbft', 1],
    ['pbft', 1],
    ['hotstuff', 1],
    ['hotstuff', 1],
    ['fin', 3],
    ['fin', 3],
    ['alea', 3],
    ['alea', 3],
  ]);
  expect(['first-hand', 'pbft', 'hotstuff', 'fin', 'alea'].map((acs) => of(acs, 0).ms)).toEqual([
    400, 300, 700, 800, 600,
  ]);
  // Dead leaders cost time-outs, a dead proposer of a common subset four delays, and a dead queue as many in three of four heights: in one it is the last.
  expect(of('pbft', 1).ms).toBeGreaterThan(500);
  expect(of('hotstuff', 1).ms).toBeGreaterThan(900);
  expect([of('alea', 1).ms, of('first-hand', 1).ms]).toEqual([900, 800]);
  for (const { bytes, outputs, bytesPerOutput } of rows) expect(bytesPerOutput).toBeCloseTo(bytes / outputs);
});
