import { relative } from 'node:path';
import type { Command } from 'commander';
import { formatDecimal, formatUsdc } from '../../formats/decimal.ts';
import { FUNDING_FILE_BYTES, type FundingFile, parseFundingFile } from '../../formats/funding-file.ts';
import { damped, fundingPerLot, fundingRate, impactPrice, premiumSample } from '../../market/funding.ts';
import { clamp } from '../../market/rounding.ts';
import { inputPath } from '../input-file.ts';
import { readTextFile, type Terminal } from '../io.ts';
import { table } from '../table.ts';

/** Adds `velum market funding`. */
export function addMarketFundingCommand(market: Command, terminal: Terminal): void {
  market
    .command('funding')
    .description('Computes what a perpetual pays in funding, from books or premium samples to payments.')
    .requiredOption('--file <file.json>', 'index, rates, books or premiums of the hour, positions')
    .option('--json', 'print one JSON object instead of a table', false)
    .addHelpText(
      'after',
      `
Example:
  velum market funding --file examples/funding.json --json
Prints samplesPpm, meanPpm, dampedPpm, capPpm, ratePpm (of eight hours) as numbers, perLot and payments as decimal
strings in USDC: what a long lot pays to a short one, what each position receives.
Exit codes: 0 computed, 2 wrong options or file.
The rule: src/market/README.md, Funding. The file: examples/README.md.`,
    )
    .action((flags: { file: string; json: boolean }) => runFunding(flags, terminal));
}

async function runFunding(flags: { file: string; json: boolean }, terminal: Terminal): Promise<void> {
  const path = inputPath(terminal.cwd, flags.file);
  const file = relative(terminal.cwd, path);
  const told = fundingOf(parseFundingFile(await readTextFile(path, FUNDING_FILE_BYTES), file));
  const payments = [...told.payments].map(([who, amount]) => [who, amount] as const);
  if (flags.json) {
    const numbers = Object.fromEntries(
      Object.entries(told.ppm).map(([key, value]) => [`${key}Ppm`, Number(value)]),
    );
    const json = {
      samplesPpm: told.samples.map(Number),
      ...numbers,
      perLot: formatDecimal(told.perLot),
      payments: Object.fromEntries(payments.map(([who, amount]) => [who, formatDecimal(amount)])),
    };
    return terminal.out(`${JSON.stringify(json)}\n`);
  }
  const rows = [
    ['Samples', `${told.samples.length}`],
    ...Object.entries(told.ppm).map(([key, value]) => [
      `${key[0]!.toUpperCase()}${key.slice(1)}`,
      `${value} ppm`,
    ]),
    ['A long lot pays', formatUsdc(told.perLot)],
    ...payments.map(([who, amount]) => [`${who} receives`, formatUsdc(amount)]),
  ];
  return terminal.out(`${table(rows, ['left', 'right']).join('\n')}\n`);
}

function fundingOf({
  index,
  capPpm,
  impactNotional,
  damperPpm,
  samplePpmLimit,
  seconds,
  samples: given,
  positions,
}: FundingFile) {
  const samples = given.map((sample) => {
    if (typeof sample === 'bigint') return clamp(sample, -samplePpmLimit, samplePpmLimit);
    const bid = impactPrice(sample.residual, 'buy', impactNotional);
    const ask = impactPrice(sample.residual, 'sell', impactNotional);
    return premiumSample(bid, ask, sample.index, samplePpmLimit);
  });
  const sum = samples.reduce((total, sample) => total + sample, 0n);
  const count = BigInt(samples.length);
  const mean = count === 0n ? 0n : sum / count;
  const rate = fundingRate({ damperPpm }, capPpm, sum, count);
  const perLot = fundingPerLot(rate, index, seconds);
  return {
    samples,
    ppm: { mean, damped: damped(mean, damperPpm), cap: capPpm, rate },
    perLot,
    payments: new Map([...positions].map(([who, lots]) => [who, -lots * perLot])),
  };
}
