import { expect, test } from 'vitest';
import type { Measured } from '../../../src/experiments/define.ts';
import { oneMachineModel } from '../../../src/experiments/one-machine.ts';
import { callName, restName, writeCalls, writePrice } from '../../../src/experiments/prices.ts';

const SIZE = { n: 4, batches: 10 };
const CASE = { ...SIZE, delayMs: 50, cores: 2, waitsMs: 30, protocolCpuMs: undefined };
const priced = (name: string, ms: number): Measured =>
  writePrice(name, { q1: ms, median: ms, q3: ms, timings: 30 });

/** A height of two ballots verified, ten batches verified and one opening. @param ms of a proof, of a verification, of an opening */
const measured = (proveMs: number, verifyMs: number, openMs: number): Measured => ({
  ...writeCalls({ ...SIZE, crashed: 0 }, [
    [
      { phase: 'spread', kind: 'verifyOrders', times: 10 },
      { phase: 'ballots', kind: 'proveBallot', times: 1 },
      { phase: 'ballots', kind: 'verifyBallot', times: 2 },
      { phase: 'settle', kind: 'openAll', times: 1 },
    ],
  ]),
  ...priced('prove ballot again', proveMs),
  ...priced('verify ballot', verifyMs),
  ...priced('verify orders', verifyMs),
  ...priced(callName('openAll', SIZE), openMs),
  ...priced(callName('coinShare', SIZE), 0),
  ...priced(callName('verifyCoinShare', SIZE), 0),
  ...priced(callName('combineCoin', SIZE), 0),
  ...priced(restName(SIZE), 0),
});

test('without work a height takes seven message delays and the timers that it waits for', () => {
  const { networkMs, settledMs, workMs, withProtocolMs } = oneMachineModel(CASE, measured(0, 0, 0));
  // Announcement, ballot, four of the common subset, finish; links have no bandwidth limit.
  expect(networkMs).toBe(7 * 50);
  expect([settledMs - networkMs, workMs, withProtocolMs]).toEqual([30, 0, undefined]);
});

test('validators share the cores: each one’s work takes as many times as long as there are validators to a core', () => {
  const workMs = (cores: number): number => oneMachineModel({ ...CASE, cores }, measured(60, 3, 2)).workMs;
  // A proof, one ballot and one batch verified after the others, one opening.
  const own = 60 + 3 + 3 + 2;
  expect([1, 2, 4, 8].map(workMs)).toEqual([4 * own, 2 * own, own, own]);
});

test('the measured work of the protocols takes the place of all but proofs, of which each is charged', () => {
  const { networkMs, withProtocolMs } = oneMachineModel({ ...CASE, protocolCpuMs: 800 }, measured(60, 3, 2));
  expect(withProtocolMs).toBe(networkMs + 30 + 2 * (60 + 12 * 3) + 400);
});
