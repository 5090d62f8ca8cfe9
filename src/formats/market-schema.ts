import { z } from 'zod';
import { DEFAULT_RULES, defaultCaps, MAX_TIERS, type MarketParams } from '../market/params.ts';
import { MAX_INSTRUMENTS } from '../params/sizes.ts';
import { decimal, name, ppm, time, usdc, whole } from './json-file.ts';

const tiers = z
  .array(z.strictObject({ fromNotional: usdc, imfPpm: ppm, mmfPpm: ppm }))
  .max(MAX_TIERS, `at most ${MAX_TIERS} size tiers are possible`)
  .default([]);
const caps = z.strictObject({ lowerCap: decimal(0n), upperCap: decimal(0n) });
const perpetual = z.strictObject({
  name,
  kind: z.literal('perp'),
  lotPpm: ppm,
  rates: z.strictObject({ imfPpm: ppm, mmfPpm: ppm, tiers }).optional(),
  openInterest: caps.optional(),
});
const option = z.strictObject({
  name,
  kind: z.literal('option'),
  type: z.enum(['call', 'put'], '"call" or "put" is expected'),
  strike: usdc,
  expiry: time,
  lotPpm: ppm,
  openInterest: caps.optional(),
});

/** What a file leaves out. */
const { oracle, funding, liquidation } = DEFAULT_RULES;
/** Of long options in the place of cash. */
const LONG_PPM = 250_000n;

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
  bandIndexPpm: ppm.default(DEFAULT_RULES.bandIndexPpm),
  feePpm: ppm,
  markClampPpm: ppm,
  premiumWeightPpm: ppm,
  batchFee: decimal(0n),
  optionMargin: z.strictObject({
    aPpm: ppm,
    bPpm: ppm,
    mPpm: ppm,
    offPpm: ppm,
    longPpm: ppm.default(LONG_PPM),
  }),
  tiers,
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
  insurance: z.strictObject({ seed: decimal(0n) }, '{ "seed": "0" } is expected'),
  openInterest: caps.optional(),
});

/** The rules that a file gives, with what follows from others. */
export const marketOf = (given: z.infer<typeof marketSchema>): MarketParams => ({
  version: 2,
  ...given,
  openInterest: given.openInterest ?? defaultCaps(given.insurance),
});
