import { describe, expect, test } from 'vitest';
import { FIELD, FIELD_SIZES, type FieldName, fieldAdversaries, runField } from './field-campaign.ts';

/** A sample; `npm run test:long` goes through 500 seeds. */
const SEEDS = { 4: [1, 2, 3], 7: [1, 2], 10: [1] } as const;
const only = process.env['FIELD_CELL']?.split(':');

describe.skipIf(only !== undefined).each(FIELD)('%s', (protocol) => {
  test.each(fieldAdversaries(protocol))(
    'agrees, in total order, on valid proposals and ends, beside: %s',
    (adversary) => {
      for (const n of FIELD_SIZES) {
        for (const seed of SEEDS[n]) expect(runField({ protocol, n, adversary, seed })).toEqual([]);
      }
    },
  );
});

test.runIf(only !== undefined)(`the one cell ${only?.join(':')}`, () => {
  const [protocol, n, adversary, seed] = only!;
  const cell = { protocol: protocol as FieldName, n: Number(n), adversary: adversary!, seed: Number(seed) };
  expect(runField(cell)).toEqual([]);
});
