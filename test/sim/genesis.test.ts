import { describe, expect, test } from 'vitest';
import { DEALING_ATTACKS } from '../../src/committee/dealing-attacks.ts';
import { attackNamed, checkGenerated, contradictions, generate } from './genesis-checks.ts';

describe('members generate the keys of the first epoch', () => {
  test.each([1, 2, 3, 4, 7, 10])(
    'n = %i: all have their shares of one key, and nobody is left out for good',
    (n) => {
      const world = generate(n, 1);
      checkGenerated(world);
      expect(contradictions(world)).toEqual([]);
      expect(world.faults.flat()).toEqual([]);
    },
  );
});

describe('f Byzantine dealers', () => {
  const cases = DEALING_ATTACKS.map(({ name }, i) => [name, [4, 7][i % 2]!] as const);
  test.each(cases)('%s, n = %i: every correct member has its shares', (name, n) => {
    const world = generate(n, 2, attackNamed(name));
    checkGenerated(world);
    expect(contradictions(world)).toEqual([]);
  });
});
