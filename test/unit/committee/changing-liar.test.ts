import { expect, test } from 'vitest';
import { ChangingLiar } from '../../../src/committee/changing-liar.ts';
import { moved } from '../../../src/committee/sample-market.ts';
import { TradingWorld } from '../../../src/committee/traders.ts';
import { validatorOf } from '../../../src/host/machine.ts';
import { kernels } from '../../helpers/kernels.ts';
import { trade } from '../../sim/committee-heights.ts';

const LIAR = 3;

test('a validator that lies in another way at each height is found out, and goes on from its log like any other', () => {
  const world = new TradingWorld({
    kernels,
    n: 4,
    seed: 3,
    faulty: new Map([[LIAR, {}]]),
    more: {
      machineOf: (config, snapshot) => {
        const validator = validatorOf(config, snapshot);
        return config.self === LIAR ? new ChangingLiar(validator, config) : validator;
      },
    },
  });
  const { committee } = world;
  trade(world, 1);
  for (let at = 1; at <= 2; at++) {
    if (at === 2) committee.members.kill(LIAR);
    world.runHeight(at, moved(at));
    committee.check(at);
  }
  const found = new Set(committee.faultsOf([LIAR]).map(({ fault }) => fault));
  expect([...found]).toEqual(
    expect.arrayContaining([
      'BALLOT_EQUIVOCATION',
      'DECRYPTION_SHARE_INVALID',
      'HEADER_SIGNATURE_INVALID',
      'SETTLEMENT_SIGNATURE_INVALID',
    ]),
  );
  expect(committee.members.hosts[LIAR]).toBeDefined();
});
