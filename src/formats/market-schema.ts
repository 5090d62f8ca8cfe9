import { z } from 'zod';
import { DEFAULT_RULES, MAX_TIERS } from '../market/params.ts';
import { MAX_INSTRUMENTS } from '../params/sizes.ts';
import { decimal, name, ppm, time, usdc, whole } from './json-file.ts';

const perpetual = z.strictObject({ name, kind: z.literal('perp'), lotPpm: ppm });
const option = z.strictObject({
  name,
  kind: z.literal('option'),
  type: z.enum(['call', 'put'], '"call" or "put" is expected'),
  strike: usdc,
  expiry: time,
  lotPpm: ppm,
});

/** What a file leaves out. */
const { oracle, funding, liquidation } = DEFAULT_RULES;

/** The rules of a market, as files give them. */
export const marketSchema = z.strictObject({
  name,
  instruments: z
    .array(z.discriminatedUnion('kind', [perpetual, option], '"kind" must be "perp" or "option"'))
    .min(1, 'at least one instrument is expected')
    .max(MAX_INSTRUMENTS, `at most ${MAX_INSTRUMENTS} instruments are possible`),
  imfPpm: ppm,
  mmfPpm: ppm,
  bandPpm: ppm,
  feePpm: ppm,
  markClampPpm: ppm,
  premiumWeightPpm: ppm,
  batchFee: decimal(0n),
  optionMargin: z.strictObject({ aPpm: ppm, bPpm: ppm, mPpm: ppm, offPpm: ppm }),
  tiers: z
    .array(z.strictObject({ fromNotional: usdc, imfPpm: ppm, mmfPpm: ppm }))
    .max(MAX_TIERS, `at most ${MAX_TIERS} size tiers are possible`)
    .default([]),
  oracle: z
    .strictObject({
      indexMovePpm: ppm.default(oracle.indexMovePpm),
      volMovePpm: ppm.default(oracle.volMovePpm),
      staleAfterS: whole.default(oracle.staleAfterS),
    })
    .prefault({}),
  funding: z
    .strictObject({
      impactNotional: usdc.default(funding.impactNotional),
      damperPpm: ppm.default(funding.damperPpm),
      capFactor: whole.default(funding.capFactor),
    })
    .prefault({}),
  liquidation: z
    .strictObject({
      spreadPpm: ppm.default(liquidation.spreadPpm),
      penaltyPpm: ppm.default(liquidation.penaltyPpm),
      patienceHeights: whole.transform(Number).default(liquidation.patienceHeights),
    })
    .prefault({}),
});
