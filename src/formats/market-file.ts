import { z } from 'zod';
import { validateMarketParams } from '../market/check-params.ts';
import { MAX_PRICE } from '../market/order.ts';
import { indexPerLot, type MarketParams, oracleFeeds } from '../market/params.ts';
import { MAX_UNITS } from '../params/sizes.ts';
import { formatDecimal, parseDecimal } from './decimal.ts';
import type { Problem } from './errors.ts';
import { FormatError } from './errors.ts';
import { dotted, parseTime, ppm, readJson, time, usdc } from './json-file.ts';
import { marketOf, marketSchema } from './market-schema.ts';
import { isName, NAME_RULE } from './names.ts';
import { fileError } from './problems.ts';
import { MAX_RUN_HEIGHT, type MarketFile, type OracleHeight } from './run-input.ts';
import { readTransfers, transfersSchema } from './transfers.ts';

export const MARKET_FILE_BYTES = 1 << 20;
const MAX_TRADERS = 1_000;
const MAX_NOTES = 10_000;
/** Height 0 has prices too. */
const MAX_ORACLE_HEIGHTS = MAX_RUN_HEIGHT + 1;

/** What an older file is told. */
const VERSION =
  'this program reads version 2. A file of version 1 becomes one by "version": 2 and, in "market", "insurance": { "seed": "0" }: ' +
  'what the insurance fund holds at genesis. Perpetuals are marked at the index from then on';

const schema = z.strictObject({
  version: z.literal(2, VERSION),
  market: marketSchema,
  traders: z.record(z.string(), z.array(usdc).min(1, 'at least one note is expected')),
  oracle: z
    .array(
      z.strictObject({
        time,
        observed: time.optional(),
        index: usdc.optional(),
        volsPpm: z.record(z.string(), z.record(z.string(), ppm)).default({}),
      }),
    )
    .min(2, 'oracle prices of height 0 (genesis) and at least one more are expected')
    .max(MAX_ORACLE_HEIGHTS, `at most ${MAX_ORACLE_HEIGHTS} heights are possible`),
  transfers: transfersSchema,
});
type Schema = z.infer<typeof schema>;

/**
 * A market, its traders' genesis notes, its oracle prices and what crosses the edge of the accounts.
 * @param text JSON; its fields are described in examples/README.md
 * @param file its name, for messages
 * @throws {FormatError} MARKET_FILE with all problems of shape, or else all problems of content, each with its
 *         JSON path and a reason
 */
export function parseMarketFile(text: string, file: string): MarketFile {
  const {
    market,
    traders,
    oracle: heightsGiven,
    transfers,
  } = readJson(schema, text, file, FormatError.of('MARKET_FILE'));
  const params = marketOf(market);
  const problems = validateMarketParams(params).map(
    ({ path, reason }): Problem => ({ where: `$.market.${path}`, reason }),
  );
  problems.push(...traderProblems(traders));
  const heights: OracleHeight[] = [];
  for (const [height, entry] of heightsGiven.entries())
    heights.push(readOracle(entry, height, heights[height - 1], params, problems));
  const moves = readTransfers(transfers, new Set(Object.keys(traders)), problems);
  if (problems.length > 0) throw fileError(FormatError.of('MARKET_FILE'), file, problems);
  return { params, notes: new Map(Object.entries(traders)), oracle: heights, transfers: moves };
}

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

/**
 * One height's feeds in their order. At genesis every one must be there; later a price that is left out is as before. Each is known, and given once.
 */
function readOracle(
  { time: timeS, observed: observedS = timeS, index: given, volsPpm }: Schema['oracle'][number],
  height: number,
  previous: OracleHeight | undefined,
  params: MarketParams,
  problems: Problem[],
): OracleHeight {
  const at = `$.oracle[${height}]`;
  const problem = (where: string, reason: string): number => problems.push({ where, reason });
  if (previous !== undefined && timeS < previous.timeS)
    problem(`${at}.time`, 'the time is before that of the height before');
  if (observedS > timeS)
    problem(`${at}.observed`, 'prices are observed no later than the time of their height');
  const index = given ?? previous?.values[0];
  if (index === undefined) problem(`${at}.index`, 'the index of genesis is expected');
  const perLot = params.instruments.map((instrument) => indexPerLot(instrument, index ?? 0n));
  const odd = perLot.findIndex((value) => value < 1n || value > MAX_PRICE);
  if (index !== undefined && odd >= 0)
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
  for (const feed of vols.keys())
    if (!volFeeds.includes(feed))
      problem(`${at}.volsPpm`, `${describe(feed)} belongs to no option of the market`);
  const values = volFeeds.map((feed, i) => {
    const vol = vols.get(feed) ?? previous?.values[i + 1];
    if (vol === undefined) problem(`${at}.volsPpm`, `${describe(feed)} is missing`);
    return vol ?? 0n;
  });
  return { timeS, observedS, values: [index ?? 0n, ...values] };
}

const LOT_RULE = `at least ${formatDecimal(1n)} and at most ${formatDecimal(MAX_PRICE)} is possible`;

/** "the volatility of 2026-12-25T08:00:00Z, strike 60000" */
function describe(feed: string): string {
  const [, expiry, strike] = feed.split(':');
  const when = new Date(Number(expiry) * 1000).toISOString().replace('.000Z', 'Z');
  return `the volatility of ${when}, strike ${formatDecimal(BigInt(strike!))}`;
}
