import { expect, test } from 'vitest';
import { opinions, type Visible } from '../../../src/experiments/deposit-observers.ts';

test('an observer gives a withdrawal to whom nothing else is left for', () => {
  const events: Visible[] = [
    { type: 'in', height: 1, address: 0, account: 10, amount: 50_010, truth: 0 },
    { type: 'in', height: 1, address: 1, account: 11, amount: 60_010, truth: 1 },
    // Takes the whole of the first note, which pays nothing else then.
    { type: 'batch', height: 3, account: 20, amount: 50_000, truth: 0 },
    // A part of either: 40 % of 50,010 or a third of 60,010.
    { type: 'batch', height: 4, account: 21, amount: 20_004, truth: 1 },
  ];
  const outs = [20, 21].map((account, truth) => ({
    type: 'out' as const,
    height: 9,
    account,
    amount: 1,
    truth,
  }));
  const { matching, alone } = opinions('account per batch', events, outs, 2);
  expect(alone[1]![0]).toBeGreaterThan(0.45);
  expect(matching[1]![1]).toBeGreaterThan(0.99);
});
