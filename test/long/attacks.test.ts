import { describe, expect, test } from 'vitest';
import { ATTACKS } from '../../src/committee/attacks/attacks.ts';
import { withstands } from '../sim/attack-checks.ts';

/** In its first quarter this attack funds 64 accounts by deposits, which wait beside the honest ones for their room in ballots. */
const FUNDED = 'variants-accounts';

describe.each([
  [4, 8],
  [7, 8],
  [10, 5],
])('%i validators over %i heights', (n, heights) => {
  test.each(ATTACKS.map(({ name }) => name))('withstand %s', (name) => {
    const { result } = withstands(name, n, heights, 2, name === FUNDED ? heights : 1);
    expect(result.heights).toHaveLength(heights);
  });
});

test('honest items do not wait for 64 accounts that act in another way at each validator', () => {
  withstands(FUNDED, 4, 16, 3, 6);
});
