import { describe, expect, test } from 'vitest';
import { matched, matchedExactly, matchedOneToOne } from '../../../src/experiments/matching.ts';
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

/** Weights of which a third is nearly nothing. */
const randomWeights = (size: number, prng: Prng): number[][] =>
  Array.from({ length: size }, () =>
    Array.from({ length: size }, () => (prng.below(3) === 0 ? 0.0001 : prng.below(1000) / 1000)),
  );

describe('matching one to one', () => {
  test('is exact for a few: as by counting all ways', () => {
    const prng = new Prng(6);
    for (const size of [1, 2, 4, 6]) {
      const weights = randomWeights(size, prng);
      const exact = counted(weights);
      matchedExactly(weights).forEach((line, i) => {
        line.forEach((p, j) => {
          expect(p).toBeCloseTo(exact[i]![j]!, 9);
        });
      });
    }
  });

  test('gives each row one in all, for few and for many', () => {
    for (const size of [3, 13, 14, 30])
      for (const line of matchedOneToOne(randomWeights(size, new Prng(size))))
        expect(line.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9);
  });

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
      const weights = randomWeights(6, prng);
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
