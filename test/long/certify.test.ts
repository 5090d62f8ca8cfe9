import { expect, test } from 'vitest';
import { CertifyModel, exploreCertify } from '../sim/certify-model.ts';
import { CertifyRefinement } from '../sim/certify-refinement.ts';

// Fewer heights, seven validators and the rules that stall: test/sim/certify-model.test.ts.
test('every schedule among four validators over four heights gets every correct one through', () => {
  expect(exploreCertify(new CertifyModel(4, 4))).toEqual({
    states: 2_140_643,
    ends: 253_104,
    liveRounds: 2,
    stuck: undefined,
  });
});

test('what real validators do in random schedules, the model can do, and all get through', () => {
  for (let seed = 1; seed <= 100; seed++) {
    const run = new CertifyRefinement(seed, 3);
    run.run();
    expect(
      run.world.certified.slice(0, 3).every((at) => at >= 3),
      `SEED=${seed}`,
    ).toBe(true);
    expect(run.world.faults, `SEED=${seed}`).toEqual([]);
  }
});
