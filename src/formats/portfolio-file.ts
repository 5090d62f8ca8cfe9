import { z } from 'zod';
import type { Account, Position } from '../market/account.ts';
import { validateMarketParams } from '../market/check-params.ts';
import type { MarketParams } from '../market/params.ts';
import { type InstrumentIndex, instrumentIndex } from '../params/ids.ts';
import type { Problem } from './errors.ts';
import { FormatError } from './errors.ts';
import { dotted, ppm, readJson, signedUsdc, textOf, usdc } from './json-file.ts';
import { marketOf, marketSchema } from './market-schema.ts';
import { fileError } from './problems.ts';

export const PORTFOLIO_FILE_BYTES = 1 << 20;

/** Rules that no margin depends on may be left out of a portfolio's market. */
const portfolioMarket = marketSchema.extend({
  name: z.string().default('portfolio'),
  bandPpm: ppm.default(100_000n),
  feePpm: ppm.default(0n),
  markClampPpm: ppm.default(10_000n),
  premiumWeightPpm: ppm.default(100_000n),
  batchFee: usdc.default(1n),
  optionMargin: marketSchema.shape.optionMargin.prefault({
    aPpm: 150_000,
    bPpm: 100_000,
    mPpm: 75_000,
    offPpm: 1_050_000,
  }),
  insurance: marketSchema.shape.insurance.default({ seed: 0n }),
});

const MAX_POSITION = 10n ** 15n;
const signedLots = textOf('a whole number of lots such as "-3", not 0,', (text) => {
  if (!/^-?[1-9]\d{0,15}$/.test(text)) return undefined;
  const lots = BigInt(text);
  return lots <= MAX_POSITION && lots >= -MAX_POSITION ? lots : undefined;
});

const schema = z.strictObject({
  version: z.literal(1, 'this program reads version 1'),
  market: portfolioMarket,
  index: usdc,
  marks: z.record(z.string(), usdc),
  cash: signedUsdc,
  positions: z.array(
    z.strictObject({ instrument: z.string('a name is expected'), lots: signedLots, quote: signedUsdc }),
  ),
});

/** An account and what it is judged by. */
export interface Portfolio {
  readonly params: MarketParams;
  /** Units per 1 underlying. */
  readonly index: bigint;
  /** Units per lot, one per instrument. */
  readonly marks: readonly bigint[];
  readonly account: Account;
}

/**
 * @param text JSON; its fields are described in examples/README.md
 * @throws {FormatError} PORTFOLIO_FILE with all problems of shape, or else all of content, each with its JSON path
 */
export function parsePortfolioFile(text: string, file: string): Portfolio {
  const {
    market,
    index,
    marks: given,
    cash,
    positions,
  } = readJson(schema, text, file, FormatError.of('PORTFOLIO_FILE'));
  const params = marketOf(market);
  const problems = validateMarketParams(params).map(
    ({ path, reason }): Problem => ({ where: `$.market.${path}`, reason }),
  );
  const names = params.instruments.map(({ name }) => name);
  for (const name of names)
    if (!Object.hasOwn(given, name)) problems.push({ where: '$.marks', reason: `${name} has no mark` });
  for (const name of Object.keys(given))
    if (!names.includes(name)) problems.push({ where: `$.marks${dotted(name)}`, reason: NO_INSTRUMENT });
  const held = new Map<InstrumentIndex, Position>();
  positions.forEach(({ instrument, lots, quote }, i) => {
    const at = instrumentIndex(names.indexOf(instrument));
    const where = `$.positions[${i}].instrument`;
    if (at < 0) problems.push({ where, reason: NO_INSTRUMENT });
    else if (held.has(at)) problems.push({ where, reason: 'there is a position in it already' });
    else held.set(at, { lots, quote });
  });
  if (problems.length > 0) throw fileError(FormatError.of('PORTFOLIO_FILE'), file, problems);
  const account = { cash, sequence: 0n, positions: held };
  return { params, index, marks: names.map((name) => given[name]!), account };
}

const NO_INSTRUMENT = 'the market has no instrument of this name';
