import { describe, expect, test } from 'vitest';
import { mostHarmful } from '../../../src/experiments/most-harmful.ts';
import { type ItemId, itemId } from '../../../src/params/ids.ts';
import { quorumOf } from '../../../src/params/quorum.ts';

const VICTIM = itemId('11'.repeat(32));
const OTHER = itemId('22'.repeat(32));
const subsets = (count: number): number[][] =>
  Array.from({ length: 2 ** count }, (_, bits) =>
    Array.from({ length: count }, (_, i) => i).filter((i) => (bits >> i) & 1),
  );

describe.each([4, 7])('the adversary that decides who holds a batch and which ballots count, n = %i', (n) => {
  const { f, q } = quorumOf(n);
  const correct = n - f;
  const listsOf = (holders: readonly number[]): ItemId[][] =>
    Array.from({ length: correct }, (_, i) => (holders.includes(i) ? [OTHER, VICTIM] : [OTHER]));

  /** Whether some set of q or more of all n ballots has fewer than f + 1 that list the batch. Censors list nothing. */
  const canBeOut = (holders: readonly number[]): boolean =>
    subsets(n).some(
      (named) => named.length >= q && named.filter((i) => i < correct && holders.includes(i)).length <= f,
    );

  test('is beaten by no set of holders and of named ballots', () => {
    for (const holders of subsets(correct)) {
      const { items } = mostHarmful({ n, censors: f }, listsOf(holders), (id) => id === VICTIM);
      expect(items.includes(VICTIM), `holders ${holders}`).toBe(!canBeOut(holders));
    }
  });

  test('keeps a batch out unless 2f + 1 correct ballots list it, and never then', () => {
    for (const holders of subsets(correct)) expect(canBeOut(holders)).toBe(holders.length < 2 * f + 1);
  });

  test('leaves in what all list', () => {
    const { items, named } = mostHarmful({ n, censors: f }, listsOf([0]), (id) => id === VICTIM);
    expect(items).toEqual([OTHER]);
    expect(named).toHaveLength(q - f);
  });
});

test('of choices that keep out equally many batches of victims, the one that lets in the fewest items is taken', () => {
  const lists = [[VICTIM, OTHER], [OTHER], []];
  const { items } = mostHarmful({ n: 4, censors: 1 }, lists, (id) => id === VICTIM);
  expect(items).toEqual([]);
});
