import { expect, test } from 'vitest';
import { oneMachineModel } from '../../../src/experiments/one-machine.ts';

const NOTHING = {
  ballotProveMs: 0,
  ballotVerifyOneMs: 0,
  ballotVerifyMoreMs: 0,
  shareMs: 0,
  dleqPairMs: 0,
  combineMs4: 0,
  blsSignMs: 0,
  certificateMs4: 0,
  auctionBatchMs: 0,
};
const CASE = { n: 4, batches: 10, delayMs: 50, cores: 2, waitsMs: 30, protocolCpuMs: undefined };

test('without work a height takes seven message delays and the timers that it waits for', () => {
  const { networkMs, settledMs, workMs, withProtocolMs } = oneMachineModel(CASE, NOTHING);
  // Announcement, ballot, four of the common subset, finish; sizes take a little at 1 Gbit/s.
  expect(networkMs).toBeGreaterThanOrEqual(7 * 50);
  expect(networkMs).toBeLessThan(7 * 50 + 2);
  expect([settledMs - networkMs, workMs, withProtocolMs]).toEqual([30, 0, undefined]);
});

test('validators share the cores: each one’s work takes as many times as long as there are validators to a core', () => {
  const work = { ...NOTHING, ballotProveMs: 60, ballotVerifyOneMs: 3, ballotVerifyMoreMs: 1, shareMs: 2 };
  const workMs = (cores: number): number => oneMachineModel({ ...CASE, cores }, work).workMs;
  // A proof, three ballots and ten batches verified, ten shares.
  const own = 60 + (3 + 2) + (3 + 9) + 10 * 2;
  expect([1, 2, 4, 8].map(workMs)).toEqual([4 * own, 2 * own, own, own]);
});

test('the measured work of the protocols takes the place of the cryptography after the order', () => {
  const work = { ...NOTHING, ballotProveMs: 60, shareMs: 2 };
  const { networkMs, withProtocolMs } = oneMachineModel({ ...CASE, protocolCpuMs: 800 }, work);
  expect(withProtocolMs).toBe(networkMs + 30 + 2 * 60 + 400);
});
