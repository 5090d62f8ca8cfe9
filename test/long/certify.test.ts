import { expect, test } from 'vitest';
import { CertifyModel, exploreCertify } from '../sim/certify-model.ts';

// The sample that every run of the tests takes is test/sim/certify-model.test.ts.
test.each([
  [4, 4, 2_636_084, 176_816],
  [7, 2, 168_519, 3_876],
])(
  'every schedule among %i validators over %i heights gets every correct one through',
  (n, heights, states, ends) => {
    expect(exploreCertify(new CertifyModel(n, heights))).toEqual({
      states,
      ends,
      liveRounds: 2,
      stuck: undefined,
    });
  },
);
