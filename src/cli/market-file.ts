import { z } from 'zod';
import { MAX_PRICE } from '../market/order.ts';
import {
  DEFAULT_RULES,
  indexPerLot,
  MAX_TIERS,
  type MarketParams,
  oracleFeeds,
  validateMarketParams,
} from '../market/params.ts';
import { MAX_INSTRUMENTS, VALUE_BITS } from '../params/sizes.ts';
import { formatDecimal, parseDecimal } from './decimal.ts';
import type { MarketFile, OracleHeight } from './epoch/types.ts';
import { isName, NAME_RULE } from './names.ts';
import { fileError, type Problem, printable, quote } from './problems.ts';

export const MARKET_FILE_BYTES = 1 << 20;
const MAX_TRADERS = 1_000;
const MAX_NOTES = 10_000;
const MAX_ORACLE_HEIGHTS = 1_001;
const MAX_UNITS = (1n << BigInt(VALUE_BITS)) - 1n;

/** A text that `parse` turns into a value; `expected` names what it takes. */
const textOf = <T>(expected: string, parse: (text: string) => T | undefined) =>
  z.string(`${expected} is expected`).transform((text, context): T => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: `${expected} is expected, found ${quote(text)}` });
    return z.NEVER;
  });

const decimal = (least: bigint) =>
  textOf(`USDC such as "61.25", ${least > 0n ? 'more than 0, ' : ''}at most 6 decimals,`, (text) => {
    const value = parseDecimal(text);
    return value !== undefined && value >= least && value <= MAX_UNITS ? value : undefined;
  });

/** "2026-12-25T08:00:00Z": a UTC second, nothing shorter and no other zone. */
function parseTime(text: string): bigint | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text)) return undefined;
  const ms = Date.parse(text);
  // Date.parse rolls 31 February over; a time that does not come back is none.
  if (Number.isNaN(ms) || new Date(ms).toISOString().replace('.000Z', 'Z') !== text) return undefined;
  return BigInt(ms / 1000);
}

const ppm = z
  .int('a whole number of parts per million is expected')
  .min(0, 'parts per million are not negative')
  .transform(BigInt);
const whole = z.int('a whole number is expected').min(0, 'a number from 0 on is expected').transform(BigInt);
const usdc = decimal(1n);
const time = textOf('a UTC time such as "2026-12-25T08:00:00Z"', parseTime);
const name = z.string('a name is expected');

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

const schema = z.strictObject({
  version: z.literal(1, 'this program reads version 1'),
  market: z.strictObject({
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
  }),
  traders: z.record(z.string(), z.array(usdc).min(1, 'at least one note is expected')),
  oracle: z
    .array(z.strictObject({ time, index: usdc, volsPpm: z.record(z.string(), z.record(z.string(), ppm)) }))
    .min(2, 'oracle prices of height 0 (genesis) and at least one more are expected')
    .max(MAX_ORACLE_HEIGHTS, `at most ${MAX_ORACLE_HEIGHTS} heights are possible`),
});
type Schema = z.infer<typeof schema>;

/**
 * A market, its traders' genesis notes and its oracle prices.
 * @param text JSON; its fields are described in examples/README.md
 * @param file its name, for messages
 * @throws {VelumError} MARKET_FILE with all problems of shape, or else all problems of content, each with its
 *         JSON path and a reason
 */
export function parseMarketFile(text: string, file: string): MarketFile {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    const reason = `not JSON: ${printable(cause instanceof Error ? cause.message : String(cause))}`;
    throw fileError('MARKET_FILE', file, [{ where: '$', reason }]);
  }
  const parsed = schema.safeParse(json, { reportInput: false });
  if (!parsed.success) throw fileError('MARKET_FILE', file, parsed.error.issues.flatMap(problemsOf));

  const { market, traders, oracle: heightsGiven } = parsed.data;
  const params: MarketParams = { version: 1, ...market };
  const problems = validateMarketParams(params).map(
    ({ path, reason }): Problem => ({ where: `$.market.${path}`, reason }),
  );
  problems.push(...traderProblems(traders));
  const heights = heightsGiven.map((entry, height) =>
    readOracle(entry, height, heightsGiven[height - 1], params, problems),
  );
  if (problems.length > 0) throw fileError('MARKET_FILE', file, problems);
  return { params, notes: new Map(Object.entries(traders)), oracle: heights };
}

