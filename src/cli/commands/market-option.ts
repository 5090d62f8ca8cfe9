import { type Command, InvalidArgumentError, Option } from 'commander';
import { formatDecimal, parseDecimal } from '../../formats/decimal.ts';
import { ONE } from '../../market/fixed-point.ts';
import { greeks } from '../../market/greeks.ts';
import type { OptionType } from '../../market/params.ts';
import { CliError } from '../errors.ts';
import type { Terminal } from '../io.ts';
import { table } from '../table.ts';

/** Digits after the point of every number here. */
const DECIMALS = 18;

interface OptionFlags {
  readonly type: OptionType;
  readonly forward: bigint;
  readonly strike: bigint;
  readonly years: bigint;
  readonly vol: bigint;
  readonly discount: bigint;
  readonly json: boolean;
}

/** Adds `velum market option`. */
export function addMarketOptionCommand(market: Command, terminal: Terminal): void {
  market
    .command('option')
    .description('Prices a European option on a forward by Black-76, with its sensitivities.')
    .addOption(new Option('--type <type>', 'call or put').choices(['call', 'put']).makeOptionMandatory())
    .requiredOption('--forward <price>', 'price of the forward', number(1n))
    .requiredOption('--strike <price>', 'strike', number(1n))
    .requiredOption('--years <time>', 'time to expiry in years', number(0n))
    .requiredOption('--vol <vol>', 'volatility a year, 0.5 is 50 %', number(0n))
    .addOption(
      // A bigint has no JSON, which help would print a default in.
      new Option('--discount <factor>', 'discount factor to expiry, above 0')
        .argParser(number(1n))
        .default(ONE, '1'),
    )
    .option('--json', 'print one JSON object instead of a table', false)
    .addHelpText(
      'after',
      `
Example (Hull, "Options, Futures, and Other Derivatives", a put on a futures contract: 1.12):
  velum market option --type put --forward 20 --strike 20 --years 0.333333333333333333 --vol 0.25 --discount 0.970445533548508 --json
Prints {"price", "delta", "gamma", "vega", "theta"}: decimal strings with up to ${DECIMALS} decimals. Delta and gamma are
per unit of the forward, vega per 1 (100 %) of volatility, theta per year.
Exit codes: 0 priced, 2 wrong options.`,
    )
    .action((flags: OptionFlags) => runOption(flags, terminal));
}

const number =
  (least: bigint) =>
  (text: string): bigint => {
    const value = parseDecimal(text, DECIMALS);
    if (value !== undefined && value >= least) return value;
    throw new InvalidArgumentError(
      `A plain decimal number ${least > 0n ? 'above 0' : 'from 0 on'} with at most ${DECIMALS} decimals is expected.`,
    );
  };

/** Times of years and volatilities beyond which fixed point has no meaning. */
const MOST = 10_000n * ONE;

async function runOption({ json, discount, ...option }: OptionFlags, terminal: Terminal): Promise<void> {
  if (option.years > MOST || option.vol > MOST)
    throw new CliError('USAGE', 'at most 10000 years and a volatility of at most 10000 are possible');
  const values = greeks(option, discount);
  const rows = (['price', 'delta', 'gamma', 'vega', 'theta'] as const).map(
    (what) => [what, formatDecimal(values[what], DECIMALS)] as const,
  );
  if (json) return terminal.out(`${JSON.stringify(Object.fromEntries(rows))}\n`);
  return terminal.out(`${table(rows).join('\n')}\n`);
}
