import { z } from 'zod';
import type { RestingOrder } from '../market/funding.ts';
import type { Side } from '../market/order.ts';
import { DEFAULT_RULES } from '../market/params.ts';
import { PPM } from '../params/sizes.ts';
import { FormatError } from './errors.ts';
import { ppm, readJson, textOf, usdc, whole } from './json-file.ts';
import { fileError } from './problems.ts';

export const FUNDING_FILE_BYTES = 1 << 22;

const lots = textOf('a whole number of lots such as "3", more than 0,', (text) =>
  /^[1-9]\d{0,14}$/.test(text) ? BigInt(text) : undefined,
);
const signedLots = textOf('a whole number of lots such as "-3"', (text) =>
  /^(0|-?[1-9]\d{0,14})$/.test(text) ? BigInt(text) : undefined,
);
const level = z.tuple([usdc, lots], 'a pair ["price", "lots"] is expected');
const height = z.strictObject({
  bids: z.array(level).default([]),
  asks: z.array(level).default([]),
  index: usdc.optional(),
});
const signedPpm = z.int('a whole number of parts per million is expected').transform(BigInt);

const { funding } = DEFAULT_RULES;
const schema = z.strictObject({
  version: z.literal(1, 'this program reads version 1'),
  index: usdc,
  imfPpm: ppm,
  mmfPpm: ppm,
  impactNotional: usdc.default(funding.impactNotional),
  damperPpm: ppm.default(funding.damperPpm),
  capFactor: whole.default(funding.capFactor),
  samplePpmLimit: ppm.default(100_000n),
  seconds: whole.default(3_600n),
  heights: z.array(height).optional(),
  premiumsPpm: z.array(signedPpm).optional(),
  positions: z.record(z.string(), signedLots).default({}),
});

/** What one hour's funding of one perpetual is made of. */
export interface FundingFile {
  /** Units per lot. */
  readonly index: bigint;
  readonly capPpm: bigint;
  readonly impactNotional: bigint;
  readonly damperPpm: bigint;
  /** β: no premium sample counts for more, ppm. */
  readonly samplePpmLimit: bigint;
  /** Since the last funding. */
  readonly seconds: bigint;
  /** Books left over by the auctions, with their index; or else the premium samples themselves, ppm. */
  readonly samples:
    | readonly { readonly index: bigint; readonly residual: readonly RestingOrder[] }[]
    | readonly bigint[];
  readonly positions: ReadonlyMap<string, bigint>;
}

/**
 * @param text JSON; its fields are described in examples/README.md
 * @throws {FormatError} FUNDING_FILE with all problems, each with its JSON path
 */
export function parseFundingFile(text: string, file: string): FundingFile {
  const given = readJson(schema, text, file, FormatError.of('FUNDING_FILE'));
  const { imfPpm, mmfPpm, heights, premiumsPpm } = given;
  const problems = [];
  if (imfPpm > PPM) problems.push({ where: '$.imfPpm', reason: `must be 0 to ${PPM}` });
  if (mmfPpm > imfPpm) problems.push({ where: '$.mmfPpm', reason: `must be 0 to ${imfPpm}` });
  if ((heights === undefined) === (premiumsPpm === undefined))
    problems.push({ where: '$', reason: 'either "heights" or "premiumsPpm" is expected' });
  if (problems.length > 0) throw fileError(FormatError.of('FUNDING_FILE'), file, problems);
  const side = (of: Side, levels: readonly (readonly [bigint, bigint])[]): RestingOrder[] =>
    levels.map(([price, size]) => ({ side: of, price, lots: size }));
  return {
    index: given.index,
    capPpm: given.capFactor * (imfPpm - mmfPpm),
    impactNotional: given.impactNotional,
    damperPpm: given.damperPpm,
    samplePpmLimit: given.samplePpmLimit,
    seconds: given.seconds,
    samples:
      premiumsPpm ??
      heights!.map(({ bids, asks, index }) => ({
        index: index ?? given.index,
        residual: [...side('buy', bids), ...side('sell', asks)],
      })),
    positions: new Map(Object.entries(given.positions)),
  };
}
