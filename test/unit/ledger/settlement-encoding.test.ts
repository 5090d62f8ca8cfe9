import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decodeSettlement,
  encodeSettlement,
  genesisSettlement,
  stateRoot,
} from '../../../src/ledger/settlement-state.ts';
import { settle } from '../../../src/ledger/transition.ts';
import { SCENARIO_MARKET, scenarioHeight } from '../../helpers/market-scenario.ts';
import { sampleChain } from './market.ts';

const SEEDS = [1, 2, 3, 4, 5];

test('a settled state is read back from its encoding, and the next height settles from it to the same', () => {
  for (const seed of SEEDS) {
    const { before, input, result } = scenarioHeight(seed, 60);
    const read = decodeSettlement(encodeSettlement(before))!;
    expect(read).toEqual(before);
    expect(stateRoot(read)).toEqual(stateRoot(before));
    expect(encodeSettlement(read)).toEqual(encodeSettlement(before));
    expect(settle(SCENARIO_MARKET, read, input)).toEqual(result);
  }
});

test('so is that of genesis', () => {
  const genesis = genesisSettlement(sampleChain());
  expect(decodeSettlement(encodeSettlement(genesis))).toEqual(genesis);
});

test('the encoding does not depend on the order in which maps were filled', () => {
  const { before } = scenarioHeight(1, 60);
  const accounts = new Map([...before.accounts].reverse());
  const distress = new Map([...before.distress].reverse());
  expect(encodeSettlement({ ...before, accounts, distress })).toEqual(encodeSettlement(before));
});

test('whatever bytes are changed, reading does not throw, and what comes out has just this encoding and another root', () => {
  const { before } = scenarioHeight(2, 40);
  const bytes = encodeSettlement(before);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
      const changed = bytes.slice();
      changed[at]! ^= by;
      const state = decodeSettlement(changed);
      if (state === undefined) return;
      expect(encodeSettlement(state)).toEqual(changed);
      expect(stateRoot(state)).not.toEqual(stateRoot(before));
    }),
    { numRuns: 300 },
  );
});