function problemsOf(issue: z.core.$ZodIssue): Problem[] {
  const where = issue.path.reduce<string>(
    (path, key) => (typeof key === 'number' ? `${path}[${key}]` : `${path}${dotted(String(key))}`),
    '$',
  );
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      where: `${where}${dotted(key)}`,
      reason: 'no field of this name is known',
    }));
  return [{ where, reason: issue.message.replace(/^Invalid input: /, '') }];
}

const dotted = (key: string): string => (/^[A-Za-z_]\w*$/.test(key) ? `.${key}` : `[${quote(key)}]`);

function traderProblems(traders: Schema['traders']): Problem[] {
  const names = Object.keys(traders);
  const notes = Object.values(traders).flat();
  const total = notes.reduce((sum, value) => sum + value, 0n);
  const problems = names
    .filter((trader) => !isName(trader))
    .map((trader) => ({ where: `$.traders${dotted(trader)}`, reason: `${NAME_RULE} is expected` }));
  const limit = (isOver: boolean, reason: string): void => {
    if (isOver) problems.push({ where: '$.traders', reason });
  };
  limit(names.length > MAX_TRADERS, `${names.length} traders, ${MAX_TRADERS} at most`);
  limit(notes.length > MAX_NOTES, `${notes.length} notes, ${MAX_NOTES} at most`);
  limit(total > MAX_UNITS, `all notes together are worth more than ${formatDecimal(MAX_UNITS)} USDC`);
  return problems;
}

/** One height's feeds in their order; every volatility must be there, known, and used once. */
function readOracle(
  { time: timeS, index, volsPpm }: Schema['oracle'][number],
  height: number,
  previous: Schema['oracle'][number] | undefined,
  params: MarketParams,
  problems: Problem[],
): OracleHeight {
  const at = `$.oracle[${height}]`;
  const problem = (where: string, reason: string): number => problems.push({ where, reason });
  if (previous !== undefined && timeS < previous.time)
    problem(`${at}.time`, 'the time is before that of the height before');
  const perLot = params.instruments.map((instrument) => indexPerLot(instrument, index));
  const odd = perLot.findIndex((value) => value < 1n || value > MAX_PRICE);
  if (odd >= 0)
    problem(
      `${at}.index`,
      `a lot of ${params.instruments[odd]!.name} would be worth ${formatDecimal(perLot[odd]!)} USDC; ${LOT_RULE}`,
    );
  const expired = params.instruments.find((i) => i.kind === 'option' && i.expiry <= timeS);
  if (height === 0 && expired !== undefined)
    problem(`${at}.time`, `${expired.name} has expired by then: genesis is before every expiry`);
  const vols = new Map<string, bigint>();
  for (const [expiry, strikes] of Object.entries(volsPpm))
    for (const [strike, vol] of Object.entries(strikes)) {
      const where = `${at}.volsPpm${dotted(expiry)}${dotted(strike)}`;
      const [expiryS, strikeUnits] = [parseTime(expiry), parseDecimal(strike)];
      const feed = `vol:${expiryS}:${strikeUnits}`;
      if (expiryS === undefined || strikeUnits === undefined)
        problem(where, 'the keys must be a UTC time and a strike in USDC');
      else if (vols.has(feed)) problem(where, 'this volatility is given twice');
      else if (vol === 0n) problem(where, 'a volatility is more than 0');
      else vols.set(feed, vol);
    }
  const [, ...volFeeds] = oracleFeeds(params);
  for (const feed of volFeeds) if (!vols.has(feed)) problem(`${at}.volsPpm`, `${describe(feed)} is missing`);
  for (const feed of vols.keys())
    if (!volFeeds.includes(feed))
      problem(`${at}.volsPpm`, `${describe(feed)} belongs to no option of the market`);
  return { timeS, values: [index, ...volFeeds.map((feed) => vols.get(feed) ?? 0n)] };
}

const LOT_RULE = `at least ${formatDecimal(1n)} and at most ${formatDecimal(MAX_PRICE)} is possible`;

/** "the volatility of 2026-12-25T08:00:00Z, strike 60000" */
function describe(feed: string): string {
  const [, expiry, strike] = feed.split(':');
  const when = new Date(Number(expiry) * 1000).toISOString().replace('.000Z', 'Z');
  return `the volatility of ${when}, strike ${formatDecimal(BigInt(strike!))}`;
}
