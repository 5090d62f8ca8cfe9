import { expect, test } from 'vitest';
import { runScenario } from '../../../src/sim/scenario.ts';

const SIZES = [7, 22] as const;

/** The exponent e with which all messages of a height, or of each of its outputs, grow as n^e, all correct. */
function growthOf(acs: 'fin' | 'alea' | 'hotstuff', per: 'height' | 'output'): number {
  const [few, many] = SIZES.map((validators) => {
    const rest = { payloadBytes: 20, faulty: 0, fault: 'crash', rbc: 'digest', heights: 1, seed: 1 } as const;
    const { violations, heights } = runScenario({
      validators,
      acs,
      delay: { kind: 'const', ms: 100 },
      ...rest,
    });
    expect(violations).toEqual([]);
    const { messagesPerNode, outputs } = heights[0]!;
    return (messagesPerNode * validators) / (per === 'output' ? outputs : 1);
  });
  return Math.log(many! / few!) / Math.log(SIZES[1] / SIZES[0]);
}

test('messages grow as the papers say: HotStuff’s with n, of a proposal in Alea with n², of a height in FIN with n³', () => {
  expect(growthOf('hotstuff', 'height')).toBeCloseTo(1.1, 1);
  expect(growthOf('alea', 'output')).toBeCloseTo(1.9, 1);
  expect(growthOf('fin', 'height')).toBeCloseTo(3, 1);
});
