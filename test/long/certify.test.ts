import { expect, test } from 'vitest';
import { CertifyModel, exploreCertify } from '../sim/certify-model.ts';

// Fewer heights, seven validators and the rules that stall: test/sim/certify-model.test.ts.
test('every schedule among four validators over four heights gets every correct one through', () => {
  expect(exploreCertify(new CertifyModel(4, 4))).toEqual({
    states: 2_140_643,
    ends: 253_104,
    liveRounds: 2,
    stuck: undefined,
  });
});
