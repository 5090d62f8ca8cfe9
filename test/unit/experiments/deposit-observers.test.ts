import { describe, expect, test } from 'vitest';
import { matched, opinions, type Visible } from '../../../src/experiments/deposit-observers.ts';
import { Prng } from '../../../src/sim/prng.ts';

const ones = (count: number): number[] => new Array<number>(count).fill(1);

/** P(row i with column j) over all perfect matchings, each with the product of its weights: by counting all of them. */
function counted(weights: readonly (readonly number[])[]): number[][] {
  const sums = weights.map((line) => line.map(() => 0));
  let total = 0;
  const visit = (row: number, chosen: readonly number[], product: number): void => {
    if (product === 0) return;
    if (row === weights.length) {
      total += product;
      chosen.forEach((column, i) => {
        sums[i]![column]! += product;
      });
      return;
    }
    for (let column = 0; column < weights.length; column++)
      if (!chosen.includes(column)) visit(row + 1, [...chosen, column], product * weights[row]![column]!);
  };
  visit(0, [], 1);
  return sums.map((line) => line.map((sum) => sum / total));
}

describe('matching one to one', () => {
  test('says what each weight alone does not: the rest is taken', () => {
    const weights = [
      [1, 1, 0],
      [1, 0, 0],
      [1, 1, 1],
    ];
    const found = matched(weights, ones(3), ones(3));
    const certain = counted(weights);
    expect(certain).toEqual([
      [0, 1, 0],
      [1, 0, 0],
      [0, 0, 1],
    ]);
    found.forEach((line, i) => {
      line.forEach((p, j) => {
        expect(p).toBeCloseTo(certain[i]![j]!, 3);
      });
    });
  });

  test('comes near the exact probabilities of random weights, and names the same in nearly all rows', () => {
    const prng = new Prng(5);
    let [distance, named, same] = [0, 0, 0];
    for (let k = 0; k < 40; k++) {
      const weights = Array.from({ length: 6 }, () =>
        Array.from({ length: 6 }, () => (prng.below(3) === 0 ? 0.0001 : prng.below(1000) / 1000)),
      );
      const [found, exact] = [matched(weights, ones(6), ones(6)), counted(weights)];
      exact.forEach((line, i) => {
        for (const [j, p] of line.entries()) distance += Math.abs(found[i]![j]! - p) / line.length;
        named += 1;
        if (line.indexOf(Math.max(...line)) === found[i]!.indexOf(Math.max(...found[i]!))) same += 1;
      });
    }
    expect(distance / named).toBeLessThan(0.03);
    expect(same / named).toBeGreaterThan(0.95);
  });

  test('takes classes of equal things as it takes them one by one', () => {
    const classes = matched(
      [
        [0.9, 0.1],
        [0.2, 0.7],
      ],
      [2, 1],
      [1, 2],
    );
    const single = matched(
      [
        [0.9, 0.1, 0.1],
        [0.9, 0.1, 0.1],
        [0.2, 0.7, 0.7],
      ],
      ones(3),
      ones(3),
    );
    expect(classes[0]![0]).toBeCloseTo(single[0]![0]!, 6);
    expect(classes[1]![1]).toBeCloseTo(single[2]![1]!, 6);
  });
});

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
