import { relative } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import {
  BOOK_FILE_BYTES,
  type BookRow,
  bookInTicks,
  finestTick,
  PRICE_DECIMALS,
  parseBookFile,
} from '../../formats/book-file.ts';
import { formatDecimal, parseDecimal } from '../../formats/decimal.ts';
import { FormatError } from '../../formats/errors.ts';
import { fileError } from '../../formats/problems.ts';
import { type AuctionResult, clearWithin } from '../../market/auction.ts';
import type { Band } from '../../market/band.ts';
import { max } from '../../market/rounding.ts';
import { CliError } from '../errors.ts';
import { inputPath } from '../input-file.ts';
import { readTextFile, type Terminal } from '../io.ts';
import { table } from '../table.ts';

interface ClearFlags {
  readonly book: string;
  /** Prices scaled by 10^PRICE_DECIMALS. */
  readonly reference?: bigint;
  readonly band?: Band;
  readonly tick?: bigint;
  readonly json: boolean;
}

/** Adds `velum market clear`. */
export function addMarketClearCommand(market: Command, terminal: Terminal): void {
  market
    .command('clear')
    .description('Clears the orders of a file in one auction at one uniform price.')
    .requiredOption('--book <file.csv>', 'orders: rows side,price,lots under that header')
    .option('--reference <price>', 'settles a perfect tie (default: the middle of the best prices)', price)
    .option('--band <low:high>', 'prices at which the auction may clear (default: all)', band)
    .option('--tick <step>', 'step of prices (default: the finest decimal place that occurs)', price)
    .option('--json', 'print one JSON object instead of a table', false)
    .addHelpText(
      'after',
      `
Example:
  velum market clear --book examples/book.csv --reference 61.25 --band 55:67 --json
Prints {"price", "volume", "fills"}: decimal strings, lots filled of each row; price null when nothing trades.
Exit codes: 0 cleared (also without a trade), 2 wrong options or file.
The rule: src/market/README.md, Auction. The file: examples/README.md.`,
    )
    .action((flags: ClearFlags) => runClear(flags, terminal));
}

function price(text: string): bigint {
  const value = parseDecimal(text, PRICE_DECIMALS);
  if (value !== undefined && value > 0n) return value;
  throw new InvalidArgumentError(`A price above 0 with at most ${PRICE_DECIMALS} decimals is expected.`);
}

function band(text: string): Band {
  const [low, high, ...more] = text.split(':');
  if (low === undefined || high === undefined || more.length > 0)
    throw new InvalidArgumentError('Two prices LOW:HIGH are expected.');
  const prices = { low: price(low), high: price(high) };
  if (prices.low <= prices.high) return prices;
  throw new InvalidArgumentError('The lower price comes first.');
}

async function runClear(flags: ClearFlags, terminal: Terminal): Promise<void> {
  const path = inputPath(terminal.cwd, flags.book);
  const file = relative(terminal.cwd, path);
  const rows = parseBookFile(await readTextFile(path, BOOK_FILE_BYTES), file);
  const options = [flags.reference, flags.band?.low, flags.band?.high].flatMap((p) => p ?? []);
  const tick = flags.tick ?? finestTick([...rows.map((row) => row.price), ...options]);
  const uneven = rows.filter((row) => row.price % tick !== 0n);
  if (uneven.length > 0) {
    const reason = `the price is no multiple of the tick ${formatDecimal(tick, PRICE_DECIMALS)}`;
    throw fileError(
      FormatError.of('BOOK_FILE'),
      file,
      uneven.map(({ line }) => ({ where: `line ${line}, price`, reason })),
    );
  }
  if (options.some((p) => p % tick !== 0n))
    throw new CliError('USAGE', 'the reference and the band must be multiples of the tick');

  const { price: clearing, volume, fills } = clearRows(rows, flags, tick);
  const shown = clearing === null ? null : formatDecimal(clearing * tick, PRICE_DECIMALS);
  if (flags.json) {
    const json = { price: shown, volume: volume.toString(), fills: fills.map(String) };
    return terminal.out(`${JSON.stringify(json)}\n`);
  }
  const head = shown === null ? 'No trade' : `Price ${shown}, volume ${volume}`;
  const lines = table(
    [
      ['Line', 'side', 'limit', 'lots', 'filled'],
      ...rows.map(({ line, side, price: limit, lots }, i) => [
        `${line}`,
        side,
        formatDecimal(limit, PRICE_DECIMALS),
        `${lots}`,
        `${fills[i]}`,
      ]),
    ],
    ['right', 'left', 'right', 'right', 'right'],
  );
  return terminal.out(`${[head, ...lines].join('\n')}\n`);
}

/** Prices of the result in ticks. Without a reference a tie takes the middle of the best prices, rounded down. */
function clearRows(
  rows: readonly BookRow[],
  { band: given, reference }: ClearFlags,
  tick: bigint,
): AuctionResult {
  const book = bookInTicks(rows, tick);
  const highest = book.reduce((most, row) => max(most, row.price), 1n);
  const within =
    given === undefined ? { low: 1n, high: highest } : { low: given.low / tick, high: given.high / tick };
  if (reference !== undefined) return clearWithin(book, within, reference / tick);
  const low = clearWithin(book, within, within.low).price;
  const high = clearWithin(book, within, within.high).price;
  return clearWithin(book, within, ((low ?? 1n) + (high ?? 1n)) / 2n);
}
